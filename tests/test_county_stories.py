"""The county's stories come true: its files through the pure functions alone give exactly the alerts it expects."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pytest

from producers.county import File, Plan, Tick, make_county
from producers.message import Message
from producers.publish import REGISTER, Run, event_messages, register_messages
from schemas.beijing import day_number, start_of
from schemas.codec import Record, decode
from schemas.departments import BY_CODE
from schemas.event_columns import event_columns
from schemas.fact import unpack_routed
from schemas.faults import RowProblem
from schemas.readers import open_source
from schemas.readers.headings import REGISTER_COLUMNS
from streams.area_slice import places_of
from streams.assign import Send, take_event, take_row
from streams.assign_area import area_kinds, take_area_event
from streams.case import Source as Origin
from streams.correlate import Moment, fold_fact, fold_membership, fold_tick, shipped
from streams.household import Household
from streams.signals import newer_signals
from streams.subject import Source, Subject, new_subject
from tests.areas import Place

END = date(2026, 6, 30)
PUBLISHED = start_of(day_number(END) + 1)
KEY = b"county key of the tests, 32 byte"


class County:
    """Assign, correlate and area without logs: subjects, households and places in three dictionaries."""

    def __init__(self) -> None:
        self.subjects: dict[str, Subject] = defaultdict(new_subject)
        self.households: dict[str, Household] = defaultdict(Household)
        self.places: dict[str, Place] = {}
        self.moment = Moment(shipped(), None, {})
        self.offset = 0
        self.fed: dict[str, int] = {}

    def take(self, sender: str, message: Message) -> None:
        self.offset += 1
        record = decode(message.value)[1]
        source = Source(message.topic, message.partition, self.offset, PUBLISHED)
        if sender == REGISTER:
            by_person = message.topic.endswith("persons")
            subject = self.subjects[record["person_id" if by_person else "household_id"]]
            self.tell(take_row(subject, record, source).sends)
        elif (record["department"], record["kind"]) in area_kinds():
            self.tell(take_area_event(self.subjects[message.key.decode()], record, source).sends)
        else:
            self.tell(take_event(self.subjects[message.key.decode()], record, source).sends)

    def tell(self, sends: list[Send]) -> None:
        for household_id, message in sends:
            name, record = decode(message)
            if name == "area_fact":
                self.name_place(record)
                continue
            household = self.households[household_id]
            signals = household.signals
            if name == "membership":
                fold_membership(household_id, household, record, self.moment, self.origin())
            else:
                fold_fact(household_id, household, unpack_routed(record["fact"]), self.moment, self.origin())
            self.signal(newer_signals(signals, household.signals))

    def name_place(self, record: Record) -> None:
        """An event names a place, or names it no more."""
        for key in places_of(record["place"]):
            fact = unpack_routed(record["fact"]).fact
            self.place(key.decode()).hear(fact, place=record["place"], named=record["named"])

    def signal(self, messages: Iterable[tuple[bytes, bytes]]) -> None:
        """A household tells its township."""
        for township, message in messages:
            self.place(township.decode()).take(decode(message)[1])

    def place(self, code: str) -> Place:
        """A village or township, up to the last tick."""
        return self.places.setdefault(code, Place(code, today=self.moment.tick))

    def tick(self, day: int) -> None:
        self.moment = Moment(self.moment.rules, day, dict(self.fed))
        for household_id, household in self.households.items():
            signals = household.signals
            fold_tick(household_id, household, self.moment, self.origin())
            self.signal(newer_signals(signals, household.signals))
        for place in self.places.values():
            place.tick(day)

    def origin(self) -> Origin:
        return Origin("test", 0, self.offset, PUBLISHED)

    def alerts(self) -> dict[str, tuple[str, set[str]]]:
        found = {}
        for household_id, household in self.households.items():
            if household.case is None:
                continue
            alert = decode(household.case.alert)[1]
            if alert["status"] != "WITHDRAWN":
                found[household_id] = (alert["level"], {cause["cause"] for cause in alert["causes"]})
        return found

    def area_alerts(self) -> list[tuple[str, str, str, set[str]]]:
        """Place, kind, level and causes of each alert that stands."""
        issued = [decode(each.message)[1] for place in self.places.values() for each in place.area.issued.values()]
        return sorted(
            (alert["place_code"], alert["kind"], alert["level"], {cause["cause"] for cause in alert["causes"]})
            for alert in issued
            if alert["status"] != "WITHDRAWN"
        )


def messages_of(file: File, folder: Path) -> Iterator[Message]:
    path = folder / file.name
    path.write_bytes(file.content)
    of_register = file.sender == REGISTER
    to_messages = (register_messages if of_register else event_messages)(Run(file.sender, PUBLISHED, "00"), KEY)
    for number, row in open_source(path, REGISTER_COLUMNS if of_register else event_columns(file.sender)).rows():
        assert isinstance(row, dict)
        result = to_messages(row, number)
        if not isinstance(result, RowProblem):
            yield from result


class Delivery(NamedTuple):
    """A file, as the on-ramp makes messages of it."""

    sender: str
    messages: list[Message]
    covers_to: int | None


def read(plan: Plan, folder: Path) -> list[Delivery | int]:
    """The year's deliveries, and the days of its ticks."""
    steps: list[Delivery | int] = []
    for step in plan.steps:
        if isinstance(step, File):
            covers = day_number(step.covers_to) if step.covers_to else None
            steps.append(Delivery(step.sender, list(messages_of(step, folder)), covers))
        elif isinstance(step, Tick):
            steps.append(day_number(step.day))
    return steps


