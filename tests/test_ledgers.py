"""Ledgers survive a takeover, and a log that is shorter than its ledger is refused."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.failstop import NeedsAPersonError
from schemas.topics import HOUSEHOLD_EVENTS, SUBJECTS_CHANGELOG
from streams.app import check_partition_counts
from streams.assign_program import Assign
from streams.changelog import LEDGER, pack_row
from streams.correlate_program import Correlate
from streams.ledgers import Ledger, ledgers_of
from streams.state_table import Partition
from tests.builders import graded
from tests.offline import OfflineWorker, household_record, households_on

words = st.text(max_size=12)
days = st.integers(0, 40_000)


@given(
    st.builds(
        Ledger,
        input=st.just("events.housing"),
        partition=st.integers(0, 11),
        offset=st.integers(-1, 2**40),
        totals=st.dictionaries(words, st.integers(0, 2**40)).map(Counter),
        rule_set=words,
        tick=st.none() | days,
        positions=st.dictionaries(words, days),
    )
)
def test_a_ledger_comes_back_as_it_was_written(ledger: Ledger) -> None:
    key, row = ledger.row()

    found = ledgers_of(Partition(ledger.partition, {key: row}, {}), ("events.housing", "events.water"))
    assert found["events.housing"] == ledger
    assert found["events.water"] == Ledger("events.water", ledger.partition)


def test_a_ledger_ahead_of_its_log_is_refused_with_what_to_do() -> None:
    ledger = Ledger("events.housing", 3, offset=9)

    ledger.check(10, SUBJECTS_CHANGELOG)
    with pytest.raises(NeedsAPersonError, match=r"counted up to offset 9, but the topic ends at 9.*Restore the topic"):
        ledger.check(9, SUBJECTS_CHANGELOG)


@pytest.mark.parametrize("input_topic", ["events.housing", "register.persons"])
def test_assign_refuses_to_go_on_where_any_of_its_topics_was_made_anew(input_topic: str) -> None:
    key, row = Ledger(input_topic, 0, offset=9).row()
    partition = Partition(0, {key: row}, {})

    with pytest.raises(NeedsAPersonError, match=input_topic):
        Assign().recovered(partition, dict.fromkeys(Assign.inputs, 9))


def test_correlate_refuses_to_go_on_where_household_events_was_made_anew() -> None:
    async def story() -> None:
        worker = OfflineWorker(Correlate(lambda _: None))
        worker.take_over({HOUSEHOLD_EVENTS: 8})
        await worker.process(HOUSEHOLD_EVENTS, [household_record(7, households_on(0, 1)[0], graded("A"))])
        OfflineWorker(Correlate(lambda _: None), worker.producer).take_over({HOUSEHOLD_EVENTS: 7})

    with pytest.raises(NeedsAPersonError, match=r"household.events partition 0 has counted up to offset 7"):
        asyncio.run(story())


def test_a_ledger_that_cannot_be_read_is_refused() -> None:
    partition = Partition(4, {LEDGER + b"t": pack_row(9, 1, b"odd")}, {})

    with pytest.raises(NeedsAPersonError, match="ledger of partition 4"):
        ledgers_of(partition, ("t",))


def test_a_ledger_of_a_rule_set_that_is_gone_is_refused() -> None:
    key, row = Ledger(HOUSEHOLD_EVENTS, 0, offset=3, rule_set="ab12").row()

    with pytest.raises(NeedsAPersonError, match="rule set ab12"):
        Correlate(lambda _: None).recovered(Partition(0, {key: row}, {}), {HOUSEHOLD_EVENTS: 10})


def test_a_topic_with_another_partition_count_is_refused() -> None:
    check_partition_counts({"events.housing": 12, "events.water": None})

    with pytest.raises(NeedsAPersonError, match=r"events.water has 6 partitions, expected 12"):
        check_partition_counts({"events.housing": 12, "events.water": 6})
