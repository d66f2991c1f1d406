"""What is proposed for a household's plan."""

from __future__ import annotations

import pytest

from schemas.actions import HOUSEHOLD_CLASSES
from schemas.fact import Fact
from streams.case_states import CLEARED_TRACKING, CONFIRMED, HELD, STATES, TO_ANSWER
from streams.correlate import shipped
from streams.finding import UNTOUCHED, Finding, Handled
from streams.plans import MARGINAL, NOTHING, SUDDEN, UNSTABLE, Plan, plan_of
from streams.view import View
from tests.builders import Home, bill, day, fact, graded, row

TICK = day("2024-06-01")
POOR = fact("rural_revitalisation.income", "2024-01-20", year=2023, per_capita_net=6699.99)
LITTLE = fact("rural_revitalisation.income", "2024-01-20", year=2023, per_capita_net=9000)
SICK = bill(26_000, "2024-03-01", person="p_a")
INSURED = fact("insurers.coverage", "2024-01-01", product="anti_poverty", covered=True)


def found(*facts: Fact, tags: tuple[str, ...] = (), labour: str = "able") -> tuple[list[Finding], View]:
    """What stands in a household after a tick up to which everything was reported."""
    home = Home().lives("p_a", row(tags=tags, labour=labour)).take(*facts)
    home.tick(TICK, civil_affairs=TICK, disability=TICK, education=TICK, insurers=TICK, human_resources=TICK)
    household = home.household
    return [household.findings[rule] for rule in sorted(household.findings)], View("H1", household, TICK)


def planned(*facts: Fact, handled: Handled = UNTOUCHED, status: str = "ALERTED", **home: object) -> Plan:
    findings, view = found(*facts, **home)  # type: ignore[arg-type]  # keywords of found
    return plan_of(findings, shipped(), view, handled, status)


def test_what_is_missing_is_what_is_needed_but_for_what_is_given_and_what_people_delivered() -> None:
    started = fact("housing.renovation", "2024-05-01", "w1", state="started", due_on=TICK + 90)
    aided = fact("education.aid", "2024-03-01", granted=True)
    plan = planned(SICK, graded("C"), started, aided)
    delivered = planned(SICK, graded("C"), started, aided, handled=Handled(measures=["M10"]), status="HELPING")

    assert {"M10", "M14"} <= set(plan.suggested)
    assert [each.measure for each in plan.given_help] == ["M12", "M14"], "what is not needed here is help all the same"
    assert "M14" not in plan.missing_help
    assert set(plan.missing_help) - set(delivered.missing_help) == {"M10"}
    assert delivered.given_help == plan.given_help


def test_of_several_values_that_show_help_the_last_one_is_named() -> None:
    first = fact("civil_affairs.dibao_change", "2024-02-01", "d1", person="p_a", action="granted")
    later = fact("civil_affairs.dibao_change", "2024-04-01", "d2", person="p_b", action="raised")
    stopped = fact("civil_affairs.dibao_change", "2024-05-01", "d3", person="p_a", action="stopped")
    home = Home().lives("p_a", row()).lives("p_b", row()).take(graded("C"), first, later)

    assert [(each["measure"], each["event_id"]) for each in home.alert["given_help"]] == [("M07", "d2")]
    assert [each["event_id"] for each in home.take(stopped).alert["given_help"]] == ["d2"]


def test_a_withdrawn_alert_proposes_nothing() -> None:
    home = Home().lives("p_a", row()).take(graded("D"))
    home.take(fact("housing.inspection", "2023-05-01", "e1", revision=1, retracted=True))

    said = home.alert
    assert said["status"] == "WITHDRAWN"
    assert [said[name] for name in Plan._fields] == list(NOTHING)


