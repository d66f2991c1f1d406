"""A department's row -> an event, or the reason why not. No clock, no network, no logs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import TypeVar

from producers.fields import Parse, household, parser_of
from producers.identity import person_id
from schemas import cells
from schemas.beijing import date_of, day_of
from schemas.cells import Cell, Row
from schemas.codes import REGION
from schemas.event_columns import AREAS, ENVELOPE
from schemas.events import problem_of
from schemas.faults import FieldError, RowProblem, problem
from schemas.identity import IdentityFault, holds_identity_number, identity_of
from schemas.kinds import Kind, all_kinds

Event = dict[str, object]
T = TypeVar("T")

_EXACT = 2**53
_DIGITS_OF_OLD_NUMBER = 15


@dataclass(frozen=True, slots=True)
class Intake:
    """What all rows of a file have in common.

    Attributes:
        department: its code.
        key: county key that makes person ids.
        published_at: milliseconds; when the file is pushed.
        batch_id: the file's.

    """

    department: str
    key: bytes
    published_at: int
    batch_id: str


def event_of(row: Row, number: int, intake: Intake) -> Event | RowProblem:
    """Event of a row, ready for the codec, or why it is not sent.

    Args:
        row: column -> cell, as the reader gives it.
        number: of the row, from 1.
        intake: the file's circumstances.

    """
    try:
        return _event(row, number, intake)
    except FieldError as fault:
        return problem(number, fault)


def _event(row: Row, number: int, intake: Intake) -> Event:
    kind = _kind(row, intake.department)
    retracted = cells.truth(row.get("retracted"), "retracted") or False
    event: Event = {
        "event_id": safe_text(row, "event_id"),
        "revision": cells.integer(row.get("revision"), "revision") or 0,
        "retracted": retracted,
        "department": intake.department,
        "kind": kind.name,
        "region_code": _region(row),
        "person_id": person_of(row, intake.key, date_of(day_of(intake.published_at))),
        "household_id": household_of(row),
        "occurred_at": required(cells.instant, row, "occurred_at"),
        "published_at": intake.published_at,
        "batch_id": intake.batch_id,
        "row": number,
        "data_class": "sensitive" if kind.sensitive else "ordinary",
        "body": None if retracted else _body(row, kind, intake.key),
    }
    if kind.area:
        _place(event, row, kind, intake.key)
    refuse_unknown_columns(row, _columns(intake.department, kind.name))
    _last_check(event, intake.department)
    return event


def _last_check(event: Event, department: str) -> None:
    """Ask what assign is going to ask, in the names of the row's columns."""
    found = problem_of(event, department)
    if found and found.reason == "no_subject":
        raise FieldError("id_number", found.reason)
    if found:
        raise FieldError((found.field or "?").removesuffix("_fen"), found.reason)


def _region(row: Row) -> str:
    code = cells.text(row.get("region_code"), "region_code") or ""
    if code and not REGION.fullmatch(code):
        raise FieldError("region_code", "code_region")
    return code


def _place(event: Event, row: Row, kind: Kind, key: bytes) -> None:
    """Give an area's event its key: the region that the row names, else the first of those concerned."""
    for column, given in (("id_number", event["person_id"]), ("household_id", event["household_id"])):
        if given is not None:
            raise FieldError(column, "area_subject")
    for field in kind.fields:
        if field.unit in AREAS and not event["region_code"]:
            regions = parser_of(field, key)(row.get(field.column), field.column)
            event["region_code"] = regions[0] if isinstance(regions, list) else ""


def _kind(row: Row, department: str) -> Kind:
    name = row.get("kind")
    kind = all_kinds().get((department, name)) if isinstance(name, str) else None
    if kind is None:
        stripped = cells.text(name, "kind")
        kind = all_kinds().get((department, stripped)) if stripped else None
    if kind is None:
        raise FieldError("kind", "unknown_kind", _kind_names(department))
    return kind


@cache
def _kind_names(department: str) -> tuple[str, ...]:
    return tuple(name for owner, name in all_kinds() if owner == department)


@cache
def _columns(department: str, kind: str) -> frozenset[str]:
    return frozenset((*ENVELOPE, *(field.column for field in all_kinds()[department, kind].fields)))


@cache
def _parsers(department: str, kind: str, key: bytes) -> tuple[tuple[str, str, Parse, object], ...]:
    """(field, column, parse, default) of a kind's body."""
    fields = all_kinds()[department, kind].fields
    return tuple((field.name, field.column, parser_of(field, key), field.default) for field in fields)


def _body(row: Row, kind: Kind, key: bytes) -> Event:
    body: Event = {}
    for name, column, parse, default in _parsers(kind.department.code, kind.name, key):
        value = parse(row.get(column), column)
        if value is None:
            if default is None:
                raise FieldError(column, "missing")
            value = default
        body[name] = value
    return body


def refuse_unknown_columns(row: Row, known: frozenset[str]) -> None:
    """A filled cell under a name that means nothing here is a mistake, not something to drop."""
    if row.keys() <= known:
        return
    for column, cell in row.items():
        if column not in known and not cells.empty(cell):
            raise FieldError(column, "unknown_column")


def required(parse: Callable[[Cell, str], T | None], row: Row, column: str) -> T:
    """Value of a column that must be filled."""
    value = parse(row.get(column), column)
    if value is None:
        raise FieldError(column, "missing")
    return value


def safe_text(row: Mapping[str, Cell], column: str) -> str:
    """Text that must be filled and goes to the bus as it is, so it holds no identity number."""
    found = cells.text(row.get(column), column)
    if found is None:
        raise FieldError(column, "missing")
    if holds_identity_number(found):
        raise FieldError(column, "id_in_text")
    return found


def person_of(row: Row, key: bytes, today: date) -> str | None:
    """Person id of a row's identity number; None where there is none."""
    cell = row.get("id_number")
    if isinstance(cell, float):
        if not cell.is_integer() or abs(cell) >= _EXACT or len(str(int(cell))) != _DIGITS_OF_OLD_NUMBER:
            raise FieldError("id_number", "id_as_number")
    elif isinstance(cell, str) and ("E+" in cell or "e+" in cell):
        raise FieldError("id_number", "id_as_number")
    found = cells.text(cell, "id_number")
    if found is None:
        return None
    number = identity_of(found, today)
    if isinstance(number, IdentityFault):
        raise FieldError("id_number", str(number))
    return person_id(key, number)


def household_of(row: Row) -> str | None:
    """Household number of a row."""
    return household(row.get("household_id"), "household_id")
