"""Help that is due and did not come."""

from __future__ import annotations

import pytest

from schemas.fact import Fact
from schemas.kinds import kinds_by_code
from streams.conditions import Standing
from streams.correlate import shipped
from streams.household import due_day
from streams.lacking import Lacking
from streams.view import View
from streams.where import Stands
from tests.builders import Home, at, bill, day, fact, row

FROM = "2023-03-01T10:00:00"
LAST = day("2023-04-30")
"""Sixty days later."""


def cert(grade: int = 1, when: str | int = FROM, event_id: str = "c1", **more: object) -> Fact:
    return fact("disability.cert", when, event_id, grade=grade, change="new", **more)  # type: ignore[arg-type]  # keywords of fact


def dibao(action: str, when: str = "2023-04-01", event_id: str = "d1") -> Fact:
    return fact("civil_affairs.dibao_change", when, event_id, action=action)


def ticked(home: Home, on: int, **fed: int) -> Home:
    """As the shell does: a household that is not due is not visited."""
    home.tick_day, home.positions = on, fed
    return home.tick(on, **fed) if 0 < due_day(home.household) <= on else home


def stands(home: Home, rule: str) -> bool:
    return home.household.findings.get(rule) is not None


@pytest.mark.parametrize(
    ("on", "fed", "lacks"),
    [
        (LAST, LAST, False),
        (LAST + 1, LAST, True),
        (LAST + 1, LAST - 1, False),
        (LAST + 99, LAST - 1, False),
        (LAST + 99, LAST + 99, True),
    ],
)
def test_help_is_lacking_once_tick_and_feed_have_passed_the_days(on: int, fed: int, *, lacks: bool) -> None:
    home = ticked(Home().take(cert()), on, civil_affairs=fed)

    assert stands(home, "C3") is lacks


def test_only_the_feed_of_those_who_give_the_help_counts() -> None:
    home = ticked(Home().take(cert()), LAST + 9, disability=LAST + 9)

    assert not stands(home, "C3")
    assert stands(home, "P01")


def test_where_two_departments_may_help_the_feeds_of_both_count() -> None:
    home, base = Home().take(cert()), shipped().rules["R09"].condition
    assert isinstance(base, Standing)
    codes = ("civil_affairs.dibao_change", "disability.subsidy")
    either = Lacking((base,), 60, tuple(Stands(kinds_by_code()[code].number, ()) for code in codes))

    def lacks(**fed: int) -> bool:
        return either.judge(View("H1", home.household, LAST + 9, fed)) is not None

    assert lacks(civil_affairs=LAST, disability=LAST)
    assert not lacks(civil_affairs=LAST, disability=LAST - 1)
    assert not lacks(civil_affairs=LAST)


def test_a_household_is_due_when_the_days_are_over_and_until_the_feed_comes() -> None:
    home = Home().take(cert())
    assert due_day(home.household) == LAST + 1

    ticked(home, LAST + 1, civil_affairs=LAST - 1, disability=LAST)
    assert 0 < due_day(home.household) <= LAST + 2
    ticked(home, LAST + 2, civil_affairs=LAST, disability=LAST)

    assert stands(home, "C3")
    assert due_day(home.household) == 0


def test_help_that_comes_ends_it_and_help_that_stops_brings_it_back() -> None:
    home = ticked(Home().take(cert()), LAST + 9, civil_affairs=LAST + 9)

    assert not stands(home.take(dibao("granted")), "C3")
    assert stands(home.take(dibao("stopped", "2023-05-20", "d2")), "C3")
    assert not stands(home.take(dibao("granted", "2023-05-21", "d3")), "C3")


def test_trouble_that_comes_after_a_tick_waits_for_the_next_so_that_its_help_may_come_with_it() -> None:
    home = ticked(Home(), LAST + 40, civil_affairs=LAST + 40)

    home.take(cert(), dibao("granted"))
    assert home.level == "orange"
    assert {alert["level"] for alert in home.alerts} == {"orange"}, "nor was it for a moment"
    other = ticked(Home(), LAST + 40, civil_affairs=LAST + 40).take(cert())
    assert not stands(other, "C3")
    assert due_day(other.household) == LAST + 41
    assert stands(ticked(other, LAST + 41, civil_affairs=LAST + 40), "C3")


def test_of_two_troubles_each_has_its_own_days() -> None:
    home = Home().lives("p_a", row()).lives("p_b", row())
    home.take(cert(person="p_a"), cert(2, "2023-04-20", "c2", person="p_b"))

    ticked(home, LAST + 1, civil_affairs=LAST)
    assert home.household.findings["C3"].evidence == [cert().id]
    ticked(home, LAST + 60, civil_affairs=LAST + 60)
    assert len(home.household.findings["C3"].evidence) == 2


