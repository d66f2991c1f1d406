"""What a rule may ask of counted facts, in windows: the money that they come to, or how many they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from schemas.beijing import day_of
from schemas.fact import Fact
from streams.scales import Ask, Asks, Scale
from streams.series import Series
from streams.thresholds import Thresholds, line_on
from streams.view import View
from streams.where import Group, Where, figure_of, fits
from streams.windows import Held, Onset, Windows


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
    def asks(self) -> Asks:
        """What facts must weigh before it is worth judging."""
        return Asks((Ask(Scale(self.kind, (self.where,), self.place), self.lowest),))

    @property
    def watches(self) -> bool:
        """Whether a tick may change the answer."""
        return False

    def windows(self, view: View) -> Windows:
        """Make ready for a household."""
        group = next(group for group in self.groups if group.has(view))
        lines = self.thresholds.lines_at(view.place.township, view.place.village)

        def line(end: int) -> int:
            return line_on(lines, end, group.name)

        def bars(end: int) -> Sequence[int]:
            return [factor * line(end) for factor in self.factors]

        fitting = [fact for fact in view.facts(self.kind) if fits(fact, self.where)]
        return Windows(Series(fitting, lambda fact: figure_of(fact, self.place)), bars, line, group.title, self.lowest)

    def judge(self, view: View) -> Held | None:
        """Answer by the rule's own window."""
        return None if self.window is None else self.windows(view).best(self.window, view.dealt)

    def onsets(self, view: View) -> list[Onset]:
        """When it came true, and on what; each time anew on what came since."""
        return [] if self.window is None else self.windows(view).onsets(self.window)

    def next_tick(self, view: View) -> int | None:  # noqa: ARG002  # as every condition
        """Day of the first tick that may change the answer: none does."""
        return None


@dataclass(frozen=True, slots=True)
class Count:
    """So many facts of a window fit.

    Attributes:
        where: what every grade asks.
        window: ms; None for a part, which takes the combination's.
        at_least: of the grades.
        grades: what each asks besides; none of them anything where it is empty.
        until: place of the day or instant (ms, `until_ms`) up to which a fact counts; None: it always does.

    """

    kind: int
    where: Where
    window: int | None
    at_least: tuple[int, ...]
    grades: tuple[Where, ...] = ()
    until: int | None = None
    until_ms: bool = False

    @property
    def reads(self) -> frozenset[int]:
        """Kinds on which the answer depends."""
        return frozenset({self.kind})

    @property
    def lowest(self) -> int:
        """What all facts together must weigh before any window can hold."""
        return min(self.at_least)

    @property
    def asks(self) -> Asks:
        """What facts must weigh before it is worth judging."""
        asked = tuple((*self.where, *grade) for grade in self.grades) or (self.where,)
        return Asks((Ask(Scale(self.kind, asked), self.lowest),))

    @property
    def watches(self) -> bool:
        """Whether a tick may change the answer."""
        return self.until is not None

    def windows(self, view: View) -> Windows:
        """Make ready for a household."""
        fitting = [fact for fact in self._fitting(view) if not self._over(fact, view.tick)]
        series = Series(fitting, _one)
        grades = [Series([fact for fact in fitting if fits(fact, grade)], _one) for grade in self.grades]
        return Windows(series, lambda _: self.at_least, lambda _: 0, "", self.lowest, grades)

    def judge(self, view: View) -> Held | None:
        """Answer by the rule's own window."""
        return None if self.window is None else self.windows(view).best(self.window, view.dealt)

    def onsets(self, view: View) -> list[Onset]:
        """When it came true, and on what; each time anew on what came since."""
        return [] if self.window is None else self.windows(view).onsets(self.window)

    def next_tick(self, view: View) -> int | None:
        """Day of the first tick that may find a fact over; None where there is none."""
        fitting = self._fitting(view) if self.until is not None else []
        ends = [last for fact in fitting if not self._over(fact, view.tick) and (last := self._last_day(fact))]
        return min(ends) + 1 if ends else None

    def _fitting(self, view: View) -> list[Fact]:
        facts = [fact for fact in view.facts(self.kind) if fits(fact, self.where)]
        return [fact for fact in facts if any(fits(fact, grade) for grade in self.grades)] if self.grades else facts

    def _last_day(self, fact: Fact) -> int | None:
        """Last day on which a fact counts; None: for ever."""
        until = figure_of(fact, self.until) if self.until is not None else 0
        return (day_of(until) if self.until_ms else until) if until else None

    def _over(self, fact: Fact, tick: int | None) -> bool:
        last = self._last_day(fact)
        return last is not None and tick is not None and tick > last


def _one(_: Fact) -> int:
    return 1
