"""What somebody reports -> a report, or what is wrong with it in words; and its event. No clock, no network."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable
from typing import NamedTuple, TypeVar

from producers.fields import parser_of
from producers.intake import Event, person_of
from producers.message import Message
from producers.publish import event_message
from producers.report.number import event_id_of
from producers.report.words import AMISS
from schemas.beijing import DAY_MS, date_of, day_of
from schemas.cells import Cell
from schemas.events import problem_of
from schemas.faults import FieldError, problem
from schemas.kinds import Kind, all_kinds
from schemas.topics import events_topic

DEPARTMENT = "rural_revitalisation"
ONE_KEY, HOTLINE, APPEAL = "one_key", "hotline_12317", "appeal"
SYSTEMS, OPERATORS = "reports", "hotline"
"""What keys are made for: `alertbus keys create reports`, `… hotline`."""
CHANNELS_OF = {SYSTEMS: frozenset({ONE_KEY, "portal", APPEAL, "cadre"}), OPERATORS: frozenset({HOTLINE})}
"""Scope of a key -> channels by which it may report."""
SELF, OTHER = "self", "other"
_KIND = "self_report"
TOPIC = events_topic(DEPARTMENT)
_LATEST_MS = 30 * DAY_MS
"""How long ago a call may have been; what is over 400 days old would not count at all."""
T = TypeVar("T")
Faults = dict[str, str]
"""Field of the form -> what to correct."""


class Asked(NamedTuple):
    """What somebody filled in, as it came.

    Attributes:
        for_whom: `self` or `other`.
        phone: of who reports; empty where they leave none.
        happened_at: when they called, ms; None: now.

    """

    id_number: str
    for_whom: str
    phone: str
    need: tuple[str, ...]
    heard_via: str
    consent: bool
    channel: str = ONE_KEY
    happened_at: int | None = None


class Report(NamedTuple):
    """A report that was accepted; nobody's number, name or telephone is in it.

    Attributes:
        accepted_at: ms; `happened_at` likewise.
        earlier: number of the report against whose answer this one appeals.
        sender: `form`, or id of the key by which it came.

    """

    number: str
    channel: str
    need: tuple[str, ...]
    heard_via: str
    person_id: str
    reporter_id: str
    accepted_at: int
    happened_at: int
    sender: str
    earlier: str | None = None


def kind_of_reports() -> Kind:
    """What the schema says of reports: the lists from which people choose are in it."""
    return all_kinds()[DEPARTMENT, _KIND]


def read_report(asked: Asked, number: str, sender: str, key: bytes, now: int) -> Report | Faults:
    """Report of what was filled in, or what is wrong with each field.

    Args:
        asked: the fields.
        number: the report's, if it is one.
        sender: `form`, or scope of a key.
        key: the county's.
        now: ms.

    """
    form = _Form(key)
    today = date_of(day_of(now))
    person = form.read("id_number", lambda: person_of({"id_number": asked.id_number}, key, today))
    by = asked.phone.strip() or (asked.id_number if asked.for_whom == SELF and person else "")
    reporter = form.read("phone", lambda: form.parsed("reporter", by))
    need = form.read("need", lambda: form.parsed("need", list(asked.need)))
    heard_via = form.read("heard_via", lambda: form.parsed("heard_via", asked.heard_via))
    channel = form.read("channel", lambda: form.parsed("channel", asked.channel))
    happened_at = now if asked.happened_at is None else asked.happened_at
    form.expect("id_number", there=person is not None)
    form.expect("for_whom", there=asked.for_whom in {SELF, OTHER})
    form.expect("need", there=bool(need))
    form.expect("channel", there=channel is not None)
    form.expect("consent", there=asked.consent)
    form.expect("called_at", there=now - _LATEST_MS <= happened_at <= now)
    if form.faults:
        return form.faults
    needs = tuple(map(str, need)) if isinstance(need, list) else ()
    said = (str(channel), needs, str(heard_via or "unknown"), str(person), str(reporter or ""))
    return Report(number, *said, now, happened_at, sender)


class _Form:
    """Fields as they are read, and what is wrong with them."""

    def __init__(self, key: bytes) -> None:
        self.faults: Faults = {}
        self._key = key
        self._fields = {field.column: field for field in kind_of_reports().fields}

    def read(self, name: str, parse: Callable[[], T]) -> T | None:
        """Value of a field; None where it has none, or a wrong one."""
        try:
            return parse()
        except FieldError as error:
            self.faults[name] = problem(1, error).reason if name == "id_number" else AMISS[name]
            return None

    def parsed(self, column: str, cell: Cell) -> object:
        """Value of a cell, as the schema states its column."""
        return parser_of(self._fields[column], self._key)(cell, column)

    def expect(self, name: str, *, there: bool) -> None:
        """Note that a field is lacking."""
        if not there:
            self.faults.setdefault(name, AMISS[name])


def appeal_of(report: Report, number: str, sender: str, now: int) -> Report:
    """Appeal against the answer to a report: the same person, the same need, once more."""
    return report._replace(
        number=number, channel=APPEAL, accepted_at=now, happened_at=now, sender=sender, earlier=report.number
    )


def content_of(asked: Asked, key: bytes) -> bytes:
    """Tell one content from another: says nothing without the county key."""
    return hmac.digest(key, json.dumps(["report content", *asked], ensure_ascii=False).encode(), "sha256")


def event_of(report: Report) -> Event:
    """Event of a report, ready for the codec."""
    return {
        "event_id": event_id_of(report.number),
        "revision": 0,
        "retracted": False,
        "department": DEPARTMENT,
        "kind": _KIND,
        "region_code": "",
        "person_id": report.person_id,
        "household_id": None,
        "occurred_at": report.happened_at,
        "published_at": report.accepted_at,
        "batch_id": event_id_of(report.number),
        "row": 1,
        "data_class": "sensitive" if kind_of_reports().sensitive else "ordinary",
        "body": {
            "channel": report.channel,
            "need": list(report.need),
            "receipt_id": report.number,
            "heard_via": report.heard_via,
            "reporter_id": report.reporter_id,
        },
    }


def message_of(report: Report) -> Message:
    """Record of a report."""
    return _message(event_of(report))


def withdrawal_of(report: Report, now: int) -> Message:
    """Record that takes a report back."""
    return _message(event_of(report) | {"revision": 1, "retracted": True, "published_at": now, "body": None})


def _message(event: Event) -> Message:
    if found := problem_of(event, DEPARTMENT):  # what was read above has none
        raise AssertionError(found)
    return event_message(TOPIC, DEPARTMENT, event)
