"""A figure that is reported year by year, as income is: under a line, or less than the year before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from schemas.beijing import day_number, start_of
from schemas.fact import Fact
from streams.scales import Ask, Asks, Scale
from streams.thresholds import Thresholds, line_on
from streams.view import View
from streams.where import Fallen, Figure, Group, Where, fits
from streams.windows import Held, Onset

FIRST_YEAR, LAST_YEAR = 1990, 2200


@dataclass(frozen=True, slots=True)
class Yearly:
    """A household's figure year by year: of a year the report that happened last stands, whoever's it is.

    Attributes:
        place: of the figure in the fact's values; `year` of its year.

    """

    kind: int
    place: int
    year: int

    def latest(self, view: View, upto: int | None = None) -> Fact | None:
        """Report of the latest year, or of the latest up to a year; of the earliest where all are later."""
        newest: dict[int, Fact] = {}
        for fact in view.standing(self.kind):
            year = year_of(fact, self.year)
            known = newest.get(year)
            if known is None or (fact.occurred_at, fact.id) > (known.occurred_at, known.id):
                newest[year] = fact
        if not newest:
            return None
        years = [year for year in newest if upto is None or year <= upto]
        return newest[max(years) if years else min(newest)]

    @property
    def ask(self) -> Ask:
        """That there is any: the least figure counts."""
        return Ask(Scale(self.kind, ((),), self.place, least=True), 1)


@dataclass(frozen=True, slots=True)
class Fall:
    """Less than an earlier figure, which the same report names, by so many percent of it at least."""

    place: int
    percent: int


@dataclass(frozen=True, slots=True)
class Level:
    """The latest year's figure is under the line of its year, or has fallen.

    Attributes:
        thresholds: lines by region and the figure's own year; None: no line is asked for.
        fall: None: no fall is asked for.
        both: whether under the line and fallen are asked for together; else one is enough.
        tags: the household must have one of them; none: every household.

    """

    figure: Yearly
    thresholds: Thresholds | None
    groups: tuple[Group, ...]
    fall: Fall | None
    both: bool = False
    tags: frozenset[str] = frozenset()

    @property
    def kind(self) -> int:
        """Kind of the figure."""
        return self.figure.kind

    @property
    def reads(self) -> frozenset[int]:
        """Kinds on which the answer depends."""
        return frozenset({self.kind}) | {stands.kind for group in self.groups for stands in group.standing}

    @property
    def asks(self) -> Asks:
        """What facts must weigh before it is worth judging: one that could be under a line, or has fallen."""
        under: Where = ()
        if self.thresholds is not None:
            under = (Figure.under(self.figure.place, self.thresholds.highest),)
        fallen = self._fallen()
        if under and fallen and not self.both:
            return Asks((Ask(Scale(self.kind, (under, fallen)), 1),))
        return Asks((Ask(Scale(self.kind, ((*under, *fallen),)), 1),))

    @property
    def watches(self) -> bool:
        """Whether a tick may change the answer."""
        return False

    def judge(self, view: View) -> Held | None:
        """Evidence is the latest year's report."""
        if self.tags and self.tags.isdisjoint(view.place.tags):
            return None
        fact = self.figure.latest(view)
        if fact is None:
            return None
        under = self._under(fact, view)
        has_fallen = self.fall is not None and fits(fact, self._fallen())
        holds = under and has_fallen if self.both else under or has_fallen
        return (under or Held(0, [fact], 1)) if holds else None

    def onsets(self, view: View) -> list[Onset]:
        """Since the report."""
        held = self.judge(view)
        return [Onset(held.evidence[0].occurred_at, held.evidence)] if held else []

    def next_tick(self, view: View) -> int | None:  # noqa: ARG002  # as every condition
        """Day of the first tick that may change the answer: none does."""
        return None

    def _under(self, fact: Fact, view: View) -> Held | None:
        """That a report is under the line of its year."""
        if self.thresholds is None:
            return None
        group = next(group for group in self.groups if group.has(view))
        line = line_in(self.thresholds, view, group)(year_of(fact, self.figure.year))
        value = fact.values[self.figure.place]
        return Held(0, [fact], 1, value, line, group.title) if isinstance(value, int) and value < line else None

    def _fallen(self) -> Where:
        return () if self.fall is None else (Fallen(self.figure.place, self.fall.place, self.fall.percent),)


def line_in(thresholds: Thresholds, view: View, group: Group) -> Callable[[int], int]:
    """From a year to a household's line, fen."""
    lines = thresholds.lines_at(view.place.township, view.place.village)
    return lambda year: line_on(lines, start_of(day_number(date(year, 1, 1))), group.name)


def year_of(fact: Fact, place: int) -> int:
    """Year that a report is about; one that no calendar has counts as the nearest that it has."""
    year = fact.values[place] if place < len(fact.values) else None
    return min(max(year, FIRST_YEAR), LAST_YEAR) if isinstance(year, int) else FIRST_YEAR
