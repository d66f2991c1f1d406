"""The county's stories come true: its files through the pure functions alone give exactly the alerts it expects."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from producers.county import File, Plan, Tick, make_county
from producers.message import Message
from producers.publish import REGISTER, Run, event_messages, register_messages
from schemas.beijing import day_number, start_of
from schemas.codec import decode
from schemas.event_columns import event_columns
from schemas.fact import unpack_routed
from schemas.faults import RowProblem
from schemas.readers import open_source
from schemas.readers.headings import REGISTER_COLUMNS
from streams.assign import Send, take_event, take_row
from streams.case import Source as Origin
from streams.correlate import Moment, fold_fact, fold_membership, fold_tick, shipped
from streams.household import Household
from streams.subject import Source, Subject, new_subject

END = date(2026, 6, 30)
PUBLISHED = start_of(day_number(END) + 1)
KEY = b"county key of the tests, 32 byte"


class County:
    """Assign and correlate without logs: subjects and households in two dictionaries."""

    def __init__(self) -> None:
        self.subjects: dict[str, Subject] = defaultdict(new_subject)
        self.households: dict[str, Household] = defaultdict(Household)
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
        else:
            self.tell(take_event(self.subjects[message.key.decode()], record, source).sends)

    def tell(self, sends: list[Send]) -> None:
        for household_id, message in sends:
            name, record = decode(message)
            household = self.households[household_id]
            if name == "membership":
                fold_membership(household_id, household, record, self.moment, self.origin())
            else:
                fold_fact(household_id, household, unpack_routed(record["fact"]), self.moment, self.origin())

    def tick(self, day: int) -> None:
        self.moment = Moment(self.moment.rules, day, dict(self.fed))
        for household_id, household in self.households.items():
            fold_tick(household_id, household, self.moment, self.origin())

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


def lived(plan: Plan, folder: Path) -> County:
    county = County()
    for step in plan.steps:
        if isinstance(step, File):
            for message in messages_of(step, folder):
                county.take(step.sender, message)
            if step.covers_to:
                county.fed[step.sender] = day_number(step.covers_to)
        elif isinstance(step, Tick):
            county.tick(day_number(step.day))
    return county


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_each_story_ends_as_told_and_the_everyday_calls_nobody(seed: int, tmp_path: Path) -> None:
    plan = make_county(seed, 400, END)

    found = lived(plan, tmp_path).alerts()

    expected = {home: (e.level, set(e.causes)) for home, e in plan.truth.alerts().items()}
    assert found == expected


def test_what_waits_at_the_end_is_what_nobody_registered(tmp_path: Path) -> None:
    plan = make_county(5, 400, END)

    county = lived(plan, tmp_path)

    waiting = [department for subject in county.subjects.values() for department, _ in subject.waiting()]
    assert {d: waiting.count(d) for d in plan.truth.counts()} == {
        d: counts["parked"] for d, counts in plan.truth.counts().items()
    }
