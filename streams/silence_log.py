"""Reads what tells of silence: the whole register, and the core departments' events, partition by partition."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from schemas.codec import SchemaError
from schemas.departments import CORE
from schemas.events import problem_of
from schemas.fact import fact_of
from schemas.topics import REGISTER_PERSONS, events_topic
from streams.log_reader import decode_each, read_apart
from streams.silence import Heard, Register, Reports, Silent, Where
from streams.sources import in_place, valid_row
from streams.ticking import Ticker


class Silence(NamedTuple):
    """What was found.

    Attributes:
        day: up to which departments were heard.
        inhabited: households, and where they are.
        positions: department -> day up to which its feed is complete now.

    """

    day: int
    inhabited: dict[str, Where]
    silent: list[Silent]
    positions: dict[str, int]


def read_silence(servers: str, day: int | None) -> Silence | None:
    """Find silent households on a day, the last tick's where none is given; None: there was no tick yet.

    Raises:
        KafkaError: the bus does not answer.

    """
    ticker = Ticker(servers)
    try:
        ticker.read()
    finally:
        ticker.close()
    until = ticker.last if day is None else day
    if until is None:
        return None
    register = _register(servers)
    heard = Heard(register, until)
    for department in CORE:
        for records in read_apart(servers, [events_topic(department)]):
            heard.take(_reports(records, department).standing())
    inhabited = register.inhabited(until)
    return Silence(until, inhabited, heard.silent(inhabited), ticker.feeds.positions)


def _register(servers: str) -> Register:
    register = Register()
    for records in read_apart(servers, [REGISTER_PERSONS]):
        for record, item in decode_each(records):
            row = valid_row(record, item)
            if row is not None:
                register.take(row)
    return register


def _reports(records: Iterable[Any], department: str) -> Reports:
    reports = Reports()
    for record, item in decode_each(records):
        if isinstance(item, SchemaError) or item[0] != department:
            continue
        event = item[1]
        if problem_of(event, department) is None and in_place(record, event):
            reports.take(fact_of(event, record.timestamp), None if event["person_id"] else event["household_id"])
    return reports
