"""Records folded into one household, one by one: what stands, and what is kept."""

from __future__ import annotations

from dataclasses import replace

import pytest

from schemas.beijing import DAY_MS
from schemas.kinds import all_kinds, kinds_by_code
from streams.correlate import RuleSet, shipped
from streams.household import due_day
from tests.builders import Home, at, bill, day, fact, graded, row


def test_a_household_that_never_had_a_cause_has_no_case() -> None:
    home = Home().lives("p_a", row()).take(bill(25_999.99, "2023-03-01", person="p_a"), graded("B")).tick("2024-01-01")

    assert home.household.case is None
    assert home.alerts == []


def test_the_level_is_the_highest_cause() -> None:
    home = Home().take(bill(26_000, "2023-03-01"), graded("D"))

    assert home.level == "red"
    assert {rule: level for rule, (level, _) in home.causes.items()} == {"R04": "orange", "R13": "red", "C1": "orange"}
    assert list(home.causes) == sorted(home.causes)
    assert home.alert["first_occurred_at"] == at("2023-03-01")


def test_one_red_cause_is_enough_though_another_that_could_be_is_only_orange() -> None:
    home = Home().lives("p_a", row(tags=["monitored"]))

    assert home.copy().take(graded("D")).causes["C7"] == ("red", ["e1"])
    assert home.take(graded("C"), bill(20_000, "2023-03-01", "b")).causes["C7"] == ("red", ["b"])


def test_what_was_found_is_kept_alike_in_whatever_order_its_facts_came() -> None:
    facts = [graded("C", event_id=person, person=f"p_{person}") for person in "ab"]
    homes = [Home().lives("p_a", row()).lives("p_b", row()).take(*order) for order in (facts, facts[::-1])]

    assert homes[0].household.findings == homes[1].household.findings
    assert homes[0].household.findings["R13"].evidence == ["3:a", "3:b"]


def test_a_correction_that_removes_every_cause_withdraws_and_keeps_the_level() -> None:
    home = Home().take(graded("D")).take(graded("B", revision=1))

    alert = home.alert
    assert (alert["status"], alert["level"], alert["causes"], alert["version"]) == ("WITHDRAWN", "red", [], 2)
    assert (alert["missing_help"], alert["first_occurred_at"]) == ([], None)
    assert home.level == "none"


def test_a_retraction_may_come_before_its_fact() -> None:
    home = Home().take(graded("D", retracted=True), graded("D"))

    assert home.household.case is None


def test_a_retraction_brings_back_the_standing_value_before() -> None:
    home = Home().take(graded("D", "2023-01-01", "e1"), graded("A", "2023-06-01", "e2"))
    assert home.level == "none"

    home.take(graded("A", "2023-06-01", "e2", retracted=True))

    assert home.causes == {"R13": ("red", ["e1"])}


def test_a_revision_may_move_a_fact_to_another_kind_of_its_department() -> None:
    home = Home().take(fact("education.enrolment", "2023-05-01", status="dropout", stage="primary", revision=0))
    assert home.level == "red"

    home.take(fact("education.fee", "2023-05-01", revision=1, overdue=5))

    assert home.level == "none"
    home.take(graded("D"))
    assert home.causes["C1"] == ("orange", ["e1", "e1"])


def test_a_late_fact_completes_a_window_of_the_past() -> None:
    home = Home().lives("p_a", row(tags=["monitored"]))
    home.take(bill(6000, "2022-01-01", "a"), bill(100, "2024-06-01", "b"), bill(4000, "2022-12-31", "c"))

    assert home.causes == {"R04": ("orange", ["a", "c"])}
    found = home.household.findings["R04"]
    assert (found.first, found.last) == (at("2022-01-01"), at("2022-12-31"))


def test_a_household_becomes_low_income_by_tag_or_by_an_allowance() -> None:
    home = Home().take(bill(10_000, "2023-03-01"))
    assert home.level == "none"

    home.take(fact("civil_affairs.dibao_change", "2020-01-01", "d1", action="granted"))
    assert home.level == "orange"
    home.take(fact("civil_affairs.dibao_change", "2023-01-01", "d2", action="stopped"))
    assert home.level == "none"
    home.lives("p_a", row(tags=["lifted"]))
    assert home.level == "orange"
    home.lives("p_a", row())
    assert home.level == "none"


