"""What a rule measured in a household, against what it asks: one function for each type of condition. Pure.

A condition says only that it holds. Here its figures are worked out whether or not it does, and how near it came:
closeness is 1000 where it holds, and less in proportion to what is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from schemas.beijing import day_of
from schemas.kinds import kinds_by_number
from streams.combinations import Near, Parts
from streams.conditions import Costs, Count, Level, Standing, Sum
from streams.explain_alone import costs, counted, level, standing
from streams.explain_measured import ASPECTS, DAY_MS, DAYS, Figure, Measured, Scope, untagged
from streams.explain_tests import HOLDS, capped, share
from streams.lacking import Lacking
from streams.rule import Rule
from streams.view import View
from streams.windows import Onset

_SHOWN_OF_A_PART = 2


def measured(rule: Rule, rules: Mapping[str, Rule], scope: Scope) -> Measured:
    """Measure a rule in a household."""
    others = [rules[name] for name in rule.parts]
    return MEASURES[type(rule.condition)](rule.condition, scope._replace(others=others))


def _near(condition: Near, scope: Scope) -> Measured:
    """Its own value, and the days to the nearest evidence of another rule."""
    own = standing(condition.own, scope)
    graded = [fact for _, fact in condition.own.graded(scope.view)]
    held = [found for other in condition.others if (found := other.judge(scope.view))]
    company = [fact for each in held for fact in each.evidence]
    gaps = [(abs(fact.occurred_at - other.occurred_at), other) for fact in graded for other in company]
    span = condition.span // DAY_MS
    if not gaps:
        return Measured(own.closeness // 2, (*own.figures, Figure(f"前后{span}天内没有另外的预警情况")))
    gap, other = min(gaps, key=lambda each: (each[0], each[1].id))
    holds = condition.judge(scope.view) is not None
    near = capped(max(share(condition.span, gap), HOLDS // 2), holds=holds)
    days = Figure("与另一预警情况相隔", -(-gap // DAY_MS), DAYS, (span,), holds, at_most=True, facts=(other,))
    return Measured(near, (*own.figures, days))


def _lacking(condition: Lacking, scope: Scope) -> Measured:
    """The trouble, whether help came, and how many of the days are over."""
    if nobody := untagged(condition.tags, scope.view):
        return nobody
    view, given = scope.view, "、".join(dict.fromkeys(kinds_by_number()[each.kind].title for each in condition.given))
    for stands in condition.entitled:
        if not stands.standing(view):
            return Measured(0, (Figure(f"没有符合条件的{kinds_by_number()[stands.kind].title}记录"),))
    onsets = [onset for other in condition.others for onset in other.onsets(view)]
    parts = [_part(rule, Scope(view, (), scope.now)) for rule in scope.others]
    shown = tuple(figure for part in parts for figure in part.figures)
    if not onsets:
        return Measured(max(part.closeness for part in parts) // 2, (*shown, Figure("所对应的情况不成立")))
    troubles = condition.troubles(view)
    if not troubles:
        return Measured(0, (*shown, Figure(f"已有{given}记录")))
    holds = condition.judge(view) is not None
    waited = max(_waited(trouble, view) for trouble in troubles)
    near = capped(max(HOLDS // 2, share(waited, condition.days + 1)), holds=holds)
    days = Figure(f"没有{given}记录，已过", waited, DAYS, (condition.days + 1,), holds)
    feed = () if holds else (Figure(f"须在应享帮扶的部门数据报到满{condition.days}天之后的日切认定"),)
    return Measured(near, (*shown, days, *feed))


def _waited(trouble: Onset, view: View) -> int:
    return 0 if view.tick is None else max(0, view.tick - day_of(trouble.at))


def _parts(condition: Parts, scope: Scope) -> Measured:
    """How many parts hold together, and each part's own figures in that window."""
    if nobody := untagged(condition.tags, scope.view):
        return nobody
    ends = [(_together(condition, scope, end), end or 0, end) for end in _ends(condition, scope.view)]
    number, _, end = max(ends, key=lambda each: each[:2])
    parts = _each(condition, scope, end)
    least = min(condition.at_least)
    near = sorted((part.closeness for part in parts), reverse=True)[:least]
    holds = condition.judge(scope.view) is not None
    window = None if condition.window is None else condition.window // DAY_MS
    figure = Figure("同时存在的方面", number, ASPECTS, condition.at_least, holds, window=window)
    return Measured(capped(sum(near) // least, holds=holds), (figure, *(f for part in parts for f in part.figures)))


def _ends(condition: Parts, view: View) -> list[int | None]:
    """Where a window may end that the counted parts share; None alone where there is no such window."""
    if condition.window is None:
        return [None]
    shared = [part.condition for part in condition.parts if isinstance(part.condition, Sum | Count)]
    times = {time for each in shared for time in each.windows(view).series.times}
    return [*sorted(times)] or [None]


def _together(condition: Parts, scope: Scope, end: int | None) -> int:
    """How many parts hold in a window, or by themselves."""
    holding = []
    for part in condition.parts:
        own = part.condition
        if condition.window is not None and isinstance(own, Sum | Count):
            held = own.windows(scope.view).held(end, condition.window) if end is not None else None
        else:
            held = own.judge(scope.view)
        if part.counts(held):
            holding.append(part)
    if condition.distinct:
        return min(len({part.cause for part in holding}), len({part.department for part in holding}))
    return len(holding)


def _each(condition: Parts, scope: Scope, end: int | None) -> list[Measured]:
    found = []
    for rule, read in zip(scope.others, condition.parts, strict=True):
        shared = condition.window is not None and isinstance(rule.condition, Sum | Count)
        inner = Scope(scope.view, (), scope.now, condition.window, end if shared else None)
        part = _part(rule, inner)
        counts = read.grades is None or read.counts(rule.condition.judge(scope.view))
        found.append(part if counts else part._replace(closeness=part.closeness // 2))
    return found


def _part(rule: Rule, scope: Scope) -> Measured:
    """Another rule, measured as a part of this one."""
    part = MEASURES[type(rule.condition)](rule.condition, scope)
    nearest = part.figures[:_SHOWN_OF_A_PART]
    return Measured(part.closeness, tuple(figure._replace(part=f"{rule.title}（{rule.id}）") for figure in nearest))


MEASURES: Mapping[type, Callable[[Any, Scope], Measured]] = {
    Sum: counted,
    Count: counted,
    Standing: standing,
    Level: level,
    Costs: costs,
    Near: _near,
    Lacking: _lacking,
    Parts: _parts,
}
"""One function for each type of condition; a test goes through the types."""
