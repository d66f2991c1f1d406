"""What a condition asks of a single fact, of the values that stand, of the household."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from schemas.fact import Fact, Value
from streams.view import View

COMPARISONS: dict[str, Callable[[int, int], bool]] = {
    "over": operator.gt,
    "at_least": operator.ge,
    "under": operator.lt,
    "at_most": operator.le,
}

_AT_LEAST = (operator.ge, operator.gt)
"""Comparisons that a greater figure passes as well, the looser first."""


@dataclass(frozen=True, slots=True)
class Words:
    """A field that must be one of some words, or true or false."""

    place: int
    allowed: frozenset[Value]

    def fits(self, fact: Fact) -> bool:
        """Whether the fact says one of them; one written before the field was says nothing."""
        return self.place < len(fact.values) and fact.values[self.place] in self.allowed


@dataclass(frozen=True, slots=True)
class Figure:
    """A field that must stand to a figure (fen for money) as one of the COMPARISONS says."""

    place: int
    holds: Callable[[int, int], bool]
    figure: int

    @classmethod
    def under(cls, place: int, figure: int) -> Figure:
        """Test that a field's figure is less than another."""
        return cls(place, operator.lt, figure)

    def fits(self, fact: Fact) -> bool:
        """Whether the fact's figure does; one written before the field was has none."""
        value = fact.values[self.place] if self.place < len(fact.values) else None
        return isinstance(value, int) and self.holds(value, self.figure)


@dataclass(frozen=True, slots=True)
class Among:
    """A field of several words, of which some must be there."""

    place: int
    allowed: frozenset[str]

    def fits(self, fact: Fact) -> bool:
        """Whether the fact says one of them among others; one written before the field was says nothing."""
        value = fact.values[self.place] if self.place < len(fact.values) else None
        return isinstance(value, tuple) and not self.allowed.isdisjoint(value)


@dataclass(frozen=True, slots=True)
class Fallen:
    """A field that is less than another of the same fact, by so many percent of that at least."""

    place: int
    before: int
    percent: int

    def fits(self, fact: Fact) -> bool:
        """Whether it is; from nothing nothing falls."""
        now, before = figure_of(fact, self.place), figure_of(fact, self.before)
        return before > 0 and now < before and (before - now) * 100 >= before * self.percent


Test: TypeAlias = Words | Figure | Among | Fallen
Where: TypeAlias = tuple[Test, ...]
"""Tests that a fact must pass, all of them."""


def fits(fact: Fact, where: Where) -> bool:
    """Whether a fact passes every test."""
    for test in where:  # noqa: SIM110  # a generator costs more, and this is asked for every fact
        if not test.fits(fact):
            return False
    return True


def figure_of(fact: Fact, place: int) -> int:
    """Figure of a field, fen for money; 0 in a fact written before the field was."""
    value = fact.values[place] if place < len(fact.values) else None
    return value if isinstance(value, int) else 0


def loosest(asked: Sequence[Where]) -> Callable[[Fact], bool] | None:
    """A test that every fact passes which passes any of these, by one field that they all ask for; None: none."""
    shared = [{test.place for test in where} for where in asked]
    for place in sorted(set.intersection(*shared)) if shared else ():
        found = _loosest_of([[test for test in where if test.place == place] for where in asked])
        if found is not None:
            return found
    return None


def _loosest_of(asked: Sequence[Sequence[Test]]) -> Callable[[Fact], bool] | None:
    """The same, by one field: the words of all together, or the lowest figure."""
    words = [test for tests in asked for test in tests[:1] if isinstance(test, Words)]
    if len(words) == len(asked):
        return Words(words[0].place, frozenset().union(*(test.allowed for test in words))).fits
    figures = [next((t for t in tests if isinstance(t, Figure) and t.holds in _AT_LEAST), None) for tests in asked]
    lowest = [test for test in figures if test is not None]
    if len(lowest) == len(asked):
        return min(lowest, key=lambda test: (test.figure, _AT_LEAST.index(test.holds))).fits
    return None


@dataclass(frozen=True, slots=True)
class Stands:
    """That some value of a kind stands that fits."""

    kind: int
    where: Where

    def holds(self, view: View) -> bool:
        """Ask a household."""
        return any(fits(fact, self.where) for fact in view.standing(self.kind))

    def standing(self, view: View) -> list[Fact]:
        """Values that stand and fit."""
        return [fact for fact in view.standing(self.kind) if fits(fact, self.where)]


@dataclass(frozen=True, slots=True)
class Group:
    """Households with a line of their own: with one of the tags or one of the standing values; neither: everybody."""

    name: str
    title: str
    tags: frozenset[str] = frozenset()
    standing: tuple[Stands, ...] = ()

    def has(self, view: View) -> bool:
        """Whether a household belongs to it."""
        if not self.tags and not self.standing:
            return True
        return not self.tags.isdisjoint(view.place.tags) or any(stands.holds(view) for stands in self.standing)
