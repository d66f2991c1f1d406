"""What is proposed to the people who make a household's plan. They decide. Pure.

Sources: gap list (四平「缺项补齐」, 兰州「缺什么补什么」), classes (兰州三类户), claims before the fund (遂宁「双防」),
the fund as the last resort (四平「在现有帮扶政策无法化解风险的情况下」).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from streams.conditions import Level
from streams.finding import Finding
from streams.lacking import Lacking
from streams.rule_set import RuleSet
from streams.view import View
from streams.wording import LEVELS

UNSTABLE, MARGINAL, SUDDEN = "unstable", "marginal", "sudden"
_LIFTED, _RELOCATED, _WATCH = "lifted", "relocated", LEVELS[-1]


def needed(findings: Iterable[Finding], rules: RuleSet, view: View) -> list[str]:
    """Codes of the measures that help against what was found, by the household's labour, sorted."""
    return sorted({code for finding in findings for code in rules.rules[finding.rule].helping(view.labour)})


def active(rules: RuleSet, view: View, delivered: Collection[str]) -> list[str]:
    """Codes of the measures that a standing value shows as given, or that people delivered, sorted."""
    shown = {code for code, measure in rules.measures.items() if any(given.holds(view) for given in measure.given)}
    return sorted(shown.union(delivered))


def gaps(findings: Iterable[Finding], rules: RuleSet, view: View, delivered: Collection[str]) -> list[str]:
    """Needed minus active."""
    have = set(active(rules, view, delivered))
    return [code for code in needed(findings, rules, view) if code not in have]


def is_left_alone(rules: RuleSet, view: View, delivered: Collection[str]) -> bool:
    """Whether a relocated household has no measure at all."""
    return _RELOCATED in view.place.tags and not active(rules, view, delivered)


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


def owed(findings: Iterable[Finding], rules: RuleSet) -> list[str]:
    """Codes of the help to which a household has a title and which did not come, sorted."""
    lacking = [rules.rules[f.rule] for f in findings if isinstance(rules.rules[f.rule].condition, Lacking)]
    return sorted({code for rule in lacking for code in rule.measures})


def is_nudged(findings: Iterable[Finding], rules: RuleSet) -> bool:
    """Whether somebody is to be reminded of a claim: help is lacking that takes a title, as a policy is."""
    conditions = [rules.rules[finding.rule].condition for finding in findings]
    return any(isinstance(condition, Lacking) and condition.entitled for condition in conditions)


def fund_referral(
    findings: Sequence[Finding], rules: RuleSet, delivered: Collection[str], *, insufficient: bool
) -> list[str]:
    """Codes of last resorts to which a household may be referred: none before policies are recorded as insufficient.

    An insurer that owes a claim comes first, and nobody is referred to what was delivered already.
    """
    if not insufficient or is_nudged(findings, rules):
        return []
    codes = {code for finding in findings for code in rules.rules[finding.rule].measures}
    return sorted(code for code in codes if rules.measures[code].last_resort and code not in delivered)


def payable(asked: int, paid: Iterable[int], pool: int) -> int:
    """What a fund can still pay of an amount, fen: all that it paid never exceeds the pool."""
    return max(0, min(asked, pool - sum(paid)))
