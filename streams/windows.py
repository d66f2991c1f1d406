"""That a condition holds, and the windows in which one of counted facts may."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from schemas.fact import Fact
from streams.basis import mark_of
from streams.series import Series


class Held(NamedTuple):
    """That a condition holds.

    Attributes:
        number: facts, or parts of a combination.
        value: money of the window, fen; `line` what it reached, 0 without a line.
        group: whose line.
        since: when it came true, ms; 0: with the last of the evidence.

    """

    grade: int
    evidence: Sequence[Fact]
    number: int
    value: int = 0
    line: int = 0
    group: str = ""
    since: int = 0

    def came_true(self) -> int:
        """When it came true, ms: by when things happened, not by when they were reported."""
        return self.since or max(fact.occurred_at for fact in self.evidence)


class Onset(NamedTuple):
    """When a condition came true: the day counts, not the arrival.

    Attributes:
        at: occurred_at of the last fact that it took, ms.
        facts: what it rested on then.

    """

    at: int
    facts: Sequence[Fact]


class Windows(NamedTuple):
    """A counted condition's facts, ready to be asked for any window.

    Attributes:
        bars: from a window's end to what each grade asks for, the highest grade first.
        line: from a window's end to the line, 0 without one.
        lowest: what no window may fall short of anywhere, at any time.
        grades: facts that count for each grade; empty: all do.

    """

    series: Series
    bars: Callable[[int], Sequence[int]]
    line: Callable[[int], int]
    group: str
    lowest: int
    grades: Sequence[Series] = ()

    @property
    def able(self) -> bool:
        """Whether all facts together weigh enough for any window to hold."""
        return self.series.weight >= self.lowest

    def held(self, end: int, length: int) -> Held | None:
        """What the window (end - length, end] reaches."""
        total = self.series.total(end, length)
        if total < self.lowest:
            return None
        for grade, bar in enumerate(self.bars(end)):
            value = self.grades[grade].total(end, length) if self.grades else total
            if value >= bar:
                evidence = self.series.within(end, length)
                return Held(grade, evidence, len(evidence), total, self.line(end), self.group, end)
        return None

    def best(self, length: int, dealt: frozenset[bytes] = frozenset()) -> Held | None:
        """Window of the highest grade, of those the one with the greatest value, of those the latest.

        Where any has a fact that no answer has dealt with, such ones alone: a lesser trouble after a greater one that
        was answered is one nevertheless. It came true with the first of them.
        """
        held = [held for end in dict.fromkeys(self.series.times) if (held := self.held(end, length))]
        held = undealt(held, dealt)
        best = max(held, key=lambda each: (-each.grade, each.value, each.since), default=None)
        return best and best._replace(since=held[0].since)

    def onsets(self, length: int) -> list[Onset]:
        """The first window that holds, at any grade, and each that does with what happened since the one before."""
        found: list[Onset] = []
        for end in dict.fromkeys(self.series.times):
            held = self.held(end, min(length, end - found[-1].at) if found else length)
            if held:
                found.append(Onset(end, held.evidence))
        return found


def undealt(held: list[Held], dealt: frozenset[bytes]) -> list[Held]:
    """Those that rest on a fact with which no answer has dealt; all, where none does."""
    if not dealt:
        return held
    return [each for each in held if any(mark_of(fact) not in dealt for fact in each.evidence)] or held


def earliest(days: Iterable[int | None]) -> int | None:
    """First of some days; None where there is none."""
    return min((day for day in days if day is not None), default=None)