def test_an_allowance_of_any_member_counts() -> None:
    home = Home().lives("p_a", row()).lives("p_b", row()).take(bill(10_000, "2023-03-01"))
    home.take(fact("civil_affairs.dibao_change", "2023-01-01", "d1", person="p_a", action="stopped"))
    assert home.level == "none"

    home.take(fact("civil_affairs.dibao_change", "2022-01-01", "d2", person="p_b", action="granted"))

    assert home.level == "orange"


def test_a_person_who_moves_takes_later_facts_along_and_leaves_earlier_ones() -> None:
    bills = [bill(26_000, "2023-03-01", "a", person="p_a"), bill(30_000, "2023-09-01", "b", person="p_a")]
    old = Home("H1").take(*bills).lives("p_a", row())
    new = Home("H2").take(*bills).lives("p_a", row())
    assert old.causes == {"R04": ("red", ["a", "b"])}
    assert new.household.case is None

    for home in (old, new):
        home.lives("p_a", row(), row("2023-06-01", "H2"))

    assert old.causes == {"R04": ("orange", ["a"])}
    assert new.causes == {"R04": ("orange", ["b"])}


def test_a_move_that_came_before_an_older_one_stands() -> None:
    home = Home().take(graded("D", person="p_a"))
    home.lives("p_a", row(), offset=9).lives("p_a", row(household_id="H2"), offset=8)

    assert home.level == "red"


def test_help_that_is_given_leaves_the_list() -> None:
    home = Home().take(
        graded("D"), bill(26_000, "2023-03-01"), fact("education.fee", "2023-04-01", overdue=1, person=None)
    )
    assert home.alert["missing_help"] == ["M10", "M11", "M12", "M14", "M17", "M18"]
    assert "防返贫救助基金" not in home.alert["text"], "a last resort is named only once it may be asked"

    home.take(fact("education.aid", "2022-01-01", "e9", granted=True))
    assert home.alert["missing_help"] == ["M10", "M11", "M14", "M17", "M18"]
    home.take(fact("housing.renovation", "2023-06-01", "e9", state="started"))
    assert home.alert["missing_help"] == ["M10", "M11", "M17", "M18"]
    home.take(fact("housing.renovation", "2023-06-02", "e10", state="planned"))
    assert home.alert["missing_help"] == ["M10", "M11", "M14", "M17", "M18"]
    assert "危房改造" in home.alert["text"]


def test_a_tick_forgets_what_no_cause_rests_on_and_makes_no_version() -> None:
    home = Home().take(bill(26_000, "2023-03-01", "big"), bill(1, "2021-01-01", "old"), graded("A", "2001-01-01"))
    assert due_day(home.household) == day("2021-01-01") + 801

    home.tick(day("2021-01-01") + 801).tick(day("2023-03-01") + 5000)

    assert sorted(home.household.facts) == ["1:big", "3:e1"]
    assert home.case.version == 1
    assert due_day(home.household) == 0


def test_of_all_that_may_be_forgotten_the_oldest_is_due_first() -> None:
    home = Home().take(bill(1, "2021-01-01", "old"), bill(2, "2021-03-01", "later"), bill(3, "2022-01-01", "last"))

    home.tick(day("2021-01-01") + 801)

    assert home.due == day("2021-03-01") + 801


def test_what_is_forgotten_weighs_no_more() -> None:
    home = Home().take(bill(25_000, "2020-03-01"))
    assert any(home.household.weights)

    home.tick("2024-01-01")

    assert not any(home.household.weights)


def test_evidence_is_forgotten_once_its_cause_is_gone() -> None:
    home = Home().lives("p_a", row(tags=["lifted"])).take(bill(10_000, "2020-03-01", "a")).tick("2024-01-01")
    assert sorted(home.household.facts) == ["1:a"]

    home.lives("p_a", row())
    assert home.level == "none"
    assert 0 < due_day(home.household) <= day("2024-01-01")
    home.tick("2024-01-02")

    assert home.household.facts == {}


