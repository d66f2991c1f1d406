"""What assign keeps of a person, or of a household whose own facts it routes: register rows and facts.

State of two writers is merged by union (design 7.3): of each row and each fact the newest, so a stopped and continued
worker can take nothing away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import NamedTuple, TypeVar

import msgspec
from msgspec.structs import replace

from schemas.beijing import day_of
from schemas.departments import DEPARTMENTS
from schemas.fact import Fact
from schemas.kinds import kinds_by_number
from schemas.topics import events_topic

T = TypeVar("T")
_REGIONS = ("village", "region")
EARLIER = 16
"""A worker reads again at most what another wrote that was stopped: few revisions of one fact."""
_DEPARTMENTS = {d.number: d.code for d in DEPARTMENTS}
_TOPICS = {d.number: events_topic(d.code) for d in DEPARTMENTS}


class Source(NamedTuple):
    """Where a record was read, and its Kafka timestamp in ms."""

    topic: str
    partition: int
    offset: int
    known_at: int


class SubjectRow(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A register row as last reported; days since 1970-01-01, `valid_to` is the last day it holds."""

    household_id: str
    valid_from: int
    valid_to: int | None
    township_code: str
    village_code: str
    grid_code: str
    tags: list[str]
    labour: str
    retracted: bool
    source_offset: int


class Held(msgspec.Struct, array_like=True, gc=False):
    """A fact as last reported, and which of the events that reported it are parked.

    Attributes:
        fact: newest revision; its person is `""` where that is the subject itself, None for a household's own fact.
        partition: of its department's topic; all events of a fact are on one.
        offset: where the newest revision was published.
        waiting: offset -> batch id (`""` for none) of events that are parked: never yet routed.
        earlier: offsets of the events that it replaced, the last few.
        days: Beijing days on which earlier revisions said it happened, where the newest says another.
        codes: places that earlier revisions of an area's event named, where the newest does not.

    """

    fact: Fact
    published_at: int
    partition: int
    offset: int
    waiting: dict[int, str]
    earlier: list[int]
    days: list[int]
    codes: list[str] = []

    @property
    def department(self) -> str:
        """Code of the department that reported it."""
        return _DEPARTMENTS[self.fact.kind >> 6]

    @property
    def topic(self) -> str:
        """Topic of that department's events."""
        return _TOPICS[self.fact.kind >> 6]

    def day(self) -> int:
        """Beijing day on which it happened."""
        return day_of(self.fact.occurred_at)

    def was_newest(self, offset: int) -> bool:
        """Whether the event at this offset was once the newest: read again, it is no duplicate."""
        return offset == self.offset or offset in self.earlier

    def remember(self, older: Held) -> None:
        """Take over what must be known of a report that this one replaces, or of another writer's copy."""
        self.days = sorted({*self.days, *older.days, older.day()} - {self.day()})
        if self.fact.kind in _places():
            named = {*self.codes, *older.codes, *(named_in(older.fact) or ())}
            self.codes = sorted(named.difference(() if self.fact.retracted else named_in(self.fact) or ()))
        events = {*self.earlier, *older.earlier, older.offset} - {self.offset}
        self.earlier = sorted(events)[-EARLIER:]


class Subject(msgspec.Struct, array_like=True, gc=False):
    """A person (key `p_…`) or a household (any other key).

    Attributes:
        rows: `household_id|valid_from` -> row of a person, `valid_from|person_id` -> row of a household.
        facts: Fact.id -> fact.
        newest: greatest publishing time seen, ms.

    """

    rows: dict[str, SubjectRow]
    facts: dict[str, Held]
    newest: int

    def live_rows(self) -> list[SubjectRow]:
        """Rows that were not taken back."""
        return [row for row in self.rows.values() if not row.retracted]

    def waiting(self) -> Iterator[tuple[str, str]]:
        """Department and batch id (`""` for none) of each event that is parked."""
        for held in self.facts.values():
            for batch_id in held.waiting.values():
                yield held.department, batch_id


def named_in(fact: Fact) -> tuple[str, ...] | None:
    """Codes of the places that an area's event names; None where its kind names none but its own key."""
    place = _places().get(fact.kind)
    value = fact.values[place] if place is not None and place < len(fact.values) else ()
    return None if place is None else tuple(map(str, value)) if isinstance(value, tuple | list) else ()


@cache
def _places() -> dict[int, int]:
    """Kind.number of areas' events -> place of the field that names them."""
    return {
        kind.number: place
        for kind in kinds_by_number().values()
        if kind.area
        for place, field in enumerate(kind.fields)
        if field.unit in _REGIONS
    }


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Subject).decode


def new_subject() -> Subject:
    """Nothing known yet."""
    return Subject({}, {}, 0)


def pack(subject: Subject) -> bytes:
    """Bytes of the changelog's value."""
    return _encode(subject)


def unpack(stored: bytes) -> Subject:
    """Read the changelog's value.

    Raises:
        msgspec.DecodeError: the row is corrupt.

    """
    return _decode(stored)


def merge(a: bytes, b: bytes) -> bytes:
    """Union of two writers' copies: commutative, associative and idempotent.

    An event is parked only if every copy that knows it says so: what one writer routed is routed.
    """
    if a == b:
        return a
    left, right = unpack(a), unpack(b)
    rows = _union(left.rows, right.rows, _newer_row)
    facts = _union(left.facts, right.facts, _newer_fact)
    return pack(Subject(rows, facts, max(left.newest, right.newest)))


def _union(a: dict[str, T], b: dict[str, T], newer: Callable[[T, T], T]) -> dict[str, T]:
    merged = a | b
    for key in a.keys() & b.keys():
        merged[key] = newer(a[key], b[key])
    return dict(sorted(merged.items()))


def _newer_row(a: SubjectRow, b: SubjectRow) -> SubjectRow:
    return max(a, b, key=lambda row: (row.source_offset, _encode(row)))


def _newer_fact(a: Held, b: Held) -> Held:
    older, newer = sorted(
        (a, b), key=lambda h: (h.fact.rank, -h.offset, _encode((h.fact, h.published_at, h.partition)))
    )
    waiting = {
        offset: batch_id
        for offset, batch_id in sorted((a.waiting | b.waiting).items())
        if not (_routed(a, offset) or _routed(b, offset))
    }
    merged = replace(newer, waiting=waiting)
    merged.remember(older)
    return merged


def _routed(held: Held, offset: int) -> bool:
    return held.was_newest(offset) and offset not in held.waiting
