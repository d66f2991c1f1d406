"""What goes wrong on the way: rows that must be refused before the bus, and messages that must end as dead letters."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from schemas.beijing import day_number, start_of
from schemas.cells import Cell, Row
from schemas.codec import MAX_MESSAGE_BYTES, encode
from schemas.departments import DEPARTMENTS
from schemas.kinds import Field, all_kinds

_WITH_CHECK_DIGIT = 18
NOBODY = b"p_" + b"a" * 26
_VILLAGE = "231222101201"
_TEXTS: dict[str, object] = {
    "code": "G-1",
    "household": "H1",
    "reporter": "",
    "village": [_VILLAGE],
    "region": [_VILLAGE],
}
_DAY_COLUMNS = ("discharged_on", "inspected_on", "effective_on", "due_on", "registered_on", "tested_on", "period_end")
_MONEY_COLUMNS = ("self_pay", "overdue", "amount", "monthly_amount", "subsidy", "loss", "paid", "principal", "after")


@dataclass(frozen=True, slots=True)
class Garbage:
    """Messages that somebody puts on a department's topic past the on-ramp, under the key of nobody.

    Attributes:
        messages: bytes, and the reason of the dead letter they become, a code of schemas.reasons.

    """

    department: str
    messages: tuple[tuple[bytes, str], ...]


def spoil(rng: Random, row: Row) -> tuple[Row, str]:
    """A row made wrong in one of the usual ways, and the column at fault."""
    ways: list[tuple[str, Cell]] = [
        ("event_id", ""),
        ("kind", "其他"),
        ("occurred_at", "2026-02-30"),
        ("occurred_at", "2019-05-06") if row["kind"] in ("settlement", "fee") else ("occurred_at", "2199-05-06"),
        ("revision", "first"),
    ]
    if "id_number" in row:
        number = str(row["id_number"]).strip()
        ways += [("id_number", number[:-2]), ("id_number", 2.31222199001e17)]
        if len(number) == _WITH_CHECK_DIGIT:
            ways.append(("id_number", _mistyped(number)))
    else:
        ways.append(("household_id", "231222199001010010"))
    ways += [(column, "2026-13-01") for column in _DAY_COLUMNS if column in row]
    ways += [(column, -5.0) for column in _MONEY_COLUMNS if column in row]
    column, cell = rng.choice(ways)
    return {**row, column: cell}, column


def _mistyped(number: str) -> str:
    """One digit of the order code wrong: the check digit notices."""
    place = len(number) - 3
    return number[:place] + str((int(number[place]) + 1) % 10) + number[place + 1 :]


def garbage(rng: Random, end: date, departments: Iterable[str]) -> list[Garbage]:
    """Unreadable, foreign, over-long and outdated messages for each of the departments."""
    return [Garbage(code, tuple(_messages(rng, code, end))) for code in departments]


def _messages(rng: Random, department: str, end: date) -> list[tuple[bytes, str]]:
    event = _event(department, end)
    other = next(d.code for d in DEPARTMENTS if d.code != department)
    good = encode(department, event)
    values = [
        (rng.randbytes(40).replace(b"\xc3", b"?"), "not_avro"),
        (b"\xc3\x01" + bytes(8) + good[10:], "unknown_schema"),
        (good + b"\0", "trailing_bytes"),
        (good[:30], "unreadable"),
        (good + bytes(MAX_MESSAGE_BYTES), "too_long"),
        (encode(other, _event(other, end)), "wrong_schema"),
        (encode(department, {**event, "event_id": ""}), "bad_event_id"),
        (encode(department, {**event, "occurred_at": start_of(day_number(end) + 9)}), "in_future"),
    ]
    counted = next((k for k in all_kinds().values() if k.department.code == department and not k.standing), None)
    if counted:
        old = {**_event(department, end, counted.name), "occurred_at": start_of(day_number(end) - 500)}
        values.append((encode(department, old), "too_old"))
    return values


def _event(department: str, end: date, name: str = "") -> dict[str, object]:
    """A valid event of nobody, or of a village."""
    kind = next(k for k in all_kinds().values() if k.department.code == department and name in ("", k.name))
    return {
        "event_id": "GARBAGE-1",
        "revision": 0,
        "retracted": False,
        "department": department,
        "kind": kind.name,
        "region_code": _VILLAGE if kind.area else "",
        "person_id": None if kind.area else NOBODY.decode(),
        "household_id": None,
        "occurred_at": start_of(day_number(end - timedelta(days=3))),
        "published_at": start_of(day_number(end)),
        "batch_id": None,
        "row": None,
        "data_class": "ordinary",
        "body": {field.name: _value(field) for field in kind.fields},
    }


def _value(field: Field) -> object:
    if field.symbols:
        return [field.symbols[0]] if field.type == "set" else field.symbols[0]
    if field.type in ("set", "string"):
        return _TEXTS[field.unit]
    return False if field.type == "boolean" else 1
