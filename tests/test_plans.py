"""What is proposed for a household's plan."""

from __future__ import annotations

import pytest

from schemas.actions import HOUSEHOLD_CLASSES
from schemas.fact import Fact
from streams.correlate import shipped
from streams.finding import Finding
from streams.plans import (
    MARGINAL,
    SUDDEN,
    UNSTABLE,
    active,
    fund_referral,
    gaps,
    is_left_alone,
    is_nudged,
    needed,
    owed,
    payable,
    proposed_class,
)
from streams.view import View
from tests.builders import Home, bill, day, fact, graded, row

TICK = day("2024-06-01")


def found(*facts: Fact, tags: tuple[str, ...] = (), labour: str = "able") -> tuple[list[Finding], View]:
    """What stands in a household after a tick up to which everything was reported."""
    home = Home().lives("p_a", row(tags=tags, labour=labour)).take(*facts)
    home.tick(TICK, civil_affairs=TICK, disability=TICK, education=TICK, insurers=TICK, human_resources=TICK)
    household = home.household
    return [household.findings[rule] for rule in sorted(household.findings)], View("H1", household, TICK)


def test_s5_decides_needed_minus_active_is_the_gap() -> None:
    findings, view = found(bill(26_000, "2024-03-01"), graded("C"))
    everything = set(needed(findings, shipped(), view))

    assert {"M10", "M14"} <= everything
    assert set(gaps(findings, shipped(), view, everything - {"M14"})) == {"M14"}
    assert gaps(findings, shipped(), view, everything) == []


def test_what_a_department_reports_as_given_is_no_gap() -> None:
    started = fact("housing.renovation", "2024-05-01", "w1", state="started", due_on=TICK + 90)

    findings, view = found(graded("C"), started)
    assert active(shipped(), view, []) == ["M14"]
    assert gaps(findings, shipped(), view, []) == []


@pytest.mark.parametrize(
    ("labour", "codes"),
    [
        ("able", ["M01", "M02", "M03", "M05", "M06", "M22"]),
        ("weak", ["M01", "M04", "M05", "M22"]),
        ("none", ["M07", "M08", "M22"]),
    ],
)
def test_x7_decides_the_suggestion_by_labour_capacity(labour: str, codes: list[str]) -> None:
    income = fact("rural_revitalisation.income", "2024-01-20", year=2023, per_capita_net=6000)

    findings, view = found(income, labour=labour)
    assert needed(findings, shipped(), view) == codes
    assert Home().lives("p_a", row(labour=labour)).take(income).alert["missing_help"] == codes


def test_the_best_labour_of_those_who_live_there_counts() -> None:
    home = Home().lives("p_a", row(labour="none")).lives("p_b", row(labour="weak"))
    assert View("H1", home.household, None).labour == "weak"
    home.lives("p_c", row(labour="able", valid_to="2022-01-01"))
    assert View("H1", home.household, None).labour == "weak"
    home.lives("p_b", row(labour="weak"), row("2023-01-01", "H2", labour="able"), offset=99)
    assert View("H1", home.household, None).labour == "none"
    assert View("H1", Home().household, None).labour is None


def test_n10_decides_a_relocated_household_with_no_measure_is_listed() -> None:
    aided = fact("education.aid", "2024-03-01", granted=True)

    assert is_left_alone(shipped(), found(tags=("relocated",))[1], [])
    assert not is_left_alone(shipped(), found(aided, tags=("relocated",))[1], [])
    assert not is_left_alone(shipped(), found(tags=("relocated",))[1], ["M20"])
    assert not is_left_alone(shipped(), found(tags=("lifted",))[1], [])


def test_the_class_follows_tags_and_income() -> None:
    poor = fact("rural_revitalisation.income", "2024-01-20", year=2023, per_capita_net=6699.99)

    for facts, tags, expected in (
        ((poor,), ("lifted",), UNSTABLE),
        ((poor,), ("monitored",), MARGINAL),
        ((graded("D"),), (), SUDDEN),
        ((graded("D"), poor), (), MARGINAL),
        ((graded("B"),), (), None),
        ((fact("rural_revitalisation.income", "2024-01-20", year=2023, per_capita_net=9000),), ("lifted",), None),
    ):
        findings, view = found(*facts, tags=tags)
        assert proposed_class(findings, shipped(), view) == expected
    assert {UNSTABLE, MARGINAL, SUDDEN} == set(HOUSEHOLD_CLASSES)


def test_s6_decides_the_fund_only_after_policies_are_recorded_as_insufficient() -> None:
    income = fact("rural_revitalisation.income", "2024-01-20", year=2023, per_capita_net=9000)
    findings, _ = found(bill(26_000, "2024-03-01", person="p_a"), income)

    assert fund_referral(findings, shipped(), [], insufficient=True) == ["M18"]
    assert fund_referral(findings, shipped(), [], insufficient=False) == []
    assert fund_referral(findings, shipped(), ["M18"], insufficient=True) == []
    assert fund_referral([], shipped(), [], insufficient=True) == []


@pytest.mark.parametrize(
    ("asked", "paid", "pays"), [(30, (40, 20), 30), (50, (40, 20), 40), (1, (60, 40), 0), (9, (200,), 0)]
)
def test_s6_decides_the_fund_never_pays_more_than_its_pool(asked: int, paid: tuple[int, ...], pays: int) -> None:
    assert payable(asked, paid, 100) == pays


def test_n8_decides_the_insurer_is_nudged_before_the_fund() -> None:
    insured = fact("insurers.coverage", "2024-01-01", product="anti_poverty", covered=True)
    income = fact("rural_revitalisation.income", "2024-01-20", year=2023, per_capita_net=9000)
    sick = bill(26_000, "2024-03-01", person="p_a")

    findings, _ = found(sick, income, insured)
    assert is_nudged(findings, shipped())
    assert owed(findings, shipped()) == ["M17"]
    assert fund_referral(findings, shipped(), [], insufficient=True) == []
    paid, _ = found(sick, income, insured, fact("insurers.claim", "2024-03-20", "c", product="anti_poverty"))
    assert not is_nudged(paid, shipped())
    assert fund_referral(paid, shipped(), [], insufficient=True) == ["M18"]


def test_help_that_is_owed_is_named() -> None:
    disabled = fact("disability.cert", "2024-01-01", grade=1, change="new")

    findings, _ = found(disabled)
    assert owed(findings, shipped()) == ["M07", "M08"]
    assert not is_nudged(findings, shipped())
