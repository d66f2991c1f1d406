"""Rows of a database as files have them, and which of them were taken before. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from schemas.cells import Cell, Row

Position = int | datetime
"""Value of the column by which a feed's rows are ordered."""


class BadPositionError(Exception):
    """The column by which rows are ordered holds neither whole numbers nor times."""


def row_of(record: Mapping[str, Any], columns: Mapping[str, str], order: str) -> Row:
    """Row of a record; the ordering column stays away unless it is named as one, and those named `""` do."""
    called = {name: columns.get(name, "" if name == order else name) for name in record}
    return {called[name]: _cell(value) for name, value in record.items() if called[name]}


def _cell(value: Any) -> Cell:
    if value is None or isinstance(value, (bool, int, float, str, date)):
        return value
    return str(value)


def position_of(value: Any) -> Position:
    """Position of a record.

    Raises:
        BadPositionError: see above.

    """
    if isinstance(value, Decimal) and value == value.to_integral_value():
        return int(value)
    if isinstance(value, datetime) or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    raise BadPositionError(f"the ordering column holds {type(value).__name__}: take one of whole numbers or times")


def looked_back(position: Position, overlap: int) -> Position:
    """Where a poll begins to read."""
    return position - timedelta(seconds=overlap) if isinstance(position, datetime) else position - overlap


def written(position: Position) -> str:
    """Text of a position, for the cursor."""
    return position.isoformat() if isinstance(position, datetime) else str(position)


def read_back(text: str) -> Position:
    """Position of such a text."""
    return int(text) if text.lstrip("-").isdigit() else datetime.fromisoformat(text)


def mark_of(row: Row) -> bytes:
    """What an event's row is known by: its event and revision."""
    return _digest(("event", str(row.get("event_id")), str(row.get("revision") or 0)))


def content_of(row: Row) -> bytes:
    """What a refused row is known by: all of it, so that it is tried again once something was corrected."""
    return _digest(("row", *(f"{column}={row[column]!r}" for column in sorted(row))))


def _digest(said: tuple[str, ...]) -> bytes:
    return hashlib.sha256("\0".join(said).encode()).digest()[:16]
