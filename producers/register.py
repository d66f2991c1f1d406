"""A row of the household register -> a record for both register topics, or the reason why not."""

from __future__ import annotations

import re
from typing import NamedTuple

from producers.intake import household_of, person_of, refuse_unknown_columns, required
from schemas import cells
from schemas.beijing import date_of, day_of
from schemas.cells import Cell, Row
from schemas.faults import FieldError, RowProblem, problem
from schemas.identity import IdentityFault, identity_of

RegisterRecord = dict[str, object]

COLUMNS = frozenset(
    (
        "id_number",
        "household_id",
        "valid_from",
        "valid_to",
        "township_code",
        "village_code",
        "grid_code",
        "tags",
        "labour",
        "retracted",
    )
)
TAGS = ("lifted", "monitored", "relocated")
LABOUR = ("able", "weak", "none")
_SEPARATOR = re.compile(r"[;；]")
_CODES = {
    "township_code": (re.compile(r"[0-9]{9}"), "code_9"),
    "village_code": (re.compile(r"[0-9]{12}"), "code_12"),
    "grid_code": (re.compile(r"[0-9]{12,20}"), "code_grid"),
}
_EARLIEST_DAY, _LATEST_DAY = -25_567, 84_006  # 1900, 2200


class Register(NamedTuple):
    """What all rows of a register file have in common."""

    key: bytes
    published_at: int
    batch_id: str


def register_record_of(row: Row, number: int, register: Register) -> RegisterRecord | RowProblem:
    """Record of a row, ready for the codec, or why it is not sent. Rows count from 1."""
    try:
        return _record(row, number, register)
    except FieldError as fault:
        return problem(number, fault)


def _record(row: Row, number: int, register: Register) -> RegisterRecord:
    person = person_of(row, register.key, date_of(day_of(register.published_at)))
    household = household_of(row)
    if person is None or household is None:
        raise FieldError("id_number" if person is None else "household_id", "missing")
    valid_from, valid_to = _days(row)
    retracted = cells.truth(row.get("retracted"), "retracted") or False
    refuse_unknown_columns(row, COLUMNS)
    return {
        "person_id": person,
        "household_id": household,
        "valid_from": valid_from,
        "valid_to": valid_to,
        **{column: _code(row, column, retracted=retracted) for column in _CODES},
        "tags": _tags(row.get("tags")),
        "labour": cells.word(row.get("labour"), "labour", LABOUR) or "able",
        "retracted": retracted,
        "published_at": register.published_at,
        "batch_id": register.batch_id,
        "row": number,
    }


def _days(row: Row) -> tuple[int, int | None]:
    valid_from = required(cells.day, row, "valid_from")
    valid_to = cells.day(row.get("valid_to"), "valid_to")
    if not _EARLIEST_DAY <= valid_from <= _LATEST_DAY:
        raise FieldError("valid_from", "bad_date")
    if valid_to is not None and not _EARLIEST_DAY <= valid_to <= _LATEST_DAY:
        raise FieldError("valid_to", "bad_date")
    if valid_to is not None and valid_to < valid_from:
        raise FieldError("valid_to", "valid_to")
    return valid_from, valid_to


def _code(row: Row, column: str, *, retracted: bool) -> str:
    """Administrative code; a row that is taken back need not repeat it."""
    pattern, code = _CODES[column]
    found = cells.text(row.get(column), column)
    if found is None:
        if retracted:
            return ""
        raise FieldError(column, "missing")
    if not pattern.fullmatch(found):
        raise FieldError(column, code)
    if _is_identity_number(found, row):
        raise FieldError(column, "id_in_text")
    return found


def _is_identity_number(code: str, row: Row) -> bool:
    """Whether an identity number slipped into a code's column; a grid of the row's village may look like one."""
    village = cells.text(row.get("village_code"), "village_code") or ""
    in_village = bool(village) and code.startswith(village)
    return not in_village and not isinstance(identity_of(code), IdentityFault)


def _tags(cell: Cell) -> list[str]:
    """Sorted, each once: a list in JSON, `;` between in tables."""
    if isinstance(cell, str):
        words: list[Cell] = list(_SEPARATOR.split(cell))
    elif cell is None or isinstance(cell, list):
        words = cell or []
    else:
        raise FieldError("tags", "tags")
    found = {word.strip() if isinstance(word, str) else word for word in words if not cells.empty(word)}
    if not all(isinstance(word, str) and word in TAGS for word in found):
        raise FieldError("tags", "tags")
    return sorted(word for word in found if isinstance(word, str))


def keys_of(record: RegisterRecord) -> tuple[bytes, bytes]:
    """Keys on register.persons and register.households (docs/decisions/0002)."""
    person, household, start = record["person_id"], record["household_id"], record["valid_from"]
    return f"{person}|{household}|{start}".encode(), f"{household}|{start}|{person}".encode()
