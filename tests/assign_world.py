"""One subject's world in miniature: input logs, workers that crash or write late, and what the households hold."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from schemas.beijing import DAY_MS, start_of
from schemas.codec import Record, decode
from schemas.fact import Fact, unpack_routed
from schemas.topics import REGISTER_HOUSEHOLDS, REGISTER_PERSONS, events_topic
from streams.assign import EventEffect, RowEffect, Send, take_event, take_row
from streams.outcomes import BatchTotals, Totals, pack_batch, unpack_batch
from streams.residence import household_of
from streams.subject import Source, SubjectRow, merge, new_subject, pack, unpack

PERSON = "p_" + "a" * 26
REGISTERS = (REGISTER_PERSONS, REGISTER_HOUSEHOLDS)


def bill(fee: int) -> Record:
    """Body of a settlement."""
    return {
        "visit_type": "inpatient",
        "total_fee_fen": fee,
        "basic_paid_fen": 0,
        "serious_paid_fen": 0,
        "aid_paid_fen": 0,
        "self_pay_fen": 500_000,
        "in_county": True,
        "discharged_on": 100,
    }


def settlement(
    event_id: str = "e1", *, day: int = 100, person: str | None = PERSON, fee: int = 500_000, **changes: object
) -> Record:
    """A hospital bill of a Beijing day."""
    occurred = start_of(day) + 3_600_000
    event: Record = {
        "event_id": event_id,
        "revision": 0,
        "retracted": False,
        "department": "health_insurance",
        "kind": "settlement",
        "region_code": "",
        "person_id": person,
        "household_id": None if person else "A",
        "occurred_at": occurred,
        "published_at": occurred + DAY_MS,
        "batch_id": "b1",
        "row": 1,
        "data_class": "sensitive",
        "body": bill(fee),
    }
    event |= changes
    return event | ({"body": None} if event["retracted"] else {})


def inspection(
    event_id: str = "e1", *, day: int = 100, person: str | None = PERSON, fee: int = 0, **changes: object
) -> Record:
    """A house graded on a Beijing day."""
    event = settlement(event_id, day=day, person=person) | {"department": "housing", "kind": "inspection"} | changes
    graded = {"grade": "CD"[fee % 2], "hazard": "none", "inspected_on": 100}
    return event | {"body": None if event["retracted"] else graded}


def row(household: str = "A", valid_from: int = 50, **changes: object) -> Record:
    """A register row."""
    plain: Record = {
        "person_id": PERSON,
        "household_id": household,
        "valid_from": valid_from,
        "valid_to": None,
        "township_code": "231222101",
        "village_code": "231222101003",
        "grid_code": "23122210100307",
        "tags": ["lifted"],
        "labour": "able",
        "retracted": False,
        "published_at": 0,
        "batch_id": None,
        "row": None,
    }
    return plain | changes


def at(offset: int, topic: str = REGISTER_PERSONS, known_at: int = start_of(200)) -> Source:
    """Where a record was read."""
    return Source(topic, 3, offset, known_at)


@dataclass
class Households:
    """What each household holds: correlate's rule of counting, without the rest of it."""

    facts: dict[str, dict[str, Fact]] = field(default_factory=dict)
    members: dict[str, dict[str, Record]] = field(default_factory=dict)

    def receive(self, sends: list[Send]) -> None:
        for household, message in sends:
            name, record = decode(message)
            if name == "membership":
                known = self.members.setdefault(household, {}).get(record["person_id"])
                if known is None or record["source_offset"] >= known["source_offset"]:
                    self.members[household][record["person_id"]] = record
                continue
            fact = unpack_routed(record["fact"]).fact
            held = self.facts.setdefault(household, {})
            if fact.id not in held or fact.rank > held[fact.id].rank:
                held[fact.id] = fact

    def counted(self, household: str) -> dict[str, Fact]:
        """Facts of the persons who, by the rows it holds, lived there on the day."""
        return {id_: fact for id_, fact in self.facts.get(household, {}).items() if self._lived(household, fact)}

    def _lived(self, household: str, fact: Fact) -> bool:
        member = self.members.get(household, {}).get(fact.person or "")
        rows = [SubjectRow(**r, retracted=False, source_offset=0) for r in member["rows"]] if member else []
        return household_of(rows, (fact.occurred_at + 8 * 3_600_000) // DAY_MS) == household


Changelog = dict[tuple[str, int], tuple[int, Any]]
"""(entry, writer) -> that writer's takeover and value; entries are the subject, a topic's ledger, a batch's totals."""


@dataclass
class Worker:
    """Folds the logs from the committed positions on, over what it finds in the changelog."""

    logs: dict[str, list[Record]]
    found: Changelog
    positions: dict[str, int]
    epoch: int
    pending: list[Send] = field(default_factory=list)
    changed: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Recover: the union of the subjects, each ledger of its last owner, of batch totals the furthest."""
        stored, self.ledgers = pack(new_subject()), {topic: (-1, 0, Counter[str]()) for topic in self.logs}
        batches: dict[str, BatchTotals] = {}
        for (entry, _), (epoch, value) in self.found.items():
            if entry == "subject":
                stored = merge(stored, value)
            elif entry in self.logs:
                self.ledgers[entry] = max(self.ledgers[entry], (epoch, *value), key=lambda ledger: ledger[:2])
            else:
                batches[entry] = max(batches.get(entry, BatchTotals()), unpack_batch(value), key=lambda b: b.through)
        self.subject = unpack(stored)
        counts = {key: n for ledger in self.ledgers.values() for key, n in ledger[2].items()}
        self.totals = Totals(counts, batches)
        self.totals.recover(self.subject)

    def step(self, topic: str) -> None:
        """Fold the next record of an input."""
        offset = self.positions[topic]
        if offset >= len(self.logs[topic]):
            return
        record = self.logs[topic][offset]
        self.positions[topic] += 1
        self.changed |= {"subject", topic}
        effect: EventEffect | RowEffect
        if topic in REGISTERS:
            effect = take_row(self.subject, record, at(offset, topic))
            self.totals.doubt_parked()
            self.totals.release(effect.released)
        else:
            effect = self._take_event(topic, offset, record)
        self.pending += effect.sends

    def _take_event(self, topic: str, offset: int, event: Record) -> EventEffect:
        effect = take_event(self.subject, event, at(offset, topic))
        department, new = event["department"], offset >= self.ledgers[topic][1]
        self.totals.take_event(department, event["batch_id"], offset, effect, new=new)
        if new:
            self.ledgers[topic] = (self.epoch, offset + 1, Counter(self.totals.of_department(department)))
        else:
            self.totals.doubt_parked()
        return effect

    def reports(self) -> list[Record]:
        """What is told of batches of which anything changed."""
        return [self.totals.outcome(key, 3) for key in self.totals.touched]

    def written(self) -> Changelog:
        """One record batch: what changed since the last."""
        values: dict[str, Any] = {topic: self.ledgers[topic][1:] for topic in self.changed - {"subject"}}
        if "subject" in self.changed:
            values["subject"] = pack(self.subject)
        values |= {key: pack_batch(self.totals.batches[key]) for key in self.totals.counted}
        return {(entry, self.epoch): (self.epoch, value) for entry, value in values.items()}


@dataclass
class World:
    """Inputs, the changelog, the committed positions, and workers that are late with their writing."""

    logs: dict[str, list[Record]]
    households: Households = field(default_factory=Households)
    changelog: Changelog = field(default_factory=dict)
    late: list[tuple[Changelog, list[Send]]] = field(default_factory=list)
    told: dict[str, Record] = field(default_factory=dict)
    stopped: bool = False
    epoch: int = 0

    def __post_init__(self) -> None:
        self.committed = dict.fromkeys(self.logs, 0)
        self.take_over()

    def take_over(self) -> None:
        """A new worker starts from what is committed."""
        self.epoch += 1
        self.worker = Worker(self.logs, dict(self.changelog), dict(self.committed), self.epoch)

    def flush(self) -> None:
        """Confirm sends and changelog, put the older writers' copies of the same entries away, commit."""
        waiting = Counter(department for department, _ in self.worker.subject.waiting())
        assert +Counter(self.worker.totals.parked_now) == waiting
        written = self.worker.written()
        self.households.receive(self.worker.pending)
        self.changelog |= written
        entries = {entry for entry, _ in written}
        for entry, writer in self.worker.found:
            if entry in entries and writer != self.worker.epoch:
                self.changelog.pop((entry, writer), None)
        self._hear(self.worker.reports())
        self.worker.pending, self.worker.changed = [], set()
        self.worker.totals.counted.clear()
        self.worker.totals.touched.clear()
        self.committed = dict(self.worker.positions)

    def _hear(self, reports: list[Record]) -> None:
        self.told |= {f"{report['department']}|{report['batch_id']}": report for report in reports}

    def crash(self, *, sent: bool, stored: bool) -> None:
        """End before the commit; what was on its way arrived or not. Of batches nothing was told yet."""
        if sent:
            self.households.receive(self.worker.pending)
        if stored:
            self.changelog |= self.worker.written()
        self.take_over()

    def stop(self) -> None:
        """Stop before writing; another worker takes over, and the writing lands some time later."""
        self.stopped = True
        self.late.append((self.worker.written(), list(self.worker.pending)))
        self.take_over()

    def land(self) -> None:
        """What the oldest stopped worker had in hand arrives."""
        if self.late:
            written, sends = self.late.pop(0)
            self.changelog |= written
            self.households.receive(sends)

    def finish(self, *, landing_last: bool) -> None:
        """Everything is read, and everything arrives: before that, or when nobody expects it any more."""
        while self.late and not landing_last:
            self.land()
        for topic, log in self.logs.items():
            for _ in log:
                self.worker.step(topic)
        self.flush()
        while self.late:
            self.land()
        self.take_over()
        self.flush()


def topics(*, of_household: bool = False) -> list[str]:
    """Inputs of a subject."""
    return [REGISTERS[of_household], events_topic("health_insurance"), events_topic("housing")]
