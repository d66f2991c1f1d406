"""Level and help that an alert must say, worked out anew. For reconciliation only: see streams.recount."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from schemas.beijing import day_of
from schemas.fact import Fact
from streams.basis import unpacked, unseen
from streams.case_states import CLEARED_TRACKING, CLOSED, ENDED, HELD, TO_ANSWER
from streams.conditions import Level
from streams.finding import Finding, Handled
from streams.lacking import Lacking
from streams.recount_history import Expected, Recounted
from streams.rule import Rule
from streams.rule_set import RuleSet
from streams.where import fits
from streams.wording import LEVELS

_AFTER_INCLUSION = frozenset({"INCLUDED", "PLANNED", "HELPING", "CLEAR_PROPOSED", CLEARED_TRACKING, CLOSED})


class Stage(NamedTuple):
    """What people did about a case, and its state."""

    handled: Handled
    status: str


def level_said(found: Sequence[Finding], handled: Handled, facts: Iterable[Fact], rules: RuleSet) -> Expected:
    """Level of an alert and the rule that lifts it, if any; without findings that of the last action."""
    levels = {finding.rule: LEVELS.index(finding.level) for finding in found}
    highest = min(levels.values(), default=None)
    if highest is None:
        return {"level": handled.level, "level_rule": ""}
    if rules.relapse is not None and (year := handled.relapse_year) is not None:
        happened = {fact.id for fact in facts if year[0] <= day_of(fact.occurred_at) <= year[1]}
        dealt = unpacked(handled.settled)
        for finding in found:
            if finding.level != LEVELS[-1] and not happened.isdisjoint(unseen(finding, dealt)):
                levels[finding.rule] = max(levels[finding.rule] - rules.relapse.levels_up, 0)
    lifted = min(levels.values())
    by = rules.relapse.id if rules.relapse is not None and lifted < highest else ""
    return {"level": LEVELS[lifted], "level_rule": by}


def plan_said(found: Sequence[Finding], stage: Stage, view: Recounted, rules: RuleSet) -> Expected:
    """Help as an alert names it."""
    handled, status = stage
    given = _given(rules, view)
    people = set(handled.measures) if status in HELD else set()
    wanted = _wanted(found, rules, view.labour)
    have = people.union(each["measure"] for each in given)
    risk = any(finding.level != LEVELS[-1] for finding in found)
    proposed = risk and status not in ENDED and status not in _AFTER_INCLUSION
    return {
        "labour": view.labour,
        "missing_help": sorted(set(wanted) - have),
        "suggested": [code for code in wanted if not rules.measures[code].last_resort],
        "given_help": given,
        "proposed_class": _class([rules.rules[finding.rule] for finding in found], view, found) if proposed else None,
        "insurer_nudge": any(_takes_a_title(rules.rules[finding.rule]) for finding in found),
        "policies_insufficient": handled.insufficient,
        "fund_referral": referred(found, stage, view, rules),
        "fund_paid_fen": handled.fund_paid,
        "without_follow_up": not have and "relocated" in view.place.tags,
    }


def referred(found: Sequence[Finding], stage: Stage, view: Recounted, rules: RuleSet) -> list[str]:
    """Last resorts to which the household may be referred."""
    handled, status = stage
    if status in ENDED or status in TO_ANSWER or status == CLEARED_TRACKING or not handled.insufficient:
        return []
    owing = [rule.condition for rule in rules.rules.values() if _takes_a_title(rule)]
    if any(isinstance(each, Lacking) and each.troubles(view) for each in owing):
        return []
    last = {code for code in _wanted(found, rules, view.labour) if rules.measures[code].last_resort}
    waiting = {code for code in last for other in rules.measures[code].waits_for if other.standing(view)}
    return sorted(last - waiting - set(handled.measures))


def _wanted(found: Sequence[Finding], rules: RuleSet, labour: str | None) -> list[str]:
    places: dict[str, tuple[int, str, int]] = {}
    for finding in found:
        rule = rules.rules[finding.rule]
        own = [*rule.by_labour.get(labour, ()), *rule.measures] if labour else [*rule.measures]
        for place, code in enumerate(own):
            here = LEVELS.index(finding.level), rule.id, place
            places[code] = min(here, places.get(code, here))
    return sorted(places, key=lambda code: places[code])


def _given(rules: RuleSet, view: Recounted) -> list[dict[str, object]]:
    newest: dict[str, Fact] = {}
    for code, measure in rules.measures.items():
        for stands in measure.given:
            for fact in view.standing(stands.kind):
                known = newest.get(code, fact)
                if fits(fact, stands.where) and (fact.occurred_at, fact.id) >= (known.occurred_at, known.id):
                    newest[code] = fact
    return [_reported(code, newest[code]) for code in sorted(newest)]


def _reported(code: str, fact: Fact) -> dict[str, object]:
    where = {"department": fact.department, "event_id": fact.event_id, "occurred_at": fact.occurred_at}
    return {"measure": code, **where}


def _class(asked: Sequence[Rule], view: Recounted, found: Sequence[Finding]) -> str:
    if "lifted" in view.place.tags:
        return "unstable"
    grave = (rule.condition for rule, finding in zip(asked, found, strict=True) if finding.level != LEVELS[-1])
    return "marginal" if any(isinstance(each, Level) and each.thresholds for each in grave) else "sudden"


def _takes_a_title(rule: Rule) -> bool:
    return isinstance(rule.condition, Lacking) and bool(rule.condition.entitled)
