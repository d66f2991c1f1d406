"""Which household an event concerns: the one in which the person lived on the day it happened (design 4.1, 4.4).

Pure: a subject and one record in, the subject changed in place and what is to be sent out. Nothing is "unassigned" by
message: a household counts a person's fact only if by the rows it holds the person lived there that day, so whatever is
sent once too often does no harm.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

from msgspec.structs import asdict, replace

from schemas.beijing import DAY_MS
from schemas.codec import avro_long, encode
from schemas.fact import Fact, RoutedFact, fact_of, pack_routed
from schemas.kinds import kinds_by_number
from schemas.registry import registry
from schemas.topics import REGISTER_HOUSEHOLDS
from streams.register_conflict import clashes
from streams.residence import household_of
from streams.subject import Held, Source, Subject, SubjectRow

APPLIED, DUPLICATE, PARKED, DEAD_LETTERED = "applied", "duplicate", "parked", "dead_lettered"
OUTCOMES = (APPLIED, DUPLICATE, PARKED, DEAD_LETTERED)
LATE_MS = 30 * DAY_MS
KEPT_MS = 800 * DAY_MS

Send = tuple[str, bytes]
"""Household id and message, for household.events."""
Released = tuple[str, str]
"""Department and batch id (`""` for none) of an event that was parked and is routed now."""


class EventEffect(NamedTuple):
    """What became of an event.

    Attributes:
        outcome: `applied`, `duplicate` or `parked`.
        conflicting: reported twice at one revision with different content.
        late: published more than 30 days after it happened.
        released: events of this fact that waited and are routed now; this one, where it was read again, too.
        parked: the event waits from now on; False where it did already and was read again.

    """

    outcome: str
    conflicting: bool
    late: bool
    sends: list[Send]
    released: list[Released]
    parked: bool


class RowEffect(NamedTuple):
    """What a register row changed.

    Attributes:
        conflict: another live row puts the person into another household from the same day on, or did so until now.

    """

    sends: list[Send]
    released: list[Released]
    conflict: bool


def take_event(subject: Subject, event: dict[str, Any], source: Source) -> EventEffect:
    """Fold a valid event into its subject: a person, or the household itself.

    A duplicate is sent again: the worker that read it first may have ended before its sending was confirmed. The same
    record read again has the outcome of its first reading, so that a ledger behind the subject counts it rightly.
    """
    fact = fact_of(event, source.known_at)
    key = event["person_id"] or event["household_id"]
    held = subject.facts.get(fact.id)
    conflicting = held is not None and is_conflicting(fact, held.fact)
    newer = held is None or fact.rank > held.fact.rank
    if held is None or newer:
        held = take_fact(subject, fact, event["published_at"], source, held)
    homes = _homes(_rows(subject, of_household=event["person_id"] is None), held, key)
    released = _release(held) if homes[0] else []
    parked = newer and not homes[0]
    if parked:
        held.waiting[source.offset] = event["batch_id"] or ""
    outcome = DUPLICATE
    if held.was_newest(source.offset):
        outcome = PARKED if source.offset in held.waiting else APPLIED
    late = event["published_at"] - event["occurred_at"] > LATE_MS
    sends = _fact_sends(held, key, homes)
    forget(subject, min(event["published_at"], source.known_at))
    return EventEffect(outcome, conflicting, late, sends, released, parked)


def take_row(subject: Subject, row: dict[str, Any], source: Source) -> RowEffect:
    """Fold a register row into its subject: the household where it was read from register.households, else the person.

    A row that is stored already was read again: everything is sent again.
    """
    of_household = source.topic == REGISTER_HOUSEHOLDS
    key, other = row["household_id"], row["person_id"]
    row_key = f"{row['valid_from']}|{other}"
    if not of_household:
        key, row_key = other, f"{key}|{row['valid_from']}"
    before = _rows(subject, of_household=of_household)
    stored = subject.rows.get(row_key)
    again = stored is not None and stored.source_offset >= source.offset
    if not again:
        subject.rows[row_key] = _subject_row(row, source)
    after = _rows(subject, of_household=of_household)
    sends = [] if of_household else _membership_sends(subject, key, source)
    released: list[Released] = []
    for held in subject.facts.values():
        homes = _homes(after, held, key)
        known = () if again or held.waiting else _homes(before, held, key)
        sends += _fact_sends(held, key, [home for home in homes if home not in known])
        if homes[0]:
            released += _release(held)
    row_now = subject.rows[row_key]
    newest = not of_household and row_now.source_offset == source.offset
    taken_in = stored is not None or not row_now.retracted  # one that was never known ends no conflict
    return RowEffect(sends, released, newest and taken_in and bool(clashes(after, row_now)))


def take_fact(subject: Subject, fact: Fact, published_at: int, source: Source, older: Held | None) -> Held:
    """Keep a fact without its person, who is the subject."""
    kept = replace(fact, person="") if fact.person else fact
    held = Held(kept, published_at, source.partition, source.offset, {}, [], [])
    if older is not None:
        held.waiting = older.waiting
        held.remember(older)
    subject.facts[fact.id] = held
    return held


def is_conflicting(fact: Fact, known: Fact) -> bool:
    """One revision with two contents."""
    same = fact.revision == known.revision and not (fact.retracted or known.retracted)
    return same and fact.digest != known.digest


def _rows(subject: Subject, *, of_household: bool) -> list[SubjectRow]:
    """Rows that place facts: a person's live ones; of a household every one, for once named it stays known.

    Else what counts would hang on whether its fact or the taking back of its last row was read first.
    """
    return list(subject.rows.values()) if of_household else subject.live_rows()


def _homes(rows: list[SubjectRow], held: Held, key: str) -> list[str | None]:
    """Household of the fact's day, then those of the days that earlier revisions gave: they may hold one."""
    if held.fact.person is None:
        return [key if any(row.household_id == key for row in rows) else None]
    return [household_of(rows, day) for day in (held.day(), *held.days)]


