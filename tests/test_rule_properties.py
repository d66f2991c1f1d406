"""Of every rule: asking for more never adds an alert of it, and what it does not read changes nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from streams.household import Household, Membership
from streams.rule_set import RuleSet, shipped
from streams.view import View
from tests.seeds import seeds
from tests.test_correlate_properties import DAYS, FEEDS, START, Roll, segment, some_rows

Values = dict[str, Any]
FLOORS = ("yearly", "shortfall")
"""Types whose line is a floor: less of it asks for more."""


def of_lines(rule: Values) -> bool:
    for row in rule.get("thresholds", ()):
        for group in row.keys() - {"region", "year"}:
            row[group] = row[group] // 2 if rule["condition"]["type"] in FLOORS else row[group] * 2 + 1
    return "thresholds" in rule


def of_percent(rule: Values) -> bool:
    said = rule["condition"] if "percent" in rule["condition"] else rule["condition"].get("fallen", {})
    said["percent"] = said.get("percent", 0) + 25
    return said is rule["condition"] or "fallen" in rule["condition"]


def of_days(rule: Values) -> bool:
    lates = [said["late"] for said in (rule["condition"], *rule.get("levels", ())) if "late" in said]
    for said in (*lates, *([rule["condition"]] if "days" in rule["condition"] else [])):
        said["days"] += 31
    return bool(lates) or "days" in rule["condition"]


def of_figures(rule: Values) -> bool:
    wheres = [said.get("where", {}) for said in (rule["condition"], *rule.get("levels", ()))]
    figures = [figure for where in wheres for figure in where.values() if isinstance(figure, dict)]
    for figure in figures:
        figure.update({word: figure[word] + more for word, more in (("at_least", 1), ("over", 900)) if word in figure})
    return any(figure.keys() & {"at_least", "over"} for figure in figures)


def of_numbers(rule: Values) -> bool:
    counts = rule["condition"]["type"] == "count" and not rule.get("part")
    for level in rule.get("levels", ()) if counts else ():
        level["at_least"] = level.get("at_least", 1) + 1
    return counts


STRICTER: tuple[Callable[[Values], bool], ...] = (of_lines, of_percent, of_days, of_figures, of_numbers)


@cache
def stricter() -> list[tuple[str, RuleSet]]:
    """Each rule with the sets in which it, and nothing else, asks for more."""
    found = []
    for rule_id in shipped().rules:
        for change in STRICTER:
            values = json.loads(shipped().content)
            rule = next(rule for rule in values["rules"] if rule["id"] == rule_id)
            if change(rule):
                found.append((rule_id, RuleSet.from_content(json.dumps(values))))
    return found


def some_household(random: Random) -> Household:
    """A household of the made-up facts."""
    household = Household()
    for person in ("p_a", "p_b"):
        household.settle(person, Membership(0, list(some_rows(random, START))))
    for record in segment(random, START, DAYS, offset=1) + segment(random, START, DAYS, offset=1):
        if not isinstance(record, Roll):
            household.put(record, None)
    return household


def seen(household: Household) -> View:
    """After a tick up to which everything was reported."""
    return View("H1", household, START + 121, dict.fromkeys((*FEEDS, "education"), START + 120))


def grades(rules: RuleSet, view: View) -> Mapping[str, int]:
    """Grade of each rule that holds; parts of combinations have none."""
    held = {rule.id: rule.condition.judge(view) for rule in rules.rules.values() if not rule.part}
    return {rule: found.grade for rule, found in held.items() if found is not None}


def test_every_kind_of_line_is_raised_somewhere() -> None:
    rules = [rule for rule, _ in stricter()]

    assert {"R01", "R02", "R03", "R04", "R05", "R07", "R09", "R12", "R14", "R17", "R18", "R20"} <= set(rules)
    assert {"R21", "R22", "R23", "C3", "C6", "P01", "P02"} <= set(rules)


@seeds(1_000)
@given(seed=st.integers(0, 2**40))
def test_asking_for_more_never_adds_an_alert_of_that_rule_nor_raises_it(seed: int) -> None:
    view = seen(some_household(Random(seed)))
    loose = grades(shipped(), view)

    for rule, rules in stricter():
        held = None if rules.rules[rule].part else rules.rules[rule].condition.judge(view)
        assert held is None or (rule in loose and held.grade >= loose[rule])


@seeds(1_000)
@given(seed=st.integers(0, 2**40))
def test_facts_that_a_rule_does_not_read_change_nothing_of_it(seed: int) -> None:
    household = some_household(Random(seed))
    whole = {rule.id: rule.condition.judge(seen(household)) for rule in shipped().rules.values() if not rule.part}

    for rule in shipped().rules.values():
        read = Household(persons=[*household.persons], packed_people=household.packed_people)
        for fact in household.all_facts():
            if fact.kind in rule.condition.reads:
                read.put(fact, None)
        assert rule.part or rule.condition.judge(seen(read)) == whole[rule.id]
