"""What the supervisor decides about a program that ended."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from deploy.up.decisions import LONGEST_DELAY_S, Leave, Restart, after_exit, reason_in


def delays(lives: list[float], code: int = 70) -> list[float]:
    """Delays before each next life, given how long each lasted."""
    found: list[float] = []
    for lived_s in lives:
        decision = after_exit(code, lived_s, found[-1] if found else 0, "")
        assert isinstance(decision, Restart)
        found.append(decision.after_s)
    return found


def test_a_program_that_dies_at_once_is_restarted_ever_later_but_within_30_s() -> None:
    assert delays([0] * 9) == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]


def test_a_minute_of_life_earns_the_short_delay_again() -> None:
    assert delays([0, 0, 0, 60, 59]) == [0.5, 1, 2, 0.5, 1]


def test_exit_78_is_not_restarted_and_keeps_the_reason_that_the_program_gave() -> None:
    words = "starting\n2026-01-01 STOPPED: the rule set is missing\nlast line\n\n"

    assert after_exit(78, 5, 0, words) == Leave("the rule set is missing")


def test_without_a_mark_the_last_line_is_the_reason() -> None:
    assert reason_in("one\ntwo\n\n") == "two"


def test_a_silent_exit_78_still_has_a_reason() -> None:
    assert after_exit(78, 5, 0, "") == Leave("the program gave no reason")


@given(code=st.integers(-64, 255).filter(lambda code: code != 78), lived=st.floats(0, 1e6), last=st.floats(0, 30))
def test_every_other_end_is_followed_by_another_life_within_30_s(code: int, lived: float, last: float) -> None:
    decision = after_exit(code, lived, last, "words")

    assert isinstance(decision, Restart)
    assert 0 < decision.after_s <= LONGEST_DELAY_S
