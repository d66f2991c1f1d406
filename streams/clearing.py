"""When a household may be cleared of risk: what still stands open, what was delivered, who can work. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from schemas.beijing import day_of
from streams.combinations import Parts
from streams.conditions import Costs, Count, Sum
from streams.finding import Finding, Handled
from streams.register import Membership
from streams.residence import household_of
from streams.rule_set import RuleSet
from streams.wording import LEVELS

RED = LEVELS[0]
_UNABLE = "none"


def open_on(findings: Sequence[Finding], rules: RuleSet, today: int) -> list[tuple[Finding, int | None]]:
    """Findings that stand open on a Beijing day, each with the last day on which it does; None: until facts end it.

    What rests on counted facts is open until the rule's window has passed over the last of them: time does not take
    the cause away, but a bill of two years ago need not keep a household from being cleared.
    """
    ends = {finding.rule: _last_open_day(finding, rules) for finding in findings}
    standing = {f.rule: f for f in findings if (last := ends[f.rule]) is None or last >= today}
    return [(finding, ends[finding.rule]) for finding in findings if _open(finding.rule, standing, rules)]


def _last_open_day(finding: Finding, rules: RuleSet) -> int | None:
    condition = rules.rules[finding.rule].condition
    window = condition.window if isinstance(condition, Sum | Count | Costs | Parts) else None
    return None if window is None else day_of(finding.last + window)


def _open(rule_id: str, standing: Mapping[str, Finding], rules: RuleSet) -> bool:
    """A combination whose parts hold each by itself is open as long as enough of them are."""
    rule = rules.rules[rule_id]
    condition = rule.condition
    if not isinstance(condition, Parts) or condition.window is not None:
        return rule_id in standing
    parts = zip(rule.parts, condition.parts, strict=True)
    holding = [part for name, part in parts if name in standing and part.takes(standing[name].grade)]
    return len(holding) >= min(condition.at_least)


def hindrance(
    open_findings: Iterable[Finding], handled: Handled, members: Sequence[str], *, labour_needed: bool
) -> str | None:
    """What forbids to clear a household, a code of schemas.actions.REFUSALS; None where nothing does.

    `open_findings` stand open today; `members` is the labour of each person who lives there, by the register.
    """
    if any(finding.level == RED for finding in open_findings):
        return "red_open"
    if not handled.measures:
        return "nothing_delivered"
    if labour_needed and members and all(labour == _UNABLE for labour in members):
        return "no_labour"
    return None


def labour_of(people: Mapping[str, Membership], household_id: str, day: int) -> list[str]:
    """Labour of each person who lives in a household on a Beijing day, by the last row that names it."""
    return [
        max((row for row in membership.rows if row.household_id == household_id), key=lambda row: row.valid_from).labour
        for membership in people.values()
        if household_of(membership.rows, day) == household_id
    ]
