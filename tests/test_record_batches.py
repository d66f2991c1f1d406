"""Fetched records as batches: bounded, in order, complete."""

from __future__ import annotations

from faust.types import TP
from hypothesis import given
from hypothesis import strategies as st

from streams.record_batches import RecordBatch, RecordBatches, split
from tests.fake_log import FakeRecord

sizes = st.lists(st.one_of(st.none(), st.integers(0, 30)), max_size=60)


def records(lengths: list[int | None]) -> list[FakeRecord]:
    return [
        FakeRecord("t", 3, 100 + place, None, None if length is None else b"x" * length)
        for place, length in enumerate(lengths)
    ]


@given(sizes, st.integers(1, 8), st.integers(1, 50))
def test_batches_are_bounded_and_lose_nothing(lengths: list[int | None], most: int, most_bytes: int) -> None:
    fetched = records(lengths)
    batches = list(split(fetched, most, most_bytes))

    assert [record for batch in batches for record in batch] == fetched
    assert all(0 < len(batch) <= most for batch in batches)
    assert all(len(b) == 1 or sum(len(r.value or b"") for r in b) <= most_bytes for b in batches)


def test_a_record_over_the_bound_stands_alone() -> None:
    batches = list(split(records([1, 50, 1]), 10, 20))

    assert [len(batch) for batch in batches] == [1, 1, 1]


def test_a_batch_passes_for_a_record_at_the_offset_of_its_last() -> None:
    batch = RecordBatch(records([1, 2, 3]))

    assert (batch.topic, batch.partition, batch.offset) == ("t", 3, 102)
    assert len(batch.value) == 3


def test_faust_is_handed_one_batch_where_it_would_see_thousands_of_records() -> None:
    batches = RecordBatches()
    handed = list(batches.iterate({TP("t", 3): records([1] * 5000)}))

    assert [(tp, len(batch.value)) for tp, batch in handed] == [(TP("t", 3), 5000)]
