"""Conservation: each row of a delivery is accounted for, whatever order its records come in, and however often."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.codec import Record
from schemas.conservation import Batch, Books, Totals, became, began_at
from tests.builders import at
from tests.deliveries import MARCH, batch_id, delivery, outcome
from tests.seeds import seeds

FIRST = ("applied", "duplicate", "parked", "dead_lettered")
Said = tuple[str, Record, int]


def books(*records: Said) -> Books:
    found = Books()
    for each in records:
        found.take(*each)
    return found


def only(found: Books) -> Batch:
    (batch,) = found.batches()
    return batch


def test_a_delivery_adds_up_once_each_row_is_accounted_for() -> None:
    sent: Said = ("delivery", delivery(1, accepted=1191, rejected=12), 0)
    half: Said = ("outcome", outcome(1, 0, applied=600, duplicate=20), 0)
    rest: Said = ("outcome", outcome(1, 1, applied=480, duplicate=10, parked=81, parked_now=61), 0)

    before, after = only(books(sent, half)), only(books(sent, half, rest))

    assert (before.became.waiting, before.became.adds_up) == (571, False)
    assert (after.rows, after.became) == (1203, (1100, 30, 61, 0, 0, 0, 0))


def test_the_newest_word_of_a_partition_stands() -> None:
    older: Said = ("outcome", outcome(1, applied=3, parked=2, parked_now=2), 4)
    newer: Said = ("outcome", outcome(1, applied=3, parked=2, parked_now=1), 9)

    assert only(books(newer, older)).became == only(books(older, newer)).became
    assert only(books(newer, older)).became.parked == 1


def test_what_a_worker_that_was_held_up_tells_late_takes_nothing_back() -> None:
    heir: Said = ("outcome", outcome(1, applied=5, parked=2), 4)
    late: Said = ("outcome", outcome(1, applied=3, parked=2, parked_now=2), 9)

    assert only(books(heir, late)).became == only(books(late, heir)).became == only(books(heir)).became


def test_records_that_a_killed_sender_sent_again_are_no_rows() -> None:
    twice = became(3, Totals(applied=3, duplicate=2))
    own_duplicate = became(3, Totals(applied=2, duplicate=4))

    assert (twice.duplicate, twice.repeated, twice.adds_up) == (0, 2, True)
    assert (own_duplicate.duplicate, own_duplicate.repeated, own_duplicate.adds_up) == (1, 3, True)


def test_a_letter_that_was_replayed_counts_as_what_it_became() -> None:
    on_its_way = became(3, Totals(applied=2, dead_lettered=1), replayed=1)
    replayed = became(3, Totals(applied=3, dead_lettered=1), replayed=1)
    refused_again = became(3, Totals(applied=2, dead_lettered=2), replayed=1)

    assert (on_its_way.dead_lettered, on_its_way.waiting, on_its_way.adds_up) == (0, 1, False)
    assert (replayed.applied, replayed.dead_lettered, replayed.adds_up) == (3, 0, True)
    assert (refused_again.dead_lettered, refused_again.adds_up) == (1, True)


def test_rows_that_count_twice_do_not_add_up() -> None:
    assert not became(3, Totals(applied=4)).adds_up
    assert not became(3, Totals(applied=2, parked=2, parked_now=2)).adds_up


def test_rows_of_recent_deliveries_that_nobody_accounts_for_are_counted_by_department() -> None:
    found = books(
        ("delivery", delivery(1, accepted=5), 0),
        ("outcome", outcome(1, applied=3), 0),
        ("delivery", delivery(2, accepted=1), 1),
        ("outcome", outcome(2, applied=2), 1),
        ("delivery", delivery(3, accepted=9, delivered_at=MARCH - 1), 2),
        ("outcome", outcome(4, applied=2), 2),
        ("delivery", delivery(5, accepted=7, delivered_at=MARCH + 2), 3),
    )

    assert {code: rows for code, rows in found.unaccounted(MARCH, MARCH + 1).items() if rows} == {"housing": 3}
    found.forget(MARCH)
    assert [each.batch_id for each in found.batches()] == [batch_id(1), batch_id(2), batch_id(4), batch_id(5)]


def test_what_has_no_delivery_is_unfinished_and_the_register_has_no_outcomes() -> None:
    found = books(("outcome", outcome(7, applied=2), 0), ("delivery", delivery(1, 5, department="register"), 0))

    assert (only(found).batch_id, only(found).rows, only(found).at) == (batch_id(7), None, at("2026-03-05T10:00:00"))


@pytest.mark.parametrize("text", ["housing", "housing-20261305100000-1a2b3c4d", "", "x-1-y"])
def test_a_batch_id_of_somebody_else_says_no_time(text: str) -> None:
    assert began_at(text) is None


@seeds(100)
@given(st.randoms(use_true_random=False), st.integers(1, 4), st.integers(0, 60))
def test_order_repetition_and_batching_do_not_matter_and_nothing_is_lost(
    chance: random.Random, count: int, records: int
) -> None:
    log: list[Said] = []
    so_far: dict[tuple[int, int], Counter[str]] = {}
    rows: Counter[int] = Counter()
    for offset in range(records):
        number, partition, word = chance.randrange(count), chance.randrange(3), chance.choice(FIRST)
        rows[number] += 1
        counts = so_far.setdefault((number, partition), Counter())
        counts[word] += 1
        counts["parked_now"] = chance.randint(0, counts["parked"])
        log.append(("outcome", outcome(number, partition, **counts), offset))
    log += [("delivery", delivery(number, rows[number], number), 0) for number in rows]
    shuffled = [*log, *chance.choices(log, k=5)] if log else []
    chance.shuffle(shuffled)

    found = list(books(*shuffled).batches())

    assert found == list(books(*log).batches())
    for batch in found:
        told = batch.became
        assert told.applied + told.duplicate + told.parked + told.dead_lettered == batch.delivered.accepted  # type: ignore[union-attr]  # all are delivered
        assert told.adds_up
