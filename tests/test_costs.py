"""What a window's costs take of a household's income."""

from __future__ import annotations

from dataclasses import replace

import pytest

from schemas.beijing import DAY_MS
from schemas.fact import Fact
from schemas.kinds import kinds_by_code
from streams.conditions import Cost, Costs
from streams.correlate import shipped
from streams.evaluate import could_hold, weigh_all
from streams.scales import MOST
from streams.thresholds import Line, Thresholds
from streams.view import View
from streams.where import COMPARISONS, Figure, Group
from tests.builders import Home, at, bill, fact, household, row
from tests.test_yearly import INCOME, YEARLY, income

BILL, FEE = kinds_by_code()["health_insurance.settlement"], kinds_by_code()["education.fee"]
SELF_PAY, OVERDUE = BILL.index("self_pay_fen"), FEE.index("overdue_fen")
BILLS = Cost(BILL.number, SELF_PAY, ())
FEES = Cost(FEE.number, OVERDUE, (Figure(FEE.index("overdue_days"), COMPARISONS["at_least"], 30),))
SHARE = Costs((BILLS,), YEARLY, 10 * DAY_MS, 40, None, (Group("line", ""),))
LEFT = Costs(
    (BILLS, FEES), YEARLY, 10 * DAY_MS, None, Thresholds({"*": (Line(0, {"line": 600_000}),)}), (Group("line", ""),)
)


def view(*facts: Fact, members: int = 4) -> View:
    people = {f"p_{number}": [row()] for number in range(members)}
    return View("H1", household(*facts, people=people), None)


def ids(condition: Costs, *facts: Fact, members: int = 4) -> list[str]:
    held = condition.judge(view(*facts, members=members))
    return sorted(known.event_id for known in held.evidence) if held else []


def owed(yuan: float, when: str = "2023-05-02", days: int = 30) -> Fact:
    return fact("education.fee", when, "f1", overdue=yuan, overdue_days=days)


@pytest.mark.parametrize(
    ("yuan", "members", "holds"),
    [(16_000, 4, True), (15_999.99, 4, False), (12_000, 3, True), (16_000, 5, False), (99_999, 0, False)],
)
def test_a_share_is_of_all_members_income(yuan: float, members: int, *, holds: bool) -> None:
    found = ids(SHARE, income(10_000), bill(yuan, "2023-05-01"), members=members)

    assert found == (["e1", "i1"] if holds else [])


def test_a_share_that_does_not_come_out_even_is_rounded_up() -> None:
    assert ids(SHARE, income(0.01), bill(0.02, "2023-05-01")) == ["e1", "i1"]
    assert ids(SHARE, income(0.01), bill(0.01, "2023-05-01")) == []


def test_without_income_any_cost_is_too_much_and_without_a_report_there_is_no_answer() -> None:
    assert ids(SHARE, income(0), bill(0.01, "2023-05-01")) == ["e1", "i1"]
    assert ids(SHARE, income(0), bill(0, "2023-05-01")) == []
    assert ids(SHARE, bill(90_000, "2023-05-01")) == []


def test_costs_of_several_kinds_are_added_as_far_as_they_fit() -> None:
    assert ids(LEFT, income(7000), bill(3000, "2023-05-01"), owed(1000.01)) == ["e1", "f1", "i1"]
    assert ids(LEFT, income(7000), bill(3000, "2023-05-01"), bill(0, "2023-05-01", "z"), owed(2000)) == [
        "e1",
        "f1",
        "i1",
    ]
    assert ids(LEFT, income(7000), bill(3000, "2023-05-01"), owed(1000)) == []
    assert ids(LEFT, income(7000), bill(3000, "2023-05-01"), owed(9000, days=29)) == []
    assert ids(LEFT, income(5000), owed(0)) == []
    assert ids(LEFT, income(5000), owed(0.01)) == ["f1", "i1"]


def test_each_group_of_households_has_what_must_be_left_by_its_own_line() -> None:
    poor, lines = (
        Group("poor", "低收入户", frozenset({"lifted"})),
        Thresholds({"*": (Line(0, {"poor": 700_000, "line": 600_000}),)}),
    )
    condition = replace(LEFT, groups=(poor, Group("line", "一般户")), thresholds=lines)

    def whose(*tags: str) -> str | None:
        kept = household(income(10_000), bill(3000.01, "2023-05-01"), people={"p_a": [row(tags=tags)]})
        held = condition.judge(View("H1", kept, None))
        return held.group if held else None

    assert whose("lifted") == "低收入户"
    assert whose() is None