def test_the_best_labour_of_those_who_live_there_counts() -> None:
    home = Home().lives("p_a", row(labour="none")).lives("p_b", row(labour="weak"))
    assert View("H1", home.household, None).labour == "weak"
    home.lives("p_c", row(labour="able", valid_to="2022-01-01"))
    assert View("H1", home.household, None).labour == "weak"
    home.lives("p_b", row(labour="weak"), row("2023-01-01", "H2", labour="able"), offset=99)
    assert View("H1", home.household, None).labour == "none"
    assert View("H1", Home().household, None).labour is None


def test_the_gravest_cause_is_helped_first() -> None:
    plan = planned(POOR, graded("D"), labour="none")

    assert plan.suggested == ["M14", "M07", "M08", "M22"]


def test_the_class_follows_tags_and_income() -> None:
    for facts, tags, expected in (
        ((POOR,), ("lifted",), UNSTABLE),
        ((POOR,), ("monitored",), MARGINAL),
        ((graded("D"),), (), SUDDEN),
        ((graded("D"), POOR), (), MARGINAL),
        ((graded("B"),), (), None),
        ((LITTLE,), ("lifted",), None),
    ):
        assert planned(*facts, tags=tags).proposed_class == expected
    assert {UNSTABLE, MARGINAL, SUDDEN} == set(HOUSEHOLD_CLASSES)


def test_a_class_is_proposed_until_the_county_has_included_the_household() -> None:
    proposing = {status for status in STATES if planned(POOR, status=status).proposed_class}

    assert proposing == {*TO_ANSWER, CONFIRMED, "REVIEWED"}


def test_the_fund_is_open_only_while_a_case_is_held_and_never_before_policies_are_recorded_as_insufficient() -> None:
    recorded = Handled(insufficient=True)
    open_in = {status for status in STATES if planned(SICK, LITTLE, handled=recorded, status=status).fund_referral}

    assert open_in == HELD
    assert planned(SICK, LITTLE, status=CONFIRMED).fund_referral == []
    assert planned(graded("D"), handled=recorded, status=CONFIRMED).fund_referral == [], "no cause has a last resort"
    paid = Handled(insufficient=True, measures=["M18"])
    assert planned(SICK, LITTLE, handled=paid, status=CONFIRMED).fund_referral == []
    assert CLEARED_TRACKING not in open_in


@pytest.mark.parametrize(
    ("state", "open_to"), [("reported", []), ("surveyed", []), ("paid", ["M18"]), ("refused", ["M18"])]
)
def test_the_fund_waits_for_a_claim_that_an_insurer_has_taken_in(state: str, open_to: list[str]) -> None:
    claim = fact("insurers.claim", "2024-03-20", "c", product="anti_poverty", state=state)
    plan = planned(SICK, LITTLE, INSURED, claim, handled=Handled(insufficient=True), status=CONFIRMED)

    assert (plan.fund_referral, plan.insurer_nudge) == (open_to, False)


def test_a_claim_that_a_tick_forgets_is_waited_for_no_more() -> None:
    claim = fact("insurers.claim", "2022-02-01", "c", product="anti_poverty", state="reported")
    home = Home().lives("p_a", row()).take(SICK, LITTLE, claim)
    home.act("confirmed").act("insufficient")
    assert home.alert["fund_referral"] == []

    home.tick(day("2022-02-01") + 801)

    assert home.alert["fund_referral"] == ["M18"]


def test_the_fund_waits_for_what_an_insurer_owes_before_it_is_late() -> None:
    home = Home().lives("p_a", row()).take(SICK, LITTLE, INSURED)
    home.tick("2024-03-05", insurers=day("2024-03-04"))
    home.act("confirmed").act("insufficient")
    assert (home.alert["fund_referral"], home.alert["insurer_nudge"]) == ([], False)

    ended = fact("insurers.coverage", "2024-03-01", "i2", product="anti_poverty", covered=False)
    assert home.copy().take(ended).alert["fund_referral"] == ["M18"]
    home.take(fact("insurers.claim", "2024-03-04", "c", product="anti_poverty", state="refused"))
    assert home.alert["fund_referral"] == ["M18"]
