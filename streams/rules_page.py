"""All rules in one table, as officials read it: Markdown, Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schemas.kinds import kinds_by_number
from streams.explain_words import LEVELS
from streams.relapse import WATCH, Relapse
from streams.rule import Rule
from streams.rule_set import RuleSet, Values

HEADINGS = ("编号", "风险", "看哪些业务", "等级", "线（元）", "多少天内", "依据", "建议的帮扶")
_ASSUMED = "assumption"
_ANYWHERE = "*"
_SCOPES = {"village": "（全村）", "township": "（全乡镇）"}
_MOST_NAMED = 8
"""Rules that read more kinds than this read what other rules read."""


def table(rules: RuleSet, files: Mapping[str, Values]) -> str:
    """Markdown table of a set's rules in the order of their ids; `files` are those it was made of."""
    by_id: dict[str, Any] = {str(values["id"]): values for values in files.values()}
    known = {**rules.rules, **rules.areas}
    rows = [HEADINGS, ("---",) * len(HEADINGS)]
    found = {each: _row(known[each], by_id[each], rules) for each in known}
    if rules.relapse is not None:
        found[rules.relapse.id] = _row_of_relapse(rules.relapse)
    rows += [found[each] for each in sorted(found, key=_order)]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _order(rule_id: str) -> tuple[str, int, str]:
    number, _, rest = rule_id[1:].partition("-")
    return rule_id[0], int(number), rest


def _row(rule: Rule, values: Mapping[str, Any], rules: RuleSet) -> tuple[str, ...]:
    titles = [rules.measures[code].title for code in rule.measures]
    titles += ["按劳动能力另定"] if rule.by_labour else []
    return (
        rule.id,
        rule.title + _SCOPES.get(rule.scope, ""),
        _kinds(rule),
        "、".join(dict.fromkeys(LEVELS[grade.level] for grade in rule.grades)) if not rule.part else "只供叠加",
        "；".join(_lines(values)) or "—",
        str(values.get("window_days", "—")),
        "暂定" if rule.basis == _ASSUMED else rule.basis,
        "、".join(titles) or "—",
    )


def _row_of_relapse(relapse: Relapse) -> tuple[str, ...]:
    watch = LEVELS[WATCH]
    lifted = f"比原因高{relapse.levels_up}级，{watch}不提高" if relapse.levels_up else "不提高"
    basis = "暂定" if relapse.basis == _ASSUMED else relapse.basis
    return (relapse.id, relapse.title, "其他规则的预警", lifted, "—", "跟踪期内", basis, "重新打开原预警")


def _kinds(rule: Rule) -> str:
    kinds = [kinds_by_number()[number] for number in sorted(rule.condition.reads)]
    if len(kinds) > _MOST_NAMED:
        return f"其他规则所看的{len(kinds)}种业务"
    return "、".join(f"{kind.department.name}：{kind.title}" for kind in kinds)


def _lines(values: Mapping[str, Any]) -> list[str]:
    """Each threshold: from which year, where, for whom, how much."""
    groups = {group["name"]: group["title"] for group in values.get("groups", ())}
    found = []
    for line in values.get("thresholds", ()):
        place = "" if line["region"] == _ANYWHERE else f"{line['region']} "
        amounts = (f"{groups.get(k, '')}{v}" for k, v in line.items() if k not in ("region", "year"))
        found.append(f"{place}{line['year']}年起 {'、'.join(amounts)}")
    return found
