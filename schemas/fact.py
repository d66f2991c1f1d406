"""What assign tells correlate of an event, and what both keep of it.

The one record that every event passes through, so it is MessagePack arrays (msgspec) inside its Avro envelope: a tenth
of the cost of named fields (docs/decisions/0004). Fields are only ever appended.
"""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

from schemas.departments import DEPARTMENTS
from schemas.kinds import Kind, all_kinds

Value = int | str | bool | tuple[str, ...] | None

_pack = msgspec.msgpack.Encoder().encode
_CODES = {d.number: d.code for d in DEPARTMENTS}


class Fact(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """One event, latest revision, without what only its delivery needs.

    Attributes:
        id: `<department number>:<event_id>`, the fact's identity.
        kind: Kind.number; the department is kind // 64.
        digest: first 8 bytes of the canonical body's SHA-256.
        person: person_id, None where the household itself is the subject.
        occurred_at: when it happened, ms.
        known_at: Kafka timestamp of the source record, ms.
        values: the body's fields in schema order, money in fen, dates in days, several words as a tuple; empty where
            there is no body.

    """

    id: str
    kind: int
    revision: int
    retracted: bool
    digest: bytes
    person: str | None
    occurred_at: int
    known_at: int
    values: list[Value]

    @property
    def rank(self) -> tuple[int, bool, bytes]:
        """Of two reports of one fact the greater rank stands (design 4.1)."""
        return self.revision, self.retracted, self.digest

    @property
    def department(self) -> str:
        """Code of the department that reported it."""
        return _CODES[self.kind >> 6]

    @property
    def event_id(self) -> str:
        """The department's own id."""
        return self.id.partition(":")[2]


class RoutedFact(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A fact on its way to a household, and where it was published."""

    fact: Fact
    published_at: int
    source_topic: str
    source_partition: int
    source_offset: int


pack_routed = _pack
unpack_routed = msgspec.msgpack.Decoder(RoutedFact).decode


def canonical_digest(event: dict[str, Any], values: list[Value]) -> bytes:
    """First 8 bytes of the SHA-256 of what an event says, without how it was delivered."""
    said = (
        event["kind"],
        event["person_id"],
        event["household_id"],
        event["region_code"],
        event["occurred_at"],
        values,
    )
    return hashlib.sha256(_pack(said)).digest()[:8]


def fact_of(event: dict[str, Any], known_at: int) -> Fact:
    """Fact of a valid event (see schemas.events) whose record has this Kafka timestamp."""
    kind = all_kinds()[event["department"], event["kind"]]
    body = event["body"]
    values: list[Any] = list(body.values()) if body is not None else []
    if kind.sets and values:
        values = [tuple(said) if isinstance(said, list) else said for said in values]
    return Fact(
        f"{kind.department.number}:{event['event_id']}",
        kind.number,
        event["revision"],
        event["retracted"],
        canonical_digest(event, values),
        event["person_id"],
        event["occurred_at"],
        known_at,
        values,
    )


def value_of(fact: Fact, kind: Kind, field: str) -> Value:
    """Value of a body's field; None where the fact has no body or was written before the field was."""
    place = kind.index(field)
    return fact.values[place] if place < len(fact.values) else None
