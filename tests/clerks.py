"""What clerks write: a row of each kind of event, from the examples, and what becomes of it."""

from __future__ import annotations

from datetime import datetime

from producers.identity import person_id
from producers.intake import Event, Intake, event_of
from schemas.beijing import BEIJING, date_of, instant, milliseconds
from schemas.cells import Cell, Row
from schemas.departments import BY_CODE
from schemas.examples import examples_of
from schemas.faults import RowProblem
from schemas.kinds import Field, Kind, all_kinds, kinds_by_code
from tests.rows import KEY, numbered

CODES = sorted(BY_CODE)
PUBLISHED = milliseconds(datetime(2026, 4, 3, 10, tzinfo=BEIJING))
PHONE = "139 0456 1237"
NUMBER = numbered(1)
KINDS = [kind for code in CODES for kind in all_kinds().values() if kind.department.code == code]


def cell_of(field: Field, value: object) -> str:
    """What a clerk writes for a value."""
    if field.unit == "fen":
        assert isinstance(value, int)
        return f"{value / 100:.2f}"
    if field.unit == "day":
        assert isinstance(value, int)
        return date_of(value).isoformat()
    if field.unit == "ms":
        assert isinstance(value, int)
        return instant(value).strftime("%Y-%m-%dT%H:%M:%S")
    if isinstance(value, list):
        return ";".join(value)
    if isinstance(value, bool):
        return "是" if value else "否"
    return PHONE if field.unit == "reporter" else str(value)


def row_of(kind: Kind) -> Row:
    """A clerk's row of the kind's example."""
    event = next(e for e in examples_of(kind.department.code) if e["kind"] == kind.name and e["body"])
    subject: Row = {"id_number": NUMBER} if event["person_id"] else {"household_id": event["household_id"]}
    if kind.area:
        subject = {"region_code": event["region_code"]}
    cells: Row = {field.column: cell_of(field, event["body"][field.name]) for field in kind.fields}
    return {"event_id": event["event_id"], "kind": kind.name, **subject, "occurred_at": "2026-03-14T09:00", **cells}


def body_of(kind: Kind) -> dict[str, object]:
    """What must become of it."""
    event = next(e for e in examples_of(kind.department.code) if e["kind"] == kind.name and e["body"])
    reporter = "t" + person_id(KEY, "tel:13904561237")[1:]
    return {field.name: reporter if field.unit == "reporter" else event["body"][field.name] for field in kind.fields}


def intake(department: str) -> Intake:
    return Intake(department, KEY, PUBLISHED, f"{department}-1")


def read(kind: Kind, **changes: Cell) -> Event:
    found = event_of({**row_of(kind), **changes}, 3, intake(kind.department.code))
    assert not isinstance(found, RowProblem), found
    return found


def refused(code: str, **changes: Cell) -> RowProblem:
    kind = kinds_by_code()[code]
    found = event_of({**row_of(kind), **changes}, 3, intake(kind.department.code))
    assert isinstance(found, RowProblem), found
    assert found.row == 3
    return found
