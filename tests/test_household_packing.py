"""What a household's row holds of facts and people is what was put in, however it was put in."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from schemas.fact import Fact
from streams.household_packing import (
    NO_FACTS,
    NOBODY,
    appended,
    may_hold,
    pack_facts,
    pack_people,
    unpack_facts,
    unpack_people,
)
from streams.register import Membership, Row
from tests.builders import row

PERSONS = st.sampled_from(["p_a", "p_b", "p_c"])
VALUES = st.lists(st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(max_size=5), max_size=5)
FACTS = st.builds(
    Fact,
    id=st.integers(1, 14).map("{}:".format).flatmap(lambda first: st.text(max_size=64).map(first.__add__)),
    kind=st.integers(64, 1000),
    revision=st.integers(0, 1000),
    retracted=st.booleans(),
    digest=st.binary(min_size=8, max_size=8),
    person=st.none() | PERSONS,
    occurred_at=st.integers(-(2**40), 2**42),
    known_at=st.integers(0, 2**42),
    values=VALUES,
)
ROWS: st.SearchStrategy[list[Row]] = st.lists(st.sampled_from([row("2020-01-01"), row("2021-01-01", "H2")]), max_size=2)


@given(st.lists(FACTS, max_size=6))
def test_facts_appended_or_packed_together_come_back_in_order_without_their_kafka_timestamp(facts: list[Fact]) -> None:
    packed, persons = NO_FACTS, list[str]()
    for each in facts:
        packed = appended(packed, each, persons)

    assert unpack_facts(packed, persons) == [replace(each, known_at=0) for each in facts]
    assert pack_facts(facts, []) == packed
    assert all(may_hold(packed, each.id) for each in facts)


@given(st.dictionaries(PERSONS, st.builds(Membership, st.integers(0, 2**40), ROWS)), st.lists(PERSONS, unique=True))
def test_people_come_back_whoever_was_named_before(people: dict[str, Membership], named: list[str]) -> None:
    assert unpack_people(pack_people(people, named), named) == people
    assert unpack_people(NOBODY, named) == {}


def test_an_id_and_equal_rows_stand_once() -> None:
    persons: list[str] = []
    people = {person: Membership(7, [row("2020-01-01")]) for person in ("p_a", "p_b", "p_c")}

    packed = pack_people(people, persons)

    assert (persons, bytes(packed).count(b"p_a"), bytes(packed).count(b"H1")) == (["p_a", "p_b", "p_c"], 0, 1)