def test_costs_a_window_apart_are_not_added() -> None:
    start = at("2023-05-01")
    first, second = bill(8000, start, "a"), bill(8000, start + 10 * DAY_MS, "b")

    assert ids(SHARE, income(10_000), first, second) == []
    assert ids(SHARE, income(10_000), first, bill(8000, start + 10 * DAY_MS - 1, "b")) == ["a", "b", "i1"]


def test_members_and_income_are_those_of_the_day_and_year_in_which_the_window_ends() -> None:
    facts = [income(10_000, 2022, event_id="low"), income(90_000, 2023, event_id="high")]
    grown = household(
        *facts, bill(8000, "2022-12-31T23:59:59", "old"), bill(8000, "2023-01-01", "new"),
        people={"p_a": [row()], "p_b": [row("2021-01-01", "H9"), row("2023-01-01")]},
    )  # fmt: skip

    held = SHARE.judge(View("H1", grown, None))
    assert held is not None
    assert sorted(known.event_id for known in held.evidence) == ["low", "old"]


def test_it_came_true_with_the_first_window_that_holds_and_again_with_what_came_since() -> None:
    facts = [income(10_000), bill(16_000, "2023-05-01", "a"), bill(20_000, "2023-09-01", "b")]

    onsets = SHARE.onsets(view(*facts))
    assert [(each.at, len(each.facts)) for each in onsets] == [(at("2023-05-01"), 2), (at("2023-09-01"), 2)]
    assert ids(SHARE, *facts) == ["b", "i1"]
    held = SHARE.judge(view(*facts))
    assert held is not None
    assert (held.came_true(), held.value, held.line) == (at("2023-05-01"), 2_000_000, 0)
    assert SHARE.onsets(view()) == []


def test_it_is_not_looked_at_before_there_are_both_costs_and_income() -> None:
    assert [ask.scale.kind for ask in SHARE.asks.must] == [INCOME.number]
    assert [(ask.scale.kind, ask.lowest) for ask in LEFT.asks.some] == [(BILL.number, 1), (FEE.number, 1)]
    assert LEFT.reads == {BILL.number, FEE.number, INCOME.number}
    assert (LEFT.kind, LEFT.watches, LEFT.next_tick(view())) == (BILL.number, False, None)
    assert replace(LEFT, costs=(FEES, BILLS)).kind == FEE.number


def worth_judging(rule: str, *facts: Fact) -> bool:
    home = household(*facts)
    weigh_all(home, shipped())
    (candidate,) = [each for each in shipped().raising if each.rule.id == rule]
    return could_hold(candidate, home.weights)


@pytest.mark.parametrize(("yuan", "worth"), [(3999.99, False), (4000, True)])
def test_a_share_is_not_judged_before_the_bills_are_too_much_for_one_with_the_least_income(
    yuan: float, *, worth: bool
) -> None:
    two = [income(20_000, 2022, event_id="more"), income(10_000, 2023), bill(yuan - 1, 0, "a"), bill(1, 0, "b")]

    assert worth_judging("R05", *two) is worth
    assert not worth_judging("R05", *two[2:])
    assert worth_judging("R05", income(-5), bill(0.01, 0))


@pytest.mark.parametrize(("yuan", "worth"), [(3299.99, False), (3300, True)])
def test_a_shortfall_is_not_judged_before_the_costs_could_leave_less_than_the_line(yuan: float, *, worth: bool) -> None:
    costs = [bill(yuan - 300, 0), fact("education.fee", 0, "f", overdue=300)]

    assert worth_judging("C6", income(10_000), *costs) is worth
    assert worth_judging("C6", income(6700), bill(0.01, 0))
    assert not worth_judging("C6", income(6000), bill(0, 0))


def test_the_least_income_is_none_and_a_debt_counts_as_none() -> None:
    scale = YEARLY.ask.scale

    assert [MOST - scale.weight(income(yuan)) for yuan in (0.01, 0, -5)] == [1, 0, 0]
    assert MOST - scale.weight(income(9), scale.weight(income(5))) == 500


def test_a_higher_income_that_comes_later_does_not_hide_the_least() -> None:
    home = Home().lives("p_a", row()).take(income(9000, 2022, event_id="low"), income(90_000, 2023, event_id="high"))

    home.take(bill(3600, "2022-05-01"))

    assert "R05" in home.household.findings
