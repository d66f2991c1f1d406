"""When to send, try again and give up."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from consumers.channels import ChannelError, Refused, Unreachable
from consumers.delivery import (
    BURST,
    GIVE_UP_AFTER,
    LONGEST_ASKED,
    LONGEST_PAUSE,
    LONGEST_PROBE_PAUSE,
    Receiver,
    after_attempt,
    next_attempt,
    wait_for_turn,
)

NOW = 1_790_000_000_000
DOWN = Unreachable("no_connection")


def pause(attempts: int, error: ChannelError = DOWN) -> int | None:
    again = next_attempt(attempts, NOW, NOW, error)
    return None if again is None else again - NOW


def test_each_failure_doubles_the_pause_up_to_five_minutes() -> None:
    assert [pause(attempts) for attempts in range(1, 6)] == [1_000, 2_000, 4_000, 8_000, 16_000]
    assert pause(10) == pause(10**6) == LONGEST_PAUSE


def test_what_is_refused_is_given_up_at_once() -> None:
    assert pause(1, Refused("http_410")) is None


def test_what_has_not_arrived_within_a_day_is_given_up() -> None:
    assert next_attempt(50, NOW, NOW + GIVE_UP_AFTER - 1, DOWN) is not None
    assert next_attempt(50, NOW, NOW + GIVE_UP_AFTER, DOWN) is None


def test_a_receiver_is_given_the_time_that_it_asks_for_but_not_a_year() -> None:
    assert pause(1, Unreachable("http_429", retry_after=90)) == 90_000
    assert pause(1, Unreachable("http_429", retry_after=0)) == 1_000
    assert pause(1, Unreachable("http_429", retry_after=31_536_000)) == LONGEST_ASKED
    assert pause(1, Unreachable("http_429")) == 1_000


def test_a_receiver_that_is_down_is_probed_now_and_then() -> None:
    receiver = Receiver()
    for _ in range(20):
        receiver = after_attempt(receiver, DOWN, NOW)

    assert not receiver.is_open(NOW + LONGEST_PROBE_PAUSE - 1)
    assert receiver.is_open(NOW + LONGEST_PROBE_PAUSE)


def test_a_receiver_that_answers_again_is_open_at_once() -> None:
    down = after_attempt(Receiver(), DOWN, NOW)

    assert after_attempt(down, None, NOW).is_open(NOW)
    assert after_attempt(down, Refused("http_400"), NOW).is_open(NOW)


def test_the_whole_receiver_rests_as_long_as_it_asked_for() -> None:
    limited = after_attempt(Receiver(), Unreachable("http_429", retry_after=120), NOW)

    assert not limited.is_open(NOW + 119_999)
    assert limited.is_open(NOW + 120_000)


@given(st.floats(0.5, 1000), st.lists(st.integers(0, 500), min_size=1, max_size=300))
def test_a_receiver_gets_no_more_than_a_burst_and_its_rate(per_second: float, gaps: list[int]) -> None:
    now, receiver, sent = float(NOW), Receiver(), []
    for gap in gaps:
        now += gap
        wait, receiver = wait_for_turn(receiver, int(now), per_second)
        now = int(now) + wait
        sent.append(now)

    seconds = (sent[-1] - sent[0]) / 1000
    assert len(sent) <= BURST + seconds * per_second + 2


def test_after_a_burst_messages_go_at_the_rate() -> None:
    receiver, waits = Receiver(), []
    for _ in range(int(BURST) + 2):
        wait, receiver = wait_for_turn(receiver, NOW, per_second=10)
        waits.append(wait)

    assert waits[: int(BURST)] == [0] * int(BURST)
    assert [round(wait) for wait in waits[-2:]] == [100, 200]
