"""Rows of the domain's feature list that rules decide, each with the row's own figures."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from schemas.fact import Fact
from schemas.kinds import kinds_by_code
from streams.rule_set import RuleSet, shipped
from tests.builders import TOWNSHIP, Home, bill, fact, graded, row

ELSEWHERE = "330302001"


def income(yuan: float, before: float = 0, year: int = 2022) -> Fact:
    """What the household earned a head, and the year before."""
    kind = "rural_revitalisation.income"
    return fact(kind, "2023-10-20", "i1", year=year, per_capita_net=yuan, prev_year=before)


def changed(rule_id: str, change: Callable[[dict[str, Any]], object]) -> RuleSet:
    """The shipped rules, one of them changed."""
    values = json.loads(shipped().content)
    change(next(rule for rule in values["rules"] if rule["id"] == rule_id))
    return RuleSet.from_content(json.dumps(values))


def with_another_line(rule: dict[str, Any]) -> None:
    rule["thresholds"].append({"region": "33", "year": 2022, "line": 7_500})


@pytest.mark.parametrize(
    ("yuan", "township", "alerted"),
    [
        (6_699, TOWNSHIP, True),
        (6_700, TOWNSHIP, False),
        (6_700, ELSEWHERE, True),
        (7_499, ELSEWHERE, True),
        (7_500, ELSEWHERE, False),
    ],
)
def test_s2_decides_by_the_line_of_region_and_year(yuan: float, township: str, *, alerted: bool) -> None:
    home = Home(rules=changed("R01", with_another_line))
    home.lives("p_a", row(township=township, village=f"{township}001"))

    home.take(income(yuan, before=yuan))

    assert home.causes == ({"R01": ("orange", ["i1"])} if alerted else {})


@pytest.mark.parametrize("rich", [False, True])
@pytest.mark.parametrize("stage", ["primary", "junior"])
def test_s8_decides_one_dropout_of_compulsory_schooling_is_red_whatever_is_earned(stage: str, *, rich: bool) -> None:
    home = Home().lives("p_a", row()).take(income(99_000, before=90_000) if rich else income(6_800, before=6_700))

    home.take(fact("education.enrolment", "2023-05-01", "drop", stage=stage, status="dropout", person="p_a"))

    assert home.causes == {"R10": ("red", ["drop"])}


def test_s8_decides_an_unsafe_house_is_always_alerted() -> None:
    found = {grade: Home().take(income(99_000, before=90_000), graded(grade, event_id="h")).level for grade in "ABCD"}

    assert found == {"A": "none", "B": "none", "C": "orange", "D": "red"}


def ask_for_all(rule: dict[str, Any]) -> None:
    rule["condition"]["together"] = "all"


@pytest.mark.parametrize(
    ("now", "before", "tags", "any_", "all_"),
    [
        (9_900, 9_000, ("lifted",), "watch", "none"),
        (12_000, 13_000, ("lifted",), "watch", "none"),
        (9_900, 11_000, ("lifted",), "watch", "watch"),
        (10_000, 9_500, ("lifted",), "none", "none"),
        (9_900, 11_000, (), "none", "none"),
    ],
)
def test_y6_decides_the_watch_groups_of_any_and_of_all(
    now: float, before: float, tags: tuple[str, ...], any_: str, all_: str
) -> None:
    levels = [
        Home(rules=rules).lives("p_a", row(tags=tags)).take(income(now, before, year=2023)).level
        for rules in (shipped(), changed("R02", ask_for_all))
    ]

    assert levels == [any_, all_]


def claim(yuan: float, cause: str = "illness") -> Fact:
    """The insurer's report of the trouble that a department reported, too."""
    kind, state = "insurers.claim", "paid"
    return fact(kind, "2023-05-03", "claim", product="accident", cause=cause, loss=yuan, paid=yuan, state=state)


def test_a_settlement_and_a_claim_of_the_same_admission_are_not_added() -> None:
    lifted = Home().lives("p_a", row(tags=["lifted"])).take(claim(9_999.99), bill(9_999.99, "2023-05-01", "bill"))
    assert lifted.level == "none"

    lifted.take(bill(0.01, "2023-05-02", "rest"))

    assert lifted.causes == {"R04": ("orange", ["bill", "rest"])}


def test_a_loss_that_office_and_insurer_report_is_counted_once() -> None:
    flooded = fact("emergency.household_loss", "2023-05-01", "flood", loss=4_999.99)
    crops = fact("agriculture.loss", "2023-05-01", "crops", loss=4_999.99, insured=False)

    assert Home().take(flooded, crops, claim(4_999.99, "disaster")).level == "none"


def test_what_a_rule_adds_up_is_of_one_kind_for_each_trouble() -> None:
    claims = kinds_by_code()["insurers.claim"].number
    adding = {"sum", "share", "shortfall"}
    rules = [rule for rule in json.loads(shipped().content)["rules"] if rule["condition"]["type"] in adding]

    assert {"R04", "R05", "R20", "C6"} <= {rule["id"] for rule in rules}
    for rule in rules:
        assert claims not in shipped().rules[rule["id"]].condition.reads
        costs = [cost["kind"] for cost in rule["condition"].get("costs", [rule["condition"]])]
        assert len(costs) == len(set(costs))