def _fact_sends(held: Held, key: str, homes: list[str | None]) -> list[Send]:
    households = {home: None for home in homes if home is not None}
    if not households:
        return []
    fact = replace(held.fact, person=key) if held.fact.person is not None else held.fact
    message = _fact_message(RoutedFact(fact, held.published_at, held.topic, held.partition, held.offset))
    return [(household, message) for household in households]


def _fact_message(routed: RoutedFact) -> bytes:
    """What `encode("household_fact", …)` makes, at a tenth of its cost: one field of bytes behind its length."""
    packed = pack_routed(routed)
    return _fact_header() + avro_long(len(packed)) + packed


@cache
def _fact_header() -> bytes:
    return registry()[1]["household_fact"].header


def _release(held: Held) -> list[Released]:
    if not held.waiting:
        return []
    released = [(held.department, batch_id) for batch_id in held.waiting.values()]
    held.waiting = {}
    return released


@cache
def _counted_kinds() -> frozenset[int]:
    return frozenset(kind.number for kind in kinds_by_number().values() if not kind.standing)


def forget(subject: Subject, published_at: int) -> None:
    """Drop counted facts that no window can reach any more, once a day of publishing."""
    newest = subject.newest
    if published_at <= newest:
        return
    subject.newest = published_at
    if published_at // DAY_MS == newest // DAY_MS:
        return
    limit, counted = subject.newest - KEPT_MS, _counted_kinds()
    old = [id_ for id_, held in subject.facts.items() if held.fact.occurred_at < limit and not held.waiting]
    for id_ in old:
        if subject.facts[id_].fact.kind in counted:
            del subject.facts[id_]


def _subject_row(row: dict[str, Any], source: Source) -> SubjectRow:
    return SubjectRow(
        row["household_id"],
        row["valid_from"],
        row["valid_to"],
        row["township_code"],
        row["village_code"],
        row["grid_code"],
        row["tags"],
        row["labour"],
        row["retracted"],
        source.offset,
    )


def _membership_sends(subject: Subject, person_id: str, source: Source) -> list[Send]:
    """The person's whole live row list, to every household that any row, taken back ones too, ever named."""
    rows = sorted(subject.live_rows(), key=lambda row: (row.valid_from, row.household_id))
    record = {
        "person_id": person_id,
        "rows": [_membership_row(row) for row in rows],
        "known_at": source.known_at,
        "source_topic": source.topic,
        "source_partition": source.partition,
        "source_offset": source.offset,
    }
    message = encode("membership", record)
    return [(household, message) for household in sorted({row.household_id for row in subject.rows.values()})]


def _membership_row(row: SubjectRow) -> dict[str, Any]:
    fields = asdict(row)
    del fields["retracted"], fields["source_offset"]
    return fields
