"""How the cell of each field of a kind is read: by its type and unit, as the schema states them."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

from producers.identity import person_id
from schemas import cell_lists, cells
from schemas.cells import Cell
from schemas.codes import REGION, VILLAGE, bad_code, bad_household_id
from schemas.faults import FieldError
from schemas.identity import IdentityFault, holds_identity_number, identity_of
from schemas.kinds import Field

Parse = Callable[[Cell, str], object]

_PHONE = re.compile(r"(?:\+?86)?(1[3-9]\d{9}|0\d{9,11}|\d{7,8})")
_BETWEEN_DIGITS = re.compile(r"[\s()（）-]+")


def parser_of(field: Field, key: bytes) -> Parse:
    """Parse of a field's cells; `key` is the county's, for who reported something."""
    by_unit: dict[str, Parse] = {
        "fen": cells.fen,
        "day": cells.day,
        "ms": cells.instant,
        "code": code,
        "household": household,
        "village": partial(cell_lists.codes, pattern=VILLAGE, fault="codes_12"),
        "region": partial(cell_lists.codes, pattern=REGION, fault="codes_region"),
        "reporter": partial(reporter, key=key),
    }
    by_type: dict[str, Parse] = {
        "int": cells.integer,
        "long": cells.integer,
        "boolean": cells.truth,
        "enum": partial(cells.word, words=field.symbols),
        "set": partial(cell_lists.words, allowed=field.symbols),
    }
    if field.least is not None and field.most is not None:
        return partial(between, least=field.least, most=field.most)
    return by_unit.get(field.unit) or by_type.get(field.type, cells.text)


def between(cell: Cell, field: str, least: int, most: int) -> int | None:
    """Whole number within limits."""
    found = cells.integer(cell, field)
    if found is not None and not least <= found <= most:
        raise FieldError(field, "range", (f"{least} 至 {most}",))
    return found


def code(cell: Cell, field: str) -> str | None:
    """The department's own code of a facility, road, project or receipt."""
    found = cells.text(cell, field)
    if found is None:
        return None
    if holds_identity_number(found):
        raise FieldError(field, "id_in_text")
    if bad_code(found):
        raise FieldError(field, "bad_code")
    return found


def household(cell: Cell, field: str) -> str | None:
    """Household number; one that is, or holds, an identity number is refused."""
    found = cells.text(cell, field)
    if found is None:
        return None
    if bad_household_id(found) or not found.isprintable():
        raise FieldError(field, "bad_household_id")
    if holds_identity_number(found):
        raise FieldError(field, "id_in_text")
    return found


def reporter(cell: Cell, field: str, key: bytes) -> str | None:
    """Id of who reported something: their person id, or `t_` and as much of their telephone number."""
    found = cells.text(cell, field)
    if found is None:
        return None
    number = identity_of(found)
    if not isinstance(number, IdentityFault):
        return person_id(key, number)
    phone = _PHONE.fullmatch(_BETWEEN_DIGITS.sub("", cells.plain(found)))
    if not phone:
        raise FieldError(field, "reporter")
    return "t" + person_id(key, f"tel:{phone[1]}").removeprefix("p")
