"""A program's row -> its line in the spool, or why the gateway would not take it. Pure.

The intake's own checks are asked, under a key that makes no person id of anybody. Whether a day is too long ago or to
come is left to the gateway: this machine's clock may be wrong.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from math import isfinite

from producers.publish import REGISTER, Run, ToMessages, event_messages, register_messages
from producers.sdk.errors import Problem
from schemas import cells
from schemas.cells import Cell, Row
from schemas.english import in_english
from schemas.events import TOO_OLD_MS
from schemas.faults import FieldError, RowProblem, problem

_NO_KEY = b"checks only, makes no person id"
_FAR_MS = 7_226_582_400_000
"""2199."""
_HALF = re.compile(r"[\ud800-\udfff]")
"""Half a character, which no text on the wire can carry."""
_BY_THE_CLOCK = "id_birth", "too_old"


def line_of(row: object, sender: str, number: int = 1) -> str | Problem:
    """JSON text of a row, or what is wrong with it; `number` is the row's in its call."""
    plain = as_row(row)
    found = problem(number, plain) if isinstance(plain, FieldError) else _problem(plain, sender, number)
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":")) if found is None else told(found)


def as_row(row: object) -> Row | FieldError:
    """Row as JSON can carry it, without empty cells, or what cannot be."""
    try:
        return _plain(row)
    except FieldError as fault:
        return fault


def told(found: RowProblem) -> Problem:
    """Problem in both languages."""
    return Problem(found.row, found.field, found.code, found.reason, in_english(found))


def _plain(row: object) -> Row:
    if not isinstance(row, Mapping) or not all(isinstance(column, str) for column in row):
        raise FieldError("?", "not_an_object")
    return {column: _cell(value, column) for column, value in row.items() if value is not None}


def _cell(value: object, column: str) -> Cell:
    if isinstance(value, date):  # a datetime is one too
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, list | tuple | set | frozenset):
        return [_cell(each, column) for each in value]
    if isinstance(value, float) and not isfinite(value):
        raise FieldError(column, "text")
    if isinstance(value, str) and _HALF.search(value):
        raise FieldError(column, "text")
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise FieldError(column, "text")


def _problem(row: Row, sender: str, number: int) -> RowProblem | None:
    """Look at a row as if it came in as late as it may; if that tells somebody's birth from the day, much later."""
    found = _asked(row, sender, number, _late(row))
    if found is not None and found.code in _BY_THE_CLOCK:
        found = _asked(row, sender, number, _FAR_MS)
        return None if found is not None and found.code == "too_old" else found
    return found


def _asked(row: Row, sender: str, number: int, published_at: int) -> RowProblem | None:
    found = _messages(sender, published_at)(row, number)
    return found if isinstance(found, RowProblem) else None


def _messages(sender: str, published_at: int) -> ToMessages:
    return (register_messages if sender == REGISTER else event_messages)(Run(sender, published_at, "0" * 64), _NO_KEY)


def _late(row: Row) -> int:
    try:
        occurred = cells.instant(row.get("occurred_at"), "occurred_at")
    except FieldError:
        return _FAR_MS
    return _FAR_MS if occurred is None else min(occurred + TOO_OLD_MS, _FAR_MS)
