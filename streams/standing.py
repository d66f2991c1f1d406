"""A value that stands fits, and has perhaps stood too long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from schemas.beijing import day_of, start_of
from schemas.fact import Fact
from streams.scales import Ask, Asks, Scale
from streams.view import View
from streams.where import Where, figure_of, fits
from streams.windows import Held, Onset, earliest

Graded: TypeAlias = tuple[int, Fact]
"""A grade, and the fact that fits it."""


@dataclass(frozen=True, slots=True)
class Late:
    """A value stands although the day by which it was to change is over.

    Attributes:
        place: of that day in the fact's values; None: it is the day on which the fact happened.
        days: of grace; the deadline is the last of them.

    """

    place: int | None
    days: int

    def deadline(self, fact: Fact) -> int | None:
        """Last day on which it is not late; None where the fact names no day."""
        if self.place is None:
            return day_of(fact.occurred_at) + self.days
        value = fact.values[self.place] if self.place < len(fact.values) else None
        return value + self.days if isinstance(value, int) else None


@dataclass(frozen=True, slots=True)
class Standing:
    """A value that stands fits.

    Attributes:
        where: what every grade asks.
        grades: what each asks besides.
        tags: the household must have one of them; none: every household.
        newest: place of a figure (a year): of each subject only the values with its greatest count.
        lates: for each grade, that a value counts only once it is late; empty: for none.

    """

    kind: int
    where: Where
    grades: tuple[Where, ...]
    tags: frozenset[str] = frozenset()
    newest: int | None = None
    lates: tuple[Late | None, ...] = ()

    @property
    def reads(self) -> frozenset[int]:
        """Kinds on which the answer depends."""
        return frozenset({self.kind})

    @property
    def asks(self) -> Asks:
        """What facts must weigh before it is worth judging: one that fits, standing or not."""
        return Asks((Ask(Scale(self.kind, tuple((*self.where, *grade) for grade in self.grades)), 1),))

    @property
    def watches(self) -> bool:
        """Whether a tick may change the answer."""
        return any(self.lates)

    def judge(self, view: View) -> Held | None:
        """Highest grade of any value standing; evidence is every value that fits a grade."""
        graded = self.graded(view)
        held = held_by(graded)
        if held is None or not self.lates:
            return held
        return held._replace(since=min(self._since(grade, fact) for grade, fact in graded))

    def graded(self, view: View) -> list[Graded]:
        """Every value standing that fits a grade, as far as it is late where that is asked."""
        found = [(self._grade(fact, view), fact) for fact in self._fitting(view)]
        return [(grade, fact) for grade, fact in found if grade is not None]

    def onsets(self, view: View) -> list[Onset]:
        """Each value by itself, from when it happened, or from the day on which it was late."""
        return [Onset(self._since(grade, fact), [fact]) for grade, fact in self.graded(view)]

    def next_tick(self, view: View) -> int | None:
        """Day of the first tick that may find a value late that is not yet; None where there is none."""
        if not self.watches:
            return None
        return earliest(day for fact in self._fitting(view) for day in self._waiting(fact, view))

    def _fitting(self, view: View) -> list[Fact]:
        if self.tags and self.tags.isdisjoint(view.place.tags):
            return []
        standing = view.standing(self.kind)
        if self.newest is not None:
            standing = _newest(standing, self.newest)
        return [fact for fact in standing if fits(fact, self.where)]

    def _grade(self, fact: Fact, view: View) -> int | None:
        for grade, where in enumerate(self.grades):
            if fits(fact, where) and self._is_due(grade, fact, view):
                return grade
        return None

    def _is_due(self, grade: int, fact: Fact, view: View) -> bool:
        late = self.lates[grade] if self.lates else None
        return late is None or ((deadline := late.deadline(fact)) is not None and view.passed(fact, deadline))

    def _since(self, grade: int, fact: Fact) -> int:
        late = self.lates[grade] if self.lates else None
        deadline = None if late is None else late.deadline(fact)
        return fact.occurred_at if deadline is None else max(fact.occurred_at, start_of(deadline + 1))

    def _waiting(self, fact: Fact, view: View) -> list[int]:
        """Ticks for which a value waits: those of the grades above the one that it has."""
        days = []
        for where, late in zip(self.grades, self.lates, strict=True):
            if not fits(fact, where):
                continue
            deadline = None if late is None else late.deadline(fact)
            if late is None or (deadline is not None and view.passed(fact, deadline)):
                break
            if deadline is not None:
                days.append(view.earliest(fact, deadline))
        return days


def held_by(graded: Sequence[Graded]) -> Held | None:
    """Highest of the grades; evidence is every fact, and it came true with the first."""
    if not graded:
        return None
    facts = [fact for _, fact in graded]
    since = min(fact.occurred_at for fact in facts)
    return Held(min(grade for grade, _ in graded), facts, len(graded), since=since)


def _newest(facts: Sequence[Fact], place: int) -> list[Fact]:
    """Of each subject the facts whose figure is greatest; one written before the field was has none."""
    greatest: dict[str | None, int] = {}
    for fact in facts:
        greatest[fact.person] = max(figure_of(fact, place), greatest.get(fact.person, 0))
    return [fact for fact in facts if figure_of(fact, place) == greatest[fact.person]]
