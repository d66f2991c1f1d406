"""What the supervisor does about a program that ended. Pure."""

from __future__ import annotations

from dataclasses import dataclass

FIRST_DELAY_S = 0.5
LONGEST_DELAY_S = 30.0
STEADY_S = 60.0
"""A program that lived this long starts again with the first delay."""
NEEDS_A_PERSON = 78
"""Exit code of what a restart cannot mend (design 7.2)."""
STOPPED_MARK = "STOPPED:"


@dataclass(frozen=True, slots=True)
class Restart:
    """Start it again after this many seconds."""

    after_s: float


@dataclass(frozen=True, slots=True)
class Leave:
    """Leave it stopped; a person reads the reason."""

    reason: str


def after_exit(code: int, lived_s: float, last_delay_s: float, last_words: str) -> Restart | Leave:
    """Decide what to do about a program that ended by itself.

    Args:
        code: exit code, negative for a signal.
        lived_s: seconds from start to end.
        last_delay_s: delay before this life, 0 for the first.
        last_words: what it logged in this life, or the end of it.

    """
    if code == NEEDS_A_PERSON:
        return Leave(reason_in(last_words) or "the program gave no reason")
    if lived_s >= STEADY_S or not last_delay_s:
        return Restart(FIRST_DELAY_S)
    return Restart(min(2 * last_delay_s, LONGEST_DELAY_S))


def reason_in(last_words: str) -> str:
    """Return what follows the last `STOPPED:`, else the last line that says something."""
    lines = [line.strip() for line in last_words.splitlines() if line.strip()]
    marked = [line.split(STOPPED_MARK, 1)[1].strip() for line in lines if STOPPED_MARK in line]
    return (marked or lines or [""])[-1]
