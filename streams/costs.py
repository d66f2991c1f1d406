"""What a window's costs leave of a household's income: a share of it, or too little to live on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from schemas.beijing import date_of, day_of
from schemas.fact import Fact
from streams.scales import Ask, Asks, Bar, Scale
from streams.series import Series
from streams.thresholds import Thresholds, line_on
from streams.view import View
from streams.where import Group, Where, figure_of, fits
from streams.windows import Held, Onset, Windows
from streams.yearly import Yearly

_NEVER = 1 << 62
_WHOLE = 100


@dataclass(frozen=True, slots=True)
class Cost:
    """Money of the facts of a kind that fit; `place` is of the field in the fact's values."""

    kind: int
    place: int
    where: Where


@dataclass(frozen=True, slots=True)
class Costs:
    """A window's costs take so much of the year's income, or leave less than the line for each member.

    Income is the figure per member of the year in which the window ends, or of the latest before it, times those who
    live there on the day on which the window ends. No income reported: no answer.

    Attributes:
        costs: added up; each kind once, so that no trouble is counted twice. What cost nothing is none.
        window: ms.
        percent: of income; None: not asked for.
        thresholds: what must be left for each member; None: not asked for.

    """

    costs: tuple[Cost, ...]
    income: Yearly
    window: int
    percent: int | None
    thresholds: Thresholds | None
    groups: tuple[Group, ...]

    @property
    def kind(self) -> int:
        """Kind of the first cost, whose department reports the trouble."""
        return self.costs[0].kind

    @property
    def reads(self) -> frozenset[int]:
        """Kinds on which the answer depends."""
        asked = {stands.kind for group in self.groups for stands in group.standing}
        return frozenset({self.income.kind, *(cost.kind for cost in self.costs), *asked})

    @property
    def asks(self) -> Asks:
        """What facts must weigh before it is worth judging: an income, and what is too much for one at the least."""
        scales = [Scale(cost.kind, (cost.where,), cost.place) for cost in self.costs]
        income = self.income.ask
        line = 0 if self.thresholds is None else self.thresholds.highest
        bar = Bar(income.scale, _WHOLE if self.percent is None else self.percent, line)
        return Asks(tuple(Ask(scale, 1) for scale in scales), 1, (income,), bar)

    @property
    def watches(self) -> bool:
        """Whether a tick may change the answer."""
        return False

    def judge(self, view: View) -> Held | None:
        """Evidence is the window's costs and the report of the income."""
        held = self.windows(view).best(self.window, view.dealt)
        return None if held is None else held._replace(evidence=self._with_income(held.evidence, view))

    def onsets(self, view: View) -> list[Onset]:
        """When it came true, and on what; each time anew on what came since."""
        found = self.windows(view).onsets(self.window)
        return [Onset(at, self._with_income(facts, view)) for at, facts in found]

    def next_tick(self, view: View) -> int | None:  # noqa: ARG002  # as every condition
        """Day of the first tick that may change the answer: none does."""
        return None

    def windows(self, view: View) -> Windows:
        """Make ready for a household."""
        places = {cost.kind: cost.place for cost in self.costs}
        fitting = [fact for cost in self.costs for fact in view.facts(cost.kind) if fits(fact, cost.where)]
        facts = [fact for fact in fitting if figure_of(fact, places[fact.kind]) > 0]
        group = next(group for group in self.groups if group.has(view))
        lines = () if self.thresholds is None else self.thresholds.lines_at(view.place.township, view.place.village)

        def bars(end: int) -> Sequence[int]:
            members, income = view.members(day_of(end)), self._income(end, view)
            if not members or income is None:
                return (_NEVER,)
            total = figure_of(income, self.income.place) * members
            if self.percent is not None:
                return (max(1, -(-total * self.percent // 100)),)
            return (max(1, total - line_on(lines, end, group.name) * members + 1),)

        series = Series(facts, lambda fact: figure_of(fact, places[fact.kind]))
        return Windows(series, bars, lambda _: 0, group.title, 1)

    def _income(self, end: int, view: View) -> Fact | None:
        return self.income.latest(view, date_of(day_of(end)).year)

    def _with_income(self, facts: Sequence[Fact], view: View) -> list[Fact]:
        income = self._income(facts[-1].occurred_at, view)
        return [*facts, *([] if income is None else [income])]