def test_a_forgotten_fact_that_comes_again_changes_nothing() -> None:
    home = Home().take(bill(25_000, "2020-03-01")).tick("2024-01-01")

    home.take(bill(25_000, "2020-03-01"), bill(26_000, "2020-03-01", "e2"))

    assert home.household.facts == {}
    assert home.household.case is None


def test_evidence_older_than_the_horizon_can_still_be_revised() -> None:
    home = Home().take(bill(26_000, "2020-03-01")).tick("2024-01-01")

    home.take(bill(25_999, "2020-03-01", revision=1))

    assert home.alert["status"] == "WITHDRAWN"


def test_before_the_first_rule_set_facts_are_kept_and_judged_later() -> None:
    home = Home(rules=None).lives("p_a", row()).take(graded("D", person="p_a")).tick("2023-06-01")
    assert home.household.case is None

    home.rules = shipped()
    home.take(bill(1, "2023-01-01"))

    assert home.causes == {"R13": ("red", ["e1"])}
    assert home.alert["source_topic"] == "events.health_insurance"


def test_every_kind_of_every_department_can_be_folded() -> None:
    home = Home()
    for kind in all_kinds().values():
        home.take(fact(kind.code, "2023-01-01", kind.name))

    assert len(home.household.facts) == len(all_kinds())


@pytest.mark.parametrize("gap", [0, 1])
def test_a_compound_cause_needs_its_counted_parts_within_180_days(gap: int) -> None:
    start = at("2023-01-01")
    late = fact("education.fee", start + 180 * DAY_MS - gap, "f", overdue=0.01)

    home = Home().take(bill(5000, start, "b"), late)

    assert home.causes == ({"C1": ("orange", ["b", "f"])} if gap else {})


def test_a_watch_level_is_a_lead() -> None:
    content = shipped().content.replace('"level":"orange","says"', '"level":"watch","says"')
    home = Home(rules=RuleSet.from_content(content)).take(graded("C"))

    assert (home.alert["status"], home.alert["level"]) == ("LEAD", "watch")
    assert home.alert["text"].startswith("关注：")
    home.take(bill(26_000, "2023-01-01"))
    assert (home.alert["status"], home.alert["level"]) == ("ALERTED", "orange")


def test_help_that_no_rule_asks_about_makes_a_version_too() -> None:
    home = Home().take(bill(26_000, "2023-03-01"))

    home.take(fact("health.chronic_cert", "2023-04-01", "c"))

    assert "M11" not in home.alert["missing_help"]
    home.take(fact("health.chronic_cert", "2023-04-01", "c", retracted=True))
    assert "M11" in home.alert["missing_help"]


def test_a_confirmed_household_without_any_cause_left_takes_its_alert_along_when_it_moves() -> None:
    home = Home().lives("p_a", row()).take(bill(27_000, "2023-05-01", "b")).act("confirmed")
    home.take(bill(1, "2023-05-01", "b", revision=1))

    home.lives("p_a", row(), row("2023-07-01", township="220302002"))

    assert (home.alert["township_code"], home.alert["causes"]) == ("220302002", [])


def test_what_reads_a_rule_is_judged_after_it_though_it_is_named_before_it() -> None:
    """A dibao lowers the line of the bill, and so makes help from the insurer overdue: by one record."""
    dibao = kinds_by_code()["civil_affairs.dibao_change"].number
    readers = shipped().readers[dibao]
    named = tuple(sorted(readers.once_raised, key=lambda candidate: -candidate.number))
    home = Home(rules=replace(shipped(), readers={**shipped().readers, dibao: replace(readers, once_raised=named)}))
    insured = fact("insurers.coverage", "2023-01-01", product="anti_poverty", covered=True)
    home.lives("p_a", row()).take(graded("C"), insured, bill(12_000, "2024-03-01"))
    home.tick("2024-06-01", insurers=day("2024-05-31"))
    assert list(home.causes) == ["C1", "R13"]

    home.take(fact("civil_affairs.dibao_change", "2024-02-01", "d", person="p_a", action="granted"))

    assert list(home.causes) == ["C1", "R04", "R13", "R23"]


def test_before_the_first_rule_set_a_tick_forgets_too() -> None:
    home = Home(rules=None).take(bill(26_000, "2020-03-01")).tick("2024-01-01")

    assert home.household.facts == {}