def insured(
    when: str = "2023-01-01", covered: bool = True, product: str = "anti_poverty", event_id: str = "k1"
) -> Fact:
    return fact("insurers.coverage", when, event_id, product=product, covered=covered)


def claim(when: str | int, event_id: str = "m1", product: str = "anti_poverty") -> Fact:
    return fact("insurers.claim", when, event_id, product=product)


def bills(home: Home) -> Home:
    """They reach the line with the second, on 1 March."""
    return home.take(bill(20_000, "2023-02-01", "a"), bill(6000, FROM, "b"), bill(900, "2023-03-25", "c"))


def test_the_days_begin_when_the_bills_first_reached_their_line() -> None:
    home = bills(Home().take(insured()))

    assert not stands(ticked(home.copy(), day("2023-03-31"), insurers=LAST), "R23")
    assert stands(ticked(home, day("2023-04-01"), insurers=day("2023-03-31")), "R23")
    assert len(home.household.findings["R23"].evidence) == 3


@pytest.mark.parametrize(
    ("when", "given"), [("2023-01-31T23:59:59", False), ("2023-02-01T00:00:00", True), ("2023-05-01", True)]
)
def test_a_claim_counts_from_the_day_of_the_first_fact_of_the_trouble(when: str, *, given: bool) -> None:
    home = ticked(bills(Home().take(insured(), claim(when))), LAST, insurers=LAST)

    assert stands(home, "R23") is not given


def test_bills_that_reach_the_line_again_by_themselves_are_claimed_for_by_themselves() -> None:
    home = bills(Home().take(insured(), claim("2023-03-10", "m1"))).take(bill(30_000, "2023-08-01", "d"))

    assert not stands(ticked(home, day("2023-08-31"), insurers=day("2023-08-31")), "R23")
    assert stands(ticked(home, day("2023-09-01"), insurers=day("2023-08-31")), "R23")
    assert set(home.causes["R23"][1]) == {"k1", "c", "d"}
    assert home.household.findings["R23"].since == at("2023-08-01")
    assert not stands(home.take(claim("2023-09-02", "m2")), "R23")


def test_a_few_more_bills_after_those_that_were_claimed_for_are_no_gap() -> None:
    home = bills(Home().take(insured(), claim("2023-03-10", "m1"))).take(bill(900, "2023-08-01", "d"))

    assert not stands(ticked(home, day("2023-10-01"), insurers=day("2023-10-01")), "R23")


def test_who_is_not_insured_or_claims_otherwise_is_no_gap_or_still_one() -> None:
    for without in ([], [insured(covered=False)], [insured(product="accident")]):
        assert not stands(ticked(bills(Home().take(*without)), LAST, insurers=LAST), "R23")
    other = ticked(bills(Home().take(insured(), claim("2023-03-02", product="farm"))), LAST, insurers=LAST)
    assert stands(other, "R23")


@pytest.mark.parametrize("last", ["title", "trouble"])
def test_title_and_trouble_that_come_after_a_tick_wait_in_either_order(last: str) -> None:
    home = ticked(Home(), LAST, insurers=LAST)
    if last == "title":
        bills(home).take(insured())
    else:
        bills(home.take(insured()))

    assert not stands(home, "R23")
    assert due_day(home.household) == LAST + 1
    assert stands(ticked(home, LAST + 1, insurers=LAST), "R23")


def test_bills_are_not_remembered_as_new_where_nobody_is_insured() -> None:
    home = bills(ticked(Home(), LAST, insurers=LAST))

    assert not home.household.arrived
    assert due_day(home.household) == due_day(bills(Home()).household)


def test_what_is_lacking_is_read_from_all_that_it_asks_about() -> None:
    condition = shipped().rules["R23"].condition

    assert {kind >> 6 for kind in condition.reads} == {1, 2, 9, 13}
    assert condition.watches


def test_an_untreated_disease_rises_with_the_tick_that_finds_it_late() -> None:
    ill = fact(
        "health.major_disease", FROM, "q1", disease_group="renal", treated=False, registered_on=day("2023-03-01")
    )
    home = Home().lives("p_a", row(tags=["lifted"])).take(ill)
    assert home.household.findings["R07"].level == "yellow"
    assert due_day(home.household) == day("2023-04-01")

    ticked(home, day("2023-04-01"), health=day("2023-03-31"))

    assert home.household.findings["R07"].level == "orange"
    assert due_day(home.household) == 0


def test_a_job_that_was_lost_is_late_from_the_day_on_which_it_was_lost() -> None:
    home = Home().take(fact("human_resources.employment", FROM, "j1", change="lost"))
    assert due_day(home.household) == LAST + 1

    assert stands(ticked(home, LAST + 1, human_resources=LAST), "R17")
    again = fact("human_resources.employment", "2023-05-02", "j2", change="hired")
    assert not stands(home.take(again), "R17")
