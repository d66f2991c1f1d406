"""Files on their way to the bus, invented people only: rows for tests of producers."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

from schemas.beijing import BEIJING
from schemas.codec import Record
from schemas.identity import check_digit

KEY = b"county key of the tests, 32 byte"


def days_ago(days: int) -> str:
    """For programs whose clock is the machine's: what is counted may not be older than 400 days."""
    return f"{datetime.now(BEIJING) - timedelta(days=days):%Y-%m-%d}"


LATELY = days_ago(30)
"""The same day for a whole run."""


def numbered(order: int) -> str:
    digits = f"23122219900101{order:03d}"
    return digits + check_digit(digits)


def fee(number: int, **changes: object) -> Record:
    row = {
        "event_id": f"XF-{number}",
        "kind": "fee",
        "id_number": numbered(number % 1000),
        "occurred_at": "2026-03-14",
        "stage": "junior",
        "due": 1200,
        "overdue": "600.50",
        "overdue_days": 30,
    }
    return {**row, **changes}


def member(number: int, **changes: object) -> Record:
    row = {
        "id_number": numbered(number),
        "household_id": f"H{number:04d}",
        "valid_from": "2024-01-01",
        "township_code": "231222101",
        "village_code": "231222101003",
        "grid_code": "23122210100307",
        "tags": ["lifted"],
    }
    return {**row, **changes}


def lines(path: Path, rows: list[Record]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path
