"""Figures of the conditions that read facts alone, against what they ask. Pure."""

from __future__ import annotations

from schemas.beijing import date_of, day_of
from schemas.fact import Fact
from schemas.kinds import kinds_by_number
from streams.conditions import Costs, Count, Level, Standing, Sum
from streams.explain_measured import DAY_MS, FEN, PERCENT, TIMES, Figure, Measured, Scope, untagged
from streams.explain_tests import HOLDS, asked_of, capped, share, yuan
from streams.view import View
from streams.where import figure_of
from streams.windows import Windows
from streams.yearly import line_in, year_of

_MOST_FACTS = 6
"""Standing values shown of one rule, the nearest first."""


def counted(condition: Sum | Count, scope: Scope) -> Measured:
    """Money or number of the window in which most is reached."""
    window = condition.window or scope.window or 0
    windows = condition.windows(scope.view)
    end = scope.end if scope.end is not None else _fullest(windows, window, scope.now)
    kind = kinds_by_number()[condition.kind]
    if isinstance(condition, Sum):
        what, unit = f"{kind.title}·{kind.fields[condition.place].title}合计", FEN
    else:
        what, unit = f"{'符合条件的' if condition.where or condition.grades else ''}{kind.title}", TIMES
    facts, bars = tuple(windows.series.within(end, window)), tuple(windows.bars(end))
    near = capped(_reached(windows, end, window), holds=windows.held(end, window) is not None)
    whole = Figure(what, 0, unit, bars, near == HOLDS, window=window // DAY_MS, facts=facts, group=windows.group)
    if not windows.grades:
        return Measured(near, (whole._replace(value=windows.series.total(end, window)),))
    values = [series.total(end, window) for series in windows.grades]
    figures = [
        whole._replace(value=value, bars=(bar,), holds=value >= bar, grade=grade)
        for grade, (value, bar) in enumerate(zip(values, bars, strict=True))
    ]
    return Measured(near, tuple(figures))


def _reached(windows: Windows, end: int, window: int) -> int:
    """How much of a line is reached, of the level to which least is missing."""
    series = windows.grades or [windows.series] * len(windows.bars(end))
    return max(share(each.total(end, window), bar) for each, bar in zip(series, windows.bars(end), strict=True))


def _fullest(windows: Windows, window: int, now: int) -> int:
    """End of the window that reaches the highest level, of those the most of its line, of those the latest."""

    def rank(end: int) -> tuple[int, int, int]:
        held = windows.held(end, window)
        if held:
            return -held.grade, held.value, end
        return -len(windows.bars(end)), _reached(windows, end, window), end

    return max(windows.series.times, key=rank, default=now)


def standing(condition: Standing, scope: Scope) -> Measured:
    """Each value that stands, against what is asked of it; the nearest first."""
    if nobody := untagged(condition.tags, scope.view):
        return nobody
    kind = kinds_by_number()[condition.kind]
    graded = {fact.id for _, fact in condition.graded(scope.view)}
    figures: list[tuple[int, Figure]] = []
    for fact in _newest(condition, scope.view):
        near, asked = asked_of(condition, fact, scope.view, kind)
        near = capped(near, holds=fact.id in graded)
        figures.append((near, Figure(kind.title, holds=near == HOLDS, facts=(fact,), asked=asked)))
    if not figures:
        return Measured(0, (Figure(f"没有{kind.title}记录"),))
    figures.sort(key=lambda each: (-each[0], -each[1].facts[0].occurred_at, each[1].facts[0].id))
    return Measured(figures[0][0], tuple(figure for _, figure in figures[:_MOST_FACTS]))


def _newest(condition: Standing, view: View) -> list[Fact]:
    """Values standing of which the condition asks anything."""
    facts, place = view.standing(condition.kind), condition.newest
    if place is None:
        return facts
    newest: dict[str | None, int] = {}
    for fact in facts:
        newest[fact.person] = max(figure_of(fact, place), newest.get(fact.person, 0))
    return [fact for fact in facts if figure_of(fact, place) == newest[fact.person]]


def level(condition: Level, scope: Scope) -> Measured:
    """The latest year's figure against its line, and against the figure before."""
    if nobody := untagged(condition.tags, scope.view):
        return nobody
    kind, fact = kinds_by_number()[condition.kind], condition.figure.latest(scope.view)
    if fact is None:
        return Measured(0, (Figure(f"没有{kind.title}记录"),))
    value, year = figure_of(fact, condition.figure.place), year_of(fact, condition.figure.year)
    what, found = f"{year}年{kind.title}·{kind.fields[condition.figure.place].title}", []
    if condition.thresholds is not None:
        group = next(group for group in condition.groups if group.has(scope.view))
        line = line_in(condition.thresholds, scope.view, group)(year)
        near = capped(share(line, value), holds=value < line)
        under = Figure(what, value, FEN, (line,), near == HOLDS, below=True, facts=(fact,), group=group.title)
        found.append((near, under))
    if condition.fall is not None:
        before = figure_of(fact, condition.fall.place)
        fallen = max(0, before - value) * 100 // before if before > 0 else 0
        near = capped(share(fallen, condition.fall.percent), holds=fallen >= condition.fall.percent and value < before)
        title = f"{what}比{kind.fields[condition.fall.place].title}减少"
        found.append((near, Figure(title, fallen, PERCENT, (condition.fall.percent,), near == HOLDS, facts=(fact,))))
    closeness = (min if condition.both else max)(near for near, _ in found)
    return Measured(
        capped(closeness, holds=condition.judge(scope.view) is not None), tuple(figure for _, figure in found)
    )


def costs(condition: Costs, scope: Scope) -> Measured:
    """A window's costs against what the income allows."""
    windows, window = condition.windows(scope.view), condition.window
    end = _fullest(windows, window, scope.now)
    titles = []
    for cost in condition.costs:
        kind = kinds_by_number()[cost.kind]
        titles.append(f"{kind.title}·{kind.fields[cost.place].title}")
    what, days = f"{'、'.join(titles)}合计", window // DAY_MS
    total, facts = windows.series.total(end, window), tuple(windows.series.within(end, window))
    income = condition.income.latest(scope.view, date_of(day_of(end)).year)
    members = scope.view.members(day_of(end))
    if income is None or not members:
        unknown = f"没有{kinds_by_number()[condition.income.kind].title}记录" if members else "没有登记的家庭成员"
        return Measured(0, (Figure(what, total, FEN, window=days, facts=facts), Figure(unknown)))
    bars = tuple(windows.bars(end))
    near = capped(share(total, min(bars)), holds=condition.judge(scope.view) is not None)
    each = yuan(figure_of(income, condition.income.place))
    basis = Figure(f"{year_of(income, condition.income.year)}年人均收入{each}，{members}口人", facts=(income,))
    return Measured(near, (Figure(what, total, FEN, bars, near == HOLDS, window=days, facts=facts), basis))
