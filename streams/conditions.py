"""What a base rule may ask. One class per condition type; each reads facts, tags and the tick, nothing else.

    Sum        the money of a window's facts reaches a line
    Count      so many facts of a window fit
    Standing   a value that stands fits, and has perhaps stood too long

What reads other rules is in combinations.py. A rule's levels are its grades here, 0 the highest. Evidence is all that
the answer rests on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from schemas.fact import Fact
from streams.series import Series
from streams.thresholds import Thresholds, line_on
from streams.view import View
from streams.where import Group, Where, fits
from streams.windows import Held, Windows

Graded: TypeAlias = tuple[int, Fact]
"""A grade, and the fact that fits it."""


@dataclass(frozen=True, slots=True)
class Sum:
    """Money of a window's facts reaches a line, or so many times the line.

    Attributes:
        place: of the field in the fact's values.
        window: ms; None for a part, which takes the combination's.
        factors: of the grades.
        groups: the first that has the household gives its line.
        lowest: what all facts together must weigh before any window of any household can hold, fen.

    """

    kind: int
    place: int
    where: Where
    window: int | None
    factors: tuple[int, ...]
    thresholds: Thresholds
    groups: tuple[Group, ...]
    lowest: int

    @property
    def reads(self) -> frozenset[int]:
        """Kinds on which the answer depends."""
        return frozenset({self.kind}) | {stands.kind for group in self.groups for stands in group.standing}

    @property
    def asked(self) -> tuple[Where, ...]:
        """What a fact must pass, by one of these, to weigh anything."""
        return (self.where,)

    def weight(self, fact: Fact) -> int:
        """What a fact of the kind adds to a window; all windows together cannot outweigh all facts."""
        return _figure(fact, self.place) if not self.where or fits(fact, self.where) else 0

    def windows(self, view: View) -> Windows:
        """Make ready for a household."""
        group = next(group for group in self.groups if group.has(view))
        lines = self.thresholds.lines_at(view.place.township, view.place.village)

        def line(end: int) -> int:
            return line_on(lines, end, group.name)

        def bars(end: int) -> Sequence[int]:
            return [factor * line(end) for factor in self.factors]

        fitting = [fact for fact in view.facts(self.kind) if fits(fact, self.where)]
        return Windows(Series(fitting, lambda fact: _figure(fact, self.place)), bars, line, group.title, self.lowest)

    def judge(self, view: View) -> Held | None:
        """Answer by the rule's own window."""
        return None if self.window is None else self.windows(view).best(self.window)


@dataclass(frozen=True, slots=True)
class Count:
    """So many facts of a window fit.

    Attributes:
        window: ms; None for a part, which takes the combination's.
        at_least: of the grades.

    """

    kind: int
    where: Where
    window: int | None
    at_least: tuple[int, ...]

    @property
    def reads(self) -> frozenset[int]:
        """Kinds on which the answer depends."""
        return frozenset({self.kind})

    @property
    def lowest(self) -> int:
        """What all facts together must weigh before any window can hold."""
        return min(self.at_least)

    @property
    def asked(self) -> tuple[Where, ...]:
        """What a fact must pass, by one of these, to weigh anything."""
        return (self.where,)

    def weight(self, fact: Fact) -> int:
        """What a fact of the kind adds to a window."""
        return int(fits(fact, self.where))

    def windows(self, view: View) -> Windows:
        """Make ready for a household."""
        fitting = [fact for fact in view.facts(self.kind) if fits(fact, self.where)]
        return Windows(Series(fitting, lambda _: 1), lambda _: self.at_least, lambda _: 0, "", self.lowest)

    def judge(self, view: View) -> Held | None:
        """Answer by the rule's own window."""
        return None if self.window is None else self.windows(view).best(self.window)


@dataclass(frozen=True, slots=True)
class Late:
    """A value stands although the day by which it was to change is over.

    Attributes:
        place: of that day in the fact's values.
        days: of grace; the deadline is the last of them.

    """

    place: int
    days: int

    def deadline(self, fact: Fact) -> int | None:
        """Last day on which it is not late; None where the fact names no day."""
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
        late: a value counts only once it is late.

    """

    kind: int
    where: Where
    grades: tuple[Where, ...]
    tags: frozenset[str] = frozenset()
    newest: int | None = None
    late: Late | None = None

    @property
    def reads(self) -> frozenset[int]:
        """Kinds on which the answer depends."""
        return frozenset({self.kind})

    @property
    def lowest(self) -> int:
        """What all facts together must weigh before any value can hold: one that fits, standing or not."""
        return 1

    @property
    def asked(self) -> tuple[Where, ...]:
        """What a fact must pass, by one of these, to weigh anything."""
        return tuple((*self.where, *grade) for grade in self.grades)

    def weight(self, fact: Fact) -> int:
        """Whether a fact of the kind fits a grade."""
        if self.where and not fits(fact, self.where):
            return 0
        for where in self.grades:
            if fits(fact, where):
                return 1
        return 0

    def judge(self, view: View) -> Held | None:
        """Highest grade of any value standing; evidence is every value that fits a grade."""
        return held_by(self.graded(view))

    def graded(self, view: View) -> list[Graded]:
        """Every value standing that fits a grade, as far as it is late where that is asked."""
        late = self.late
        return [
            (grade, fact)
            for grade, fact in self._fitting(view)
            if late is None or ((deadline := late.deadline(fact)) is not None and view.passed(fact, deadline))
        ]

    def next_tick(self, view: View) -> int | None:
        """Day of the first tick that may find a value late that is not yet; None where there is none."""
        if self.late is None:
            return None
        waiting = [
            view.earliest(fact, deadline)
            for _, fact in self._fitting(view)
            if (deadline := self.late.deadline(fact)) is not None and not view.passed(fact, deadline)
        ]
        return min(waiting, default=None)

    def _fitting(self, view: View) -> list[Graded]:
        if self.tags and self.tags.isdisjoint(view.place.tags):
            return []
        standing = view.standing(self.kind)
        if self.newest is not None:
            standing = _newest(standing, self.newest)
        return [(grade, fact) for fact in standing if (grade := self._grade(fact)) is not None]

    def _grade(self, fact: Fact) -> int | None:
        if not self.where or fits(fact, self.where):
            for grade, where in enumerate(self.grades):
                if fits(fact, where):
                    return grade
        return None


def held_by(graded: Sequence[Graded]) -> Held | None:
    """Highest of the grades; evidence is every fact."""
    if not graded:
        return None
    return Held(min(grade for grade, _ in graded), [fact for _, fact in graded], len(graded))


def _newest(facts: Sequence[Fact], place: int) -> list[Fact]:
    """Of each subject the facts whose figure is greatest; one written before the field was has none."""
    greatest: dict[str | None, int] = {}
    for fact in facts:
        greatest[fact.person] = max(_figure(fact, place), greatest.get(fact.person, 0))
    return [fact for fact in facts if _figure(fact, place) == greatest[fact.person]]


def _figure(fact: Fact, place: int) -> int:
    value = fact.values[place] if place < len(fact.values) else None
    return value if isinstance(value, int) else 0


Base: TypeAlias = Sum | Count | Standing
