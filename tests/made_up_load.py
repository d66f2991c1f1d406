"""Register and events of invented households and villages for fault runs, and what must become of each event."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from schemas.beijing import DAY_MS, day_of, start_of
from schemas.codec import Record, encode
from schemas.events import subject_of
from schemas.partition import partition_of
from schemas.topics import REGISTER_HOUSEHOLDS, REGISTER_PERSONS, events_topic

NOW = start_of(20_000)
"""When everything is published: some day in 2024."""

MOST_REMEMBERED = 50_000
TOWNSHIPS = [f"{230722001 + number}" for number in range(40)]
VILLAGES = [f"{township}{number:03}" for township in TOWNSHIPS for number in (1, 2, 3)]


class Message(NamedTuple):
    """A record on its way to a topic."""

    topic: str
    partition: int
    key: bytes
    value: bytes


def person(number: int) -> str:
    letters = "abcdefghijklmnopqrstuvwxyz234567"
    return "p_" + "".join(letters[(number >> (5 * place)) & 31] for place in range(26))


def _message(topic: str, owner: str, value: bytes, key: str | None = None) -> Message:
    return Message(topic, partition_of(owner.encode()), (key or owner).encode(), value)


def settlement(person_id: str, event_id: str, yuan: int, *, days_ago: int = 30, revision: int = 0) -> Record:
    """Hospital bill of which the person pays so much."""
    body = {
        "visit_type": "inpatient",
        "total_fee_fen": yuan * 100,
        "basic_paid_fen": 0,
        "serious_paid_fen": 0,
        "aid_paid_fen": 0,
        "self_pay_fen": yuan * 100,
        "in_county": True,
        "discharged_on": day_of(NOW) - days_ago,
    }
    return _event("health_insurance", "settlement", person_id, event_id, days_ago, revision, body)


def inspection(person_id: str, event_id: str, grade: str, *, days_ago: int = 30, revision: int = 0) -> Record:
    """House grade."""
    body = {"grade": grade, "hazard": "none", "inspected_on": day_of(NOW) - days_ago}
    return _event("housing", "inspection", person_id, event_id, days_ago, revision, body)


def water_test(villages: list[str], event_id: str, *, good: bool, days_ago: int = 30, revision: int = 0) -> Record:
    """Water test of a plant that serves some villages."""
    facility, tested_on = f"S{int(villages[0]) % 3}", day_of(NOW) - days_ago
    body = {"facility_id": facility, "village_codes": villages, "pass": good, "indicator": "ph", "tested_on": tested_on}
    return _event("water", "quality", None, event_id, days_ago, revision, body) | {"region_code": villages[0]}


def _event(
    department: str, kind: str, person_id: str | None, event_id: str, days_ago: int, revision: int, body: Record
) -> Record:
    return {
        "event_id": event_id,
        "revision": revision,
        "retracted": False,
        "department": department,
        "kind": kind,
        "region_code": "",
        "person_id": person_id,
        "household_id": None,
        "occurred_at": NOW - days_ago * DAY_MS,
        "published_at": NOW,
        "batch_id": "load",
        "row": 1,
        "data_class": "sensitive",
        "body": body,
    }


def event_message(event: Record) -> Message:
    return _message(events_topic(event["department"]), subject_of(event), encode(event["department"], event))


_PER_BATCH = 500


@dataclass
class Load:
    """So many households of two, and events of theirs and of villages; the same seed makes the same.

    Attributes:
        outcomes: what must have become of all events made so far.
        made: events made so far; every 500 of them are a batch in each department.
        batches: department and batch -> events of it so far that can be read.

    """

    households: int
    seed: int
    outcomes: Counter[str] = field(default_factory=Counter)
    made: int = 0
    batches: Counter[tuple[str, str]] = field(default_factory=Counter)
    _sent: list[Record] = field(default_factory=list)
    _random: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    def register(self) -> Iterator[Message]:
        """Register rows: persons 2n and 2n+1 live in household n."""
        for number in range(2 * self.households):
            household = f"H{number // 2}"
            row: Record = {
                "person_id": person(number),
                "household_id": household,
                "valid_from": 15_000,
                "valid_to": None,
                "township_code": TOWNSHIPS[number // 2 % len(TOWNSHIPS)],
                "village_code": f"{TOWNSHIPS[number // 2 % len(TOWNSHIPS)]}001",
                "grid_code": f"{TOWNSHIPS[number // 2 % len(TOWNSHIPS)]}001",
                "tags": ["monitored"] if number // 2 % 3 else [],
                "labour": "able",
                "retracted": False,
                "published_at": NOW,
                "batch_id": "register",
                "row": number + 1,
            }
            message, owner = encode("register_row", row), person(number)
            yield _message(REGISTER_PERSONS, owner, message, f"{owner}|{household}|15000")
            yield _message(REGISTER_HOUSEHOLDS, household, message, f"{household}|15000|{owner}")

    def events(self, number: int) -> Iterator[Message]:
        """Mostly bills and house grades, a twentieth of villages' water.

        Some come twice, some revise, some are unreadable, some of strangers.
        """
        for _ in range(number):
            self.made += 1
            event, outcome = self._next(self.made)
            self.outcomes[outcome] += 1
            if event is None:
                yield _message(events_topic("housing"), f"nobody-{self.made}", b"\xc3\x01 unreadable %d" % self.made)
                continue
            if outcome == "applied" and len(self._sent) < MOST_REMEMBERED:
                self._sent.append(event)
            batch = event["department"], f"load-{self.made // _PER_BATCH}"
            self.batches[batch] += 1
            yield event_message({**event, "batch_id": batch[1]})

    def _next(self, count: int) -> tuple[Record | None, str]:
        rnd, sent = self._random, self._sent
        chance = rnd.random()
        if chance < 0.01:
            return None, "dead_lettered"
        if chance < 0.03 and sent:
            return rnd.choice(sent), "duplicate"
        who = person(rnd.randrange(2 * self.households))
        if chance < 0.05:
            who = person(10_000_000 + rnd.randrange(1000))
            return settlement(who, f"s{count}", 900), "parked"
        days_ago = rnd.randrange(300)
        if chance < 0.07 and sent:
            old = rnd.choice(sent)
            return {**old, "revision": count, "body": self._body(rnd, old, days_ago)}, "applied"
        return self._new(count, chance, who, days_ago), "applied"

    def _new(self, count: int, chance: float, who: str, days_ago: int) -> Record:
        rnd = self._random
        if chance < 0.12:
            served = rnd.sample(VILLAGES, rnd.randrange(1, 4))
            return water_test(served, f"q{count}", good=rnd.random() < 0.5, days_ago=days_ago)
        if chance < 0.35:
            return inspection(who, f"g{count}", rnd.choice("AABBCD"), days_ago=days_ago)
        return settlement(who, f"b{count}", rnd.randrange(50, 6_000), days_ago=days_ago)

    def _body(self, rnd: random.Random, old: Record, days_ago: int) -> Record:
        if old["kind"] == "inspection":
            body: Record = inspection("", "", rnd.choice("ABCD"), days_ago=days_ago)["body"]
        elif old["kind"] == "quality":
            served = [old["region_code"], *rnd.sample(VILLAGES, rnd.randrange(2))]
            body = water_test(served, "", good=rnd.random() < 0.5, days_ago=days_ago)["body"]
        else:
            body = settlement("", "", rnd.randrange(50, 6_000), days_ago=days_ago)["body"]
        return body

    def one_more_each(self) -> Iterator[Message]:
        """One small bill for each household, one bad water test for each village."""
        for number in range(self.households):
            self.outcomes["applied"] += 1
            yield event_message(settlement(person(2 * number), f"last{number}", 60, days_ago=1))
        for village in VILLAGES:
            self.outcomes["applied"] += 1
            yield event_message(water_test([village], f"last{village}", good=False, days_ago=1))
