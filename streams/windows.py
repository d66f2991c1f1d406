"""That a condition holds, and the windows in which one of counted facts may."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from schemas.fact import Fact
from streams.series import Series


class Held(NamedTuple):
    """That a condition holds.

    Attributes:
        number: facts, or parts of a combination.
        value: money of the window, fen; `line` what it reached, 0 without a line.
        group: whose line.

    """

    grade: int
    evidence: Sequence[Fact]
    number: int
    value: int = 0
    line: int = 0
    group: str = ""


class Windows(NamedTuple):
    """A counted condition's facts, ready to be asked for any window.

    Attributes:
        bars: from a window's end to what each grade asks for, the highest grade first.
        line: from a window's end to the line, 0 without one.
        lowest: what no window may fall short of anywhere, at any time.

    """

    series: Series
    bars: Callable[[int], Sequence[int]]
    line: Callable[[int], int]
    group: str
    lowest: int

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
            if total >= bar:
                evidence = self.series.within(end, length)
                return Held(grade, evidence, len(evidence), total, self.line(end), self.group)
        return None

    def best(self, length: int) -> Held | None:
        """Window of the highest grade, of those the one with the greatest value, of those the latest."""
        best: Held | None = None
        for end in dict.fromkeys(self.series.times):
            held = self.held(end, length)
            if held and (best is None or (-held.grade, held.value) >= (-best.grade, best.value)):
                best = held
        return best
