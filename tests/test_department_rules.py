"""Each department has a rule that reads it, and a case in which its events alone change the alert.

The cases are the examples of the rule files, folded as in life: with all their facts, and without the department's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from schemas.departments import BY_CODE
from schemas.fact import Fact
from schemas.kinds import kinds_by_number
from streams.rule import Rule
from streams.rule_examples import NONE, Example, examples_of
from streams.rule_set import rule_files, shipped
from tests.areas import TOWNSHIP, VILLAGE, Place
from tests.builders import Home, row


def raising() -> Iterator[tuple[Rule, Example]]:
    """Every example in which a rule that raises alerts holds."""
    rules = {**shipped().rules, **shipped().areas}
    for name, values in rule_files().items():
        rule = rules[str(values["id"])]
        if not rule.part:
            yield from ((rule, each) for each in examples_of(name, values, rule) if each.expect != NONE)


def folded(rule: Rule, example: Example) -> list[str]:
    """Rules that an example's household or place is alerted for."""
    if rule.id in shipped().areas:
        place = Place(TOWNSHIP if rule.scope == "township" else VILLAGE).hear(*example.facts)
        if example.tick is not None:
            place.tick(example.tick)
        return [said for said, _, _ in place.says()]
    home, named = Home(), {fact.person for fact in example.facts if fact.person}
    others = {f"other {number}" for number in range(max(1, example.members) - len(named))}
    for person in sorted(named | others):
        home.lives(person, row(tags=example.tags))
    home.take(*example.facts)
    if example.tick is not None:
        home.tick(example.tick, **dict.fromkeys(BY_CODE, example.fed_to))
    return list(home.causes)


def of_department(code: str, facts: Sequence[Fact]) -> tuple[Fact, ...]:
    return tuple(fact for fact in facts if kinds_by_number()[fact.kind].department.code == code)


def cases(code: str) -> list[str]:
    """Rules that hold in some example, and not without the department's events in it."""
    found = []
    for rule, example in raising():
        theirs = of_department(code, example.facts)
        others = tuple(fact for fact in example.facts if fact not in theirs)
        if theirs and rule.id in folded(rule, example) and rule.id not in folded(rule, replace(example, facts=others)):
            found.append(rule.id)
    return found


@pytest.mark.parametrize("code", BY_CODE)
def test_the_events_of_a_department_alone_change_an_alert(code: str) -> None:
    assert cases(code)


@pytest.mark.parametrize("code", BY_CODE)
def test_a_rule_reads_the_department(code: str) -> None:
    numbers = {number for number, kind in kinds_by_number().items() if kind.department.code == code}

    assert [
        rule.id for rule in (*shipped().rules.values(), *shipped().areas.values()) if numbers & rule.condition.reads
    ]


def test_an_example_comes_out_in_life_as_it_does_alone() -> None:
    wrong = [f"{rule.id}: {each.title}" for rule, each in raising() if rule.id not in folded(rule, each)]

    assert wrong == []
