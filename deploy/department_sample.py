"""A department's sample file, as a clerk would send it: the examples of its kinds, of made-up persons."""

from __future__ import annotations

import csv
import io
from typing import Any

from schemas.beijing import DAY_MS, date_of, day_of, instant
from schemas.event_columns import titles_by_column
from schemas.examples import examples_of
from schemas.identity import check_digit
from schemas.kinds import Field, Kind, all_kinds

_PHONE = "13900000000"
_BORN = "23122219800101"
_TIME = "%Y-%m-%dT%H:%M"


def kinds_of_department(code: str) -> list[Kind]:
    """Kinds of a department, in the order of its schema."""
    return [kind for kind in all_kinds().values() if kind.department.code == code]


def sample_rows(code: str, on: int | None = None) -> list[dict[str, str]]:
    """Column -> cell, one row for each example of a department.

    Their days are such that they may be sent `on` a day (days since 1970-01-01); None: on the examples' own.
    """
    kinds = {kind.name: kind for kind in kinds_of_department(code)}
    events = examples_of(code)
    later = 0 if on is None else on - max(day_of(event["published_at"]) for event in events)
    persons: dict[str, int] = {}
    return [
        _row(kinds[event["kind"]], event, persons.setdefault(event["event_id"], len(persons) + 1), later)
        for event in events
    ]


def sample_file(code: str, on: int | None = None) -> str:
    """CSV with Chinese headings, to be sent `on` a day."""
    rows, titles = sample_rows(code, on), titles_by_column(code)
    columns = list(dict.fromkeys(column for row in rows for column in row))
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, lineterminator="\n")
    writer.writerow({column: titles[column] for column in columns})
    writer.writerows(rows)
    return out.getvalue()


def _row(kind: Kind, event: dict[str, Any], person: int, later: int) -> dict[str, str]:
    """Cells of an example, so many days later."""
    row = {"event_id": event["event_id"], "kind": kind.name}
    if event["person_id"]:
        row["id_number"] = _number(person)
    elif event["household_id"]:
        row["household_id"] = event["household_id"]
    else:
        row["region_code"] = event["region_code"]
    row["occurred_at"] = instant(event["occurred_at"] + later * DAY_MS).strftime(_TIME)
    if event["revision"] or event["retracted"]:
        row |= {"revision": str(event["revision"]), "retracted": "是" if event["retracted"] else "否"}
    body = event["body"] or {}
    return row | {field.column: _cell(field, body[field.name], later) for field in kind.fields if field.name in body}


def _number(person: int) -> str:
    """Identity number of nobody, with a valid check digit."""
    digits = f"{_BORN}{person:03d}"
    return digits + check_digit(digits)


def _cell(field: Field, value: Any, later: int) -> str:
    if field.unit == "reporter":
        return _PHONE
    if field.unit == "fen":
        return f"{value / 100:.2f}"
    if field.unit == "day":
        return date_of(value + later).isoformat()
    if field.unit == "ms":
        return instant(value + later * DAY_MS).strftime(_TIME)
    if isinstance(value, bool):
        return "是" if value else "否"
    return ";".join(value) if isinstance(value, list) else str(value)
