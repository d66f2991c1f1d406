"""Invented people and their rows, as a county's offices hold them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from schemas.identity import check_digit

Row = dict[str, object]


def identity_number(order: int, born: str = "19800101") -> str:
    """Valid identity number of an invented person; `order` 0 to 999."""
    digits = f"231222{born}{order:03d}"
    return digits + check_digit(digits)


def member(number: str, household: str, **changes: object) -> Row:
    """Row of the register: lives there since 2020."""
    row: Row = {
        "id_number": number,
        "household_id": household,
        "valid_from": "2020-01-01",
        "township_code": "231222101",
        "village_code": "231222101003",
        "grid_code": "23122210100307",
    }
    return {**row, **changes}


def json_lines(path: Path, rows: Iterable[Mapping[str, object]]) -> Path:
    """Write rows as a file of JSON lines."""
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path
