"""What is proposed to the people who make a household's plan, as its alert says it. They decide. Pure.

Sources: gap list (四平「缺项补齐」, 兰州「缺什么补什么」), help by labour (兰西), classes (兰州三类户),
claims before the fund (遂宁「双防」), the fund as the last resort (四平「在现有帮扶政策无法化解风险的情况下」).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from streams.case_states import CONFIRMED, HELD, REVIEWED, TO_ANSWER, WITHDRAWN
from streams.conditions import Level
from streams.finding import Finding, Handled
from streams.lacking import Lacking
from streams.rule_set import RuleSet
from streams.view import View
from streams.wording import LEVELS

UNSTABLE, MARGINAL, SUDDEN = "unstable", "marginal", "sudden"
RELOCATED = "relocated"
_LIFTED, _WATCH = "lifted", LEVELS[-1]
_NOT_INCLUDED = TO_ANSWER | {CONFIRMED, REVIEWED}


class Given(NamedTuple):
    """Help that a department reports as given; `event_id` is the department's own, `occurred_at` in ms."""

    measure: str
    department: str
    event_id: str
    occurred_at: int


class Plan(NamedTuple):
    """What an alert says of help; the fields are those of `alert`.

    Attributes:
        missing_help: needed minus active, last resorts too, sorted.
        suggested: what helps, in the order in which to try it; never a last resort.

    """

    labour: str | None
    missing_help: list[str]
    suggested: list[str]
    given_help: list[Given]
    proposed_class: str | None
    insurer_nudge: bool
    fund_referral: list[str]
    without_follow_up: bool


NOTHING = Plan(None, [], [], [], None, insurer_nudge=False, fund_referral=[], without_follow_up=False)


def plan_of(findings: Sequence[Finding], rules: RuleSet, view: View, handled: Handled, status: str) -> Plan:
    """Plan of a household in a state of its case, by what was found and what people did."""
    if status == WITHDRAWN:
        return NOTHING
    delivered = handled.measures if status in HELD else ()
    given = given_in(rules, view)
    helping = needed(findings, rules, view.labour)
    have = {each.measure for each in given}.union(delivered)
    return Plan(
        view.labour,
        sorted(code for code in helping if code not in have),
        [code for code in helping if not rules.measures[code].last_resort],
        given,
        proposed_class(findings, rules, view) if status in _NOT_INCLUDED else None,
        is_nudged(findings, rules),
        referral(findings, rules, view, handled, status),
        RELOCATED in view.place.tags and not have,
    )


def needed(findings: Iterable[Finding], rules: RuleSet, labour: str | None) -> list[str]:
    """Codes of the measures that help: against the gravest cause first, and what is by labour before the rest."""
    gravest = sorted(findings, key=lambda finding: LEVELS.index(finding.level))
    return list(dict.fromkeys(code for finding in gravest for code in rules.rules[finding.rule].helping(labour)))


def given_in(rules: RuleSet, view: View) -> list[Given]:
    """Help that standing values show as given, by measure; of several values the one that happened last."""
    found = []
    for code, measure in sorted(rules.measures.items()):
        shown = [fact for given in measure.given if given.kind in view.kinds for fact in given.standing(view)]
        if shown:
            last = max(shown, key=lambda fact: (fact.occurred_at, fact.id))
            found.append(Given(code, last.department, last.event_id, last.occurred_at))
    return found


def proposed_class(findings: Iterable[Finding], rules: RuleSet, view: View) -> str | None:
    """Class in which a household would be included, a code of schemas.actions; None without a risk.

    Lifted: unstable. Else with an income under the line: marginal. Else: sudden.
    """
    risks = [finding for finding in findings if finding.level != _WATCH]
    if not risks:
        return None
    if _LIFTED in view.place.tags:
        return UNSTABLE
    asked = [rules.rules[finding.rule].condition for finding in risks]
    poor = any(isinstance(each, Level) and each.thresholds is not None for each in asked)
    return MARGINAL if poor else SUDDEN


def is_nudged(findings: Iterable[Finding], rules: RuleSet) -> bool:
    """Whether somebody is to be reminded of a claim: help is lacking that takes a title, as a policy is."""
    conditions = [rules.rules[finding.rule].condition for finding in findings]
    return any(isinstance(condition, Lacking) and condition.entitled for condition in conditions)


def referral(findings: Iterable[Finding], rules: RuleSet, view: View, handled: Handled, status: str) -> list[str]:
    """Codes of last resorts to which a household may be referred: none before policies are recorded as insufficient.

    What an insurer owes comes first, also before it is late, and nobody is referred to what was delivered already.
    """
    if not handled.insufficient or status not in HELD or _is_claim_due(rules, view):
        return []
    measures = [rules.measures[code] for code in sorted(needed(findings, rules, view.labour))]
    open_to = (each for each in measures if each.last_resort and each.code not in handled.measures)
    return [each.code for each in open_to if not any(other.holds(view) for other in each.waits_for)]


def _is_claim_due(rules: RuleSet, view: View) -> bool:
    conditions = [rule.condition for rule in rules.rules.values()]
    return any(each.troubles(view) for each in conditions if isinstance(each, Lacking) and each.entitled)
