"""What a register row must satisfy beyond its schema. Producers ask before sending, assign before counting."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from schemas.codes import PERSON, bad_household_id
from schemas.events import Problem

TAGS = frozenset({"lifted", "monitored", "relocated"})
_CODES = {
    "township_code": re.compile(r"\d{9}"),
    "village_code": re.compile(r"\d{12}"),
    "grid_code": re.compile(r"\d{12,20}"),
}
_EARLIEST_DAY, _LATEST_DAY = -25_567, 84_006


def row_problem(row: Mapping[str, Any]) -> Problem | None:
    """First thing wrong with a decoded register row, or None."""
    if not PERSON.fullmatch(row["person_id"]):
        return Problem("bad_person_id", "person_id")
    if bad_household_id(row["household_id"]):
        return Problem("bad_household_id", "household_id")
    for field, code in _CODES.items():
        if not code.fullmatch(row[field]):
            return Problem("bad_register_row", field)
    if not _days_fit(row["valid_from"], row["valid_to"]):
        return Problem("bad_register_row", "valid_to")
    return None if TAGS.issuperset(row["tags"]) else Problem("bad_register_row", "tags")


def _days_fit(first: int, last: int | None) -> bool:
    return _EARLIEST_DAY <= first <= (_LATEST_DAY if last is None else min(last, _LATEST_DAY))
