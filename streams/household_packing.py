"""Facts and people of a household as its row holds them: a person's id stands once, equal register rows too.

A million households are in memory at once, so what is not asked for is not kept: a fact's Kafka timestamp.
"""

from __future__ import annotations

import msgspec

from schemas.fact import Fact, Value
from streams.register import Membership, Row

_encode = msgspec.msgpack.Encoder().encode

_Packed = tuple[str, int, int, bool, bytes, int | None, int, list[Value]]
"""A fact without its Kafka timestamp, its person as a place in the household's list."""
_decode_facts = msgspec.msgpack.Decoder(list[_Packed]).decode

# Facts are an array with a four-byte length whatever their number, so that one can be appended.
_ARRAY = b"\xdd"
_HEADER_BYTES = 5
NO_FACTS = _ARRAY + bytes(4)


class _People(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """What the register says of people, each list of rows once.

    Attributes:
        told: of each person the place in the household's list, the rank, and which of the `rows` hold.

    """

    rows: list[list[Row]] = []
    told: list[tuple[int, int, int]] = []


_decode_people = msgspec.msgpack.Decoder(_People).decode
NOBODY = msgspec.Raw(_encode(_People()))


def appended(packed: bytes, fact: Fact, persons: list[str]) -> bytes:
    """Packed facts and one more; `persons` grows where the fact's person is new."""
    number = int.from_bytes(packed[len(_ARRAY) : _HEADER_BYTES], "big") + 1
    return b"".join((_ARRAY, number.to_bytes(4, "big"), packed[_HEADER_BYTES:], _packed(fact, persons)))


def pack_facts(facts: list[Fact], persons: list[str]) -> bytes:
    """Pack facts; `persons` grows by those who are new."""
    return _ARRAY + len(facts).to_bytes(4, "big") + b"".join([_packed(fact, persons) for fact in facts])


def unpack_facts(packed: bytes, persons: list[str]) -> list[Fact]:
    """Facts in the order in which they were packed, `known_at` 0."""
    return [
        Fact(id_, kind, revision, retracted, digest, None if at is None else persons[at], occurred_at, 0, values)
        for id_, kind, revision, retracted, digest, at, occurred_at, values in _decode_facts(packed)
    ]


def may_hold(packed: bytes, fact_id: str) -> bool:
    """Whether a fact of this id may be among the packed ones; never False where it is."""
    return _encode(fact_id) in packed


def pack_people(people: dict[str, Membership], persons: list[str]) -> msgspec.Raw:
    """Pack what the register says; `persons` grows by those who are new."""
    rows: list[list[Row]] = []
    told = []
    for person, membership in people.items():
        if membership.rows not in rows:
            rows.append(membership.rows)
        told.append((_place_of(person, persons), membership.rank, rows.index(membership.rows)))
    return msgspec.Raw(_encode(_People(rows, told)))


def unpack_people(packed: msgspec.Raw, persons: list[str]) -> dict[str, Membership]:
    """What the register says, by person_id."""
    people = _decode_people(packed)
    return {persons[at]: Membership(rank, people.rows[which]) for at, rank, which in people.told}


def _packed(fact: Fact, persons: list[str]) -> bytes:
    person = fact.person
    at = None if person is None else _place_of(person, persons)
    return _encode((fact.id, fact.kind, fact.revision, fact.retracted, fact.digest, at, fact.occurred_at, fact.values))


def _place_of(person: str, persons: list[str]) -> int:
    if person not in persons:
        persons.append(person)
    return persons.index(person)
