"""One cell -> several words or codes: a list in JSON; in tables one text, `;` (or what else separates) between.

Like `schemas.cells`: every function takes the column's name for its fault, and answers None for an empty cell.
"""

from __future__ import annotations

import re

from schemas.cells import Cell, empty, text
from schemas.faults import FieldError

_SEPARATOR = re.compile(r"[;；,，、\s]+")
_NONE = frozenset(("none", "无"))


def items(cell: Cell, field: str) -> list[str] | None:
    """Texts of a cell, without empty ones."""
    if isinstance(cell, list):
        return [found for each in cell if (found := text(each, field)) is not None]
    if empty(cell):
        return None
    return [part.strip() for part in _SEPARATOR.split(text(cell, field) or "") if part.strip()]


def words(cell: Cell, field: str, allowed: tuple[str, ...]) -> list[str] | None:
    """Some of a closed list, in its order, each once; `none` or 无 for none of them.

    In JSON also an object that says true or false of each.
    """
    if isinstance(cell, dict):
        if not all(isinstance(said, bool) for said in cell.values()) or not set(cell) <= set(allowed):
            raise FieldError(field, "words", allowed)
        return [word for word in allowed if cell.get(word)]
    found = items(cell, field)
    if found is None or (len(found) == 1 and found[0] in _NONE and found[0] not in allowed):
        return None if found is None else []
    if not set(found) <= set(allowed):
        raise FieldError(field, "words", allowed)
    return [word for word in allowed if word in found]


def codes(cell: Cell, field: str, pattern: re.Pattern[str], fault: str) -> list[str] | None:
    """Codes that fit a pattern, sorted, each once."""
    found = items(cell, field)
    if found is None:
        return None
    if not found or not all(map(pattern.fullmatch, found)):
        raise FieldError(field, fault)
    return sorted(set(found))
