"""Copies of a subject by two writers become one, whichever way round and however often."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.codec import Record
from streams.assign import take_event, take_row
from streams.subject import Subject, merge, new_subject, pack, unpack
from tests.assign_world import at, inspection, row, settlement, topics

REGISTER, BILLS, HOUSES = topics()
DAYS = st.sampled_from((60, 100, 180))
records = st.one_of(
    st.builds(row, st.sampled_from("ABC"), st.sampled_from((80, 100)), retracted=st.booleans()),
    st.builds(settlement, st.sampled_from(("e1", "e2")), day=DAYS, revision=st.integers(0, 2), fee=st.integers(0, 2)),
    st.builds(inspection, st.just("e1"), day=DAYS, revision=st.integers(0, 2), retracted=st.booleans()),
)


def folded(log: list[Record], chosen: list[bool]) -> bytes:
    """What a writer holds who saw these records of the log."""
    subject = new_subject()
    for offset, (record, seen) in enumerate(zip(log, chosen, strict=False)):
        if seen:
            take(subject, record, offset)
    return pack(subject)


def take(subject: Subject, record: Record, offset: int) -> None:
    if "kind" in record:
        take_event(subject, record, at(offset, f"events.{record['department']}"))
    else:
        take_row(subject, record, at(offset, REGISTER))


logs = st.lists(records, max_size=8)
choices = st.lists(st.booleans(), min_size=8, max_size=8)


def same(a: bytes, b: bytes) -> bool:
    return unpack(a) == unpack(b)


@given(logs, choices, choices, choices)
def test_merging_is_commutative_associative_and_idempotent(
    log: list[Record], one: list[bool], two: list[bool], three: list[bool]
) -> None:
    a, b, c = folded(log, one), folded(log, two), folded(log, three)

    assert same(merge(a, a), a)
    assert merge(merge(a, b), merge(a, b)) == merge(a, b)
    assert same(merge(a, b), merge(b, a))
    assert same(merge(merge(a, b), c), merge(a, merge(b, c)))


@given(logs, choices, choices)
def test_the_union_lacks_nothing_that_a_writer_had(log: list[Record], one: list[bool], two: list[bool]) -> None:
    a, b = unpack(folded(log, one)), unpack(folded(log, two))
    union = unpack(merge(pack(a), pack(b)))

    for copy in (a, b):
        assert all(union.facts[id_].fact.rank >= held.fact.rank for id_, held in copy.facts.items())
        assert all(union.rows[key].source_offset >= known.source_offset for key, known in copy.rows.items())
        assert union.newest >= copy.newest


def test_of_two_copies_of_a_row_the_later_one_stands() -> None:
    earlier, later = new_subject(), new_subject()
    take_row(earlier, row("A"), at(1))
    take_row(later, row("A", retracted=True), at(2))

    assert unpack(merge(pack(earlier), pack(later))).live_rows() == []


def test_an_event_that_one_writer_routed_is_not_parked() -> None:
    parked, routed = new_subject(), new_subject()
    take_event(parked, settlement(), at(0, BILLS))
    take_row(routed, row(), at(0))
    take_event(routed, settlement(), at(0, BILLS))

    assert list(parked.waiting()) == [("health_insurance", "b1")]
    assert list(unpack(merge(pack(parked), pack(routed))).waiting()) == []


def test_a_person_with_three_facts_takes_half_a_kilobyte() -> None:
    subject = new_subject()
    take_row(subject, row("H0001001"), at(1))
    for number in range(3):
        take_event(subject, settlement(f"HE-2026-0000{number}"), at(1_000_000 + number, BILLS))

    assert len(pack(subject)) <= 512


def test_a_damaged_copy_is_refused() -> None:
    with pytest.raises(msgspec.DecodeError):
        unpack(pack(new_subject()) + b"x")
