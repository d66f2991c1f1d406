"""What the regional alerts of a township must say: counted anew from what is due in its households. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from schemas.beijing import day_of
from streams.alert_content import listed
from streams.recount_history import Expected, Verdict
from streams.regional import Regional
from streams.rule_set import RuleSet
from streams.wording import LEVELS

Since = dict[str, dict[str, int]]
"""What is counted together -> household -> day since which it has that."""


class Many(NamedTuple):
    """Enough households with the same, and the first and last day on which it came true in them."""

    group: str
    households: frozenset[str]
    last: int


def since_when(verdicts: Mapping[str, Verdict]) -> dict[str, Since]:
    """Township -> what its households have, since when. What is only watched does not count."""
    found: dict[str, Since] = defaultdict(lambda: defaultdict(dict))
    for household_id, verdict in verdicts.items():
        township, rules = verdict.place.township, verdict.rules
        if township is None or rules is None or rules.regional is None:
            continue
        for finding in verdict.counting:
            if finding.level != LEVELS[-1]:
                homes = found[township][group_of(finding.rule, rules)]
                homes[household_id] = min(day_of(finding.since), homes.get(household_id, 1 << 40))
    return found


def group_of(rule_id: str, rules: RuleSet) -> str:
    """Cause of a rule, and behind it the class that names the rule."""
    classes = rules.regional.classes.values() if rules.regional else ()
    return "/".join([rules.rules[rule_id].cause, *[each.name for each in classes if rule_id in each.rules][:1]])


def inhabited(verdicts: Mapping[str, Verdict]) -> dict[str, int]:
    """Township -> households that the register has there."""
    homes: dict[str, int] = defaultdict(int)
    for verdict in verdicts.values():
        if verdict.place.township is not None and verdict.place.gone_to is None:
            homes[verdict.place.township] += 1
    return homes


def regional_alerts(since: Since, households: int, regional: Regional, tick: int | None) -> dict[str, Expected]:
    """Class of risk -> alert of a township with so many households, at the day of a tick."""
    line = max(regional.at_least, (households * regional.rate + 9_999) // 10_000)
    found = [many for group in sorted(since) for many in _latest(group, since[group], line, regional)]
    standing = [many for many in found if tick is None or tick - many.last <= regional.valid_days]
    alerts = {}
    for name in regional.classes:
        ours = [many for many in standing if _class_of(many.group, regional) == name]
        if ours:
            alerts[name] = _alert(name, ours, regional)
    return alerts


def _latest(group: str, since: Mapping[str, int], line: int, regional: Regional) -> list[Many]:
    """The latest window in which there are enough, if there is one."""
    for last in sorted(set(since.values()), reverse=True):
        inside = frozenset(home for home, day in since.items() if 0 <= last - day < regional.days)
        if len(inside) >= line:
            return [Many(group, inside, last)]
    return []


def _class_of(group: str, regional: Regional) -> str | None:
    cause, _, named = group.partition("/")
    return named or next((each.name for each in regional.classes.values() if cause in each.causes), None)


def _alert(name: str, ours: list[Many], regional: Regional) -> Expected:
    return {
        "kind": "regional",
        "level": regional.level,
        "title": f"{regional.title}：{regional.classes[name].title}",
        "causes": [_cause(many, len(ours), regional) for many in ours],
        "subjects": listed([many.group for many in ours], 1),
        "households": len(_together(many.households for many in ours)),
        "valid_to": min(many.last for many in ours) + regional.valid_days,
    }


def _cause(many: Many, causes: int, regional: Regional) -> Expected:
    return {
        "rule": regional.id,
        "rule_version": regional.version,
        "cause": many.group.partition("/")[0],
        "level": regional.level,
        "evidence": listed(sorted(many.households), causes),
        "evidence_count": len(many.households),
    }


def _together(sets: Iterable[frozenset[str]]) -> frozenset[str]:
    return frozenset[str]().union(*sets)
