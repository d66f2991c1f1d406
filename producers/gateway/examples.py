"""A row of each kind that is taken as it stands, made from the schemas, for the manual. Nobody in it is real."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from schemas.departments import Department
from schemas.identity import check_digit
from schemas.kinds import Field, Kind, all_kinds

Example = dict[str, object]

_DIGITS = "99010119900101001"
"""Of a county that does not exist."""
NUMBER = _DIGITS + check_digit(_DIGITS)
_VILLAGE = "990101101001"
_TEXTS = {"household": "H-0001", "reporter": "13800000000", "code": "A-0001", "fen": "1200.50"}


def kinds_of(department: Department) -> list[Kind]:
    """Kinds of a department, in its order."""
    return [kind for kind in all_kinds().values() if kind.department.code == department.code]


def example_rows(department: Department, today: date) -> Iterator[tuple[str, Example]]:
    """Kind and a row of it that happened today, for every kind."""
    for kind in kinds_of(department):
        row: Example = {"event_id": f"EXAMPLE-{kind.name}", "kind": kind.name}
        row |= {"region_code": _VILLAGE} if kind.area else {"id_number": NUMBER}
        row["occurred_at"] = today.isoformat()
        yield kind.name, {**row, **{field.column: _value(field, today) for field in kind.fields}}


def example_member(today: date) -> Example:
    """A row of the register."""
    return {
        "id_number": NUMBER,
        "household_id": "H-0001",
        "valid_from": today.replace(day=1).isoformat(),
        "township_code": _VILLAGE[:9],
        "village_code": _VILLAGE,
        "grid_code": f"{_VILLAGE}01",
        "tags": ["monitored"],
        "labour": "able",
    }


def _value(field: Field, today: date) -> object:
    one: object = field.symbols[0] if field.symbols else _VILLAGE
    if field.type == "set":
        return [one]
    if field.type == "enum":
        return one
    by_unit = {**_TEXTS, "day": today.isoformat(), "ms": today.isoformat()}
    if field.unit in by_unit:
        return by_unit[field.unit]
    by_type = {"boolean": True, "int": field.least or 1, "long": field.least or 1}
    return by_type.get(field.type, "A-0001")