def lived(steps: Iterable[Delivery | int], without: str = "") -> County:
    """The year, played; of a department `without` which it is nothing comes but empty files."""
    county = County()
    for step in steps:
        if isinstance(step, int):
            county.tick(step)
            continue
        for message in step.messages if step.sender != without else ():
            county.take(step.sender, message)
        if step.covers_to is not None:
            county.fed[step.sender] = step.covers_to
    return county


def of_households(steps: Iterable[Delivery | int], homes: AbstractSet[str]) -> list[Delivery | int]:
    """Only what concerns these households, and villages."""
    kept: set[bytes] = {home.encode() for home in homes}
    found: list[Delivery | int] = []
    for step in steps:
        if isinstance(step, int):
            found.append(step)
            continue
        if step.sender == REGISTER:
            rows = [(message, decode(message.value)[1]) for message in step.messages]
            kept |= {row["person_id"].encode() for _, row in rows if row["household_id"] in homes}
            messages = [message for message, row in rows if row["household_id"] in homes]
        else:
            messages = [message for message in step.messages if message.key in kept or message.key.isdigit()]
        found.append(step._replace(messages=messages))
    return found


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_each_story_ends_as_told_and_the_everyday_calls_nobody(seed: int, tmp_path: Path) -> None:
    plan = make_county(seed, 400, END)

    county = lived(read(plan, tmp_path))

    assert county.alerts() == {home: (e.level, set(e.causes)) for home, e in plan.truth.alerts().items()}
    places = [(e.place, e.kind, e.level, set(e.causes)) for e in plan.truth.area_alerts()]
    assert county.area_alerts() == sorted(places)


def test_each_department_has_a_crisis_or_a_troubled_place_that_nobody_else_reports(tmp_path: Path) -> None:
    plan = make_county(1, 400, END)
    steps = of_households(read(plan, tmp_path), plan.truth.alerts().keys())
    whole = lived(steps)

    for department in BY_CODE:
        less = lived(steps, without=department)
        lost = [home for home, said in whole.alerts().items() if less.alerts().get(home) != said]
        places = [said for said in whole.area_alerts() if said not in less.area_alerts()]
        assert lost or places, department


def test_what_waits_at_the_end_is_what_nobody_registered(tmp_path: Path) -> None:
    plan = make_county(5, 400, END)

    county = lived(read(plan, tmp_path))

    waiting = [department for subject in county.subjects.values() for department, _ in subject.waiting()]
    assert {d: waiting.count(d) for d in plan.truth.counts()} == {
        d: counts["parked"] for d, counts in plan.truth.counts().items()
    }
