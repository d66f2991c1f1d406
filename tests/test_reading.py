"""The books of a partition: what may be committed, whatever is delivered, cut off, read again and acknowledged when."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from streams.reading import Reading, Verdict


def test_only_the_longest_acknowledged_prefix_is_committed() -> None:
    reading = Reading(wanted=10)
    for last in (14, 19, 24):
        reading.delivered(last)
    reading.acknowledge(24)
    reading.acknowledge(14)

    assert reading.committable() == 15
    assert reading.committable() is None
    reading.acknowledge(19)
    assert reading.committable() == 25
    assert reading.done == 25


def test_nothing_is_committed_before_the_first_batch_is_acknowledged() -> None:
    reading = Reading(wanted=0)
    reading.delivered(4)
    reading.delivered(9)
    reading.acknowledge(9)

    assert reading.committable() is None
    assert reading.done == 0


def test_a_newer_batch_is_read_again_before_a_hole_is_believed() -> None:
    reading = Reading(wanted=5)

    assert reading.judge(8, 9) is Verdict.READ_AGAIN
    assert reading.judge(5, 9) is Verdict.DELIVER


def test_a_hole_that_is_still_there_is_real() -> None:
    lost, compacted = Reading(wanted=5), Reading(wanted=5, holes_allowed=True)

    assert [reading.judge(8, 9) for reading in (lost, compacted)] == [Verdict.READ_AGAIN] * 2
    assert lost.judge(8, 9) is Verdict.GONE
    assert compacted.judge(8, 9) is Verdict.DELIVER


def test_a_log_that_has_gone_back_is_seen_even_in_a_compacted_topic() -> None:
    reading = Reading(wanted=100, holes_allowed=True)

    assert reading.judge(0, 9) is Verdict.READ_AGAIN
    assert reading.judge(0, 9) is Verdict.GONE


def test_a_batch_that_reaches_past_the_wanted_offset_is_delivered_for_its_rest() -> None:
    assert Reading(wanted=5).judge(0, 9) is Verdict.DELIVER


def test_a_delivered_batch_ends_the_doubt() -> None:
    reading = Reading(wanted=5)
    reading.judge(8, 9)
    reading.delivered(6)

    assert reading.judge(8, 9) is Verdict.READ_AGAIN


class Consumption:
    """A log of so many records and everybody who touches its books; it knows what really took effect."""

    def __init__(self, length: int) -> None:
        self.length = length
        self.reading = Reading(wanted=0)
        self.position = 0
        self.in_hand: list[tuple[int, int]] = []
        self.effects = [False] * length
        self.committed = 0

    def fetch(self, size: int, skip: int, back: int, *, cut_off: bool) -> None:
        """Offer the next batch, or one left from before a seek: further on by `skip`, or earlier by `back`."""
        first = max(0, self.position + skip - back)
        last = min(self.length, first + size) - 1
        if last < first:
            return
        verdict = self.reading.judge(first, last)
        if verdict is Verdict.DELIVER and not cut_off:
            self.in_hand.append((max(first, self.reading.wanted), last))
            self.reading.delivered(last)
            self.position = last + 1
        elif verdict is Verdict.READ_AGAIN:
            self.position = self.reading.wanted

    def finish(self, which: int) -> None:
        if self.in_hand:
            first, last = self.in_hand.pop(which % len(self.in_hand))
            self.effects[first : last + 1] = [True] * (last + 1 - first)
            self.reading.acknowledge(last)

    def commit(self) -> None:
        end = self.reading.committable()
        if end is not None:
            assert end > self.committed
            self.committed = end

    def restart(self) -> None:
        """As after a rebalance: another reading, from the committed offset; what is in hand is of the old one."""
        self.reading = Reading(wanted=self.committed)
        self.position = self.committed
        self.in_hand.clear()


small = st.integers(0, 3)
steps = st.one_of(
    st.tuples(st.just("fetch"), st.integers(1, 5), small, small, st.booleans()),
    st.tuples(st.just("finish"), st.integers(0, 5)),
    st.just(("commit",)),
    st.just(("restart",)),
)


@given(st.lists(steps, max_size=60))
def test_whatever_comes_in_whatever_order_no_unfinished_record_is_ever_committed(run: list[tuple[str, int]]) -> None:
    consumption = Consumption(40)
    for name, *arguments in run:
        if name == "fetch":
            size, skip, back, cut_off = arguments
            consumption.fetch(size, skip, back, cut_off=bool(cut_off))
        else:
            getattr(consumption, name)(*arguments)

        assert all(consumption.effects[: consumption.committed])


@given(st.lists(steps, max_size=40))
def test_after_any_run_everything_is_still_read_and_committed(run: list[tuple[str, int]]) -> None:
    consumption = Consumption(40)
    for name, *arguments in run:
        if name == "fetch":
            size, skip, back, cut_off = arguments
            consumption.fetch(size, skip, back, cut_off=bool(cut_off))
        else:
            getattr(consumption, name)(*arguments)
    consumption.restart()
    while consumption.position < consumption.length:
        consumption.fetch(7, 0, 0, cut_off=False)
    while consumption.in_hand:
        consumption.finish(0)
    consumption.commit()

    assert consumption.committed == consumption.length
    assert all(consumption.effects)
