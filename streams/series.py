"""Counted facts in order of time, with the sum of any window at the cost of two look-ups."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable
from itertools import accumulate

from schemas.fact import Fact


class Series:
    """Facts and what each counts for.

    Attributes:
        facts: by occurred_at, ties by id.
        times: their occurred_at, ms.

    """

    __slots__ = ("_sums", "facts", "times")

    def __init__(self, facts: Iterable[Fact], value: Callable[[Fact], int]) -> None:
        """Take the facts in any order."""
        self.facts = sorted(facts, key=lambda fact: (fact.occurred_at, fact.id))
        self.times = [fact.occurred_at for fact in self.facts]
        self._sums = [0, *accumulate(map(value, self.facts))]

    @property
    def weight(self) -> int:
        """Sum of everything."""
        return self._sums[-1]

    def total(self, end: int, length: int) -> int:
        """Sum of the window (end - length, end], ms."""
        return self._sums[bisect_right(self.times, end)] - self._sums[bisect_right(self.times, end - length)]

    def within(self, end: int, length: int) -> list[Fact]:
        """Facts of the window (end - length, end], ms."""
        return self.facts[bisect_right(self.times, end - length) : bisect_right(self.times, end)]
