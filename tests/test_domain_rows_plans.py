"""Rows of the domain's list of arrangements (domain.md section 8) about plans, with the row's own figures and words."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import Engine

from consumers.inbox.county_page import to_do
from consumers.rates import Mean, enrolled, in_words, planning
from consumers.store.alert_lists import Wanted, count_alerts, list_alerts
from consumers.store.alerts import apply_alerts
from consumers.store.database import writing
from consumers.store.marks import NOT_ENROLLED, count_not_enrolled
from consumers.store.monitored import Monitored, count_monitored
from schemas.codec import Record
from schemas.fact import Fact
from streams.alerts_command import for_people
from streams.correlate import RuleSet, shipped
from tests.alerts import alert, cause
from tests.builders import Home, bill, day, fact, graded, row
from tests.cases import last, status

SICK = bill(26_000, "2024-03-01", "sick", person="p_a")
LITTLE = fact("rural_revitalisation.income", "2024-01-20", "income", year=2023, per_capita_net=9000)
INSURED = fact("insurers.coverage", "2024-01-01", "policy", product="anti_poverty", covered=True)
FLOOD = fact("emergency.household_loss", "2024-03-01", "flood", hazard="flood", house_damaged=True)


def claim(when: str, state: str = "reported") -> Fact:
    return fact("insurers.claim", when, f"claim-{state}", product="anti_poverty", state=state)


def dibao(action: str, when: str, event_id: str) -> Fact:
    return fact("civil_affairs.dibao_change", when, event_id, action=action)


def measures_of_causes(**measures: list[str]) -> RuleSet:
    """The shipped rules, of which only some raise anything, each with the measures named."""
    content = json.loads(shipped().content)
    content["rules"] = [rule for rule in content["rules"] if rule["id"] in measures]
    for rule in content["rules"]:
        rule["measures"] = measures[rule["id"]]
    return RuleSet.from_content(json.dumps(content))


def test_s5_decides_needed_minus_active_is_the_gap() -> None:
    home = Home(rules=measures_of_causes(R04=["M10"], R13=["M14"]), tick_day=day("2024-04-01"))
    home.lives("p_a", row()).take(SICK, graded("D"))
    assert {cause["cause"] for cause in home.alert["causes"]} == {"illness", "house"}
    assert home.alert["missing_help"] == ["M10", "M14"]

    for step in ("confirmed", "included", "planned"):
        home.act(step)
    home.act("delivered", details={"measure": "M10"})

    assert (home.alert["measures"], home.alert["missing_help"]) == (["M10"], ["M14"])
    assert set(home.alert["suggested"]) == {"M10", "M14"}, "what was suggested is still said"


def test_s6_decides_one_fund_referral_only_after_policies_are_recorded_as_insufficient() -> None:
    home = Home(tick_day=day("2024-04-01")).lives("p_a", row()).take(SICK, LITTLE).act("confirmed")
    assert (home.alert["policies_insufficient"], home.alert["fund_referral"]) == (False, [])
    assert "防返贫救助基金" not in home.alert["text"]

    home.act("insufficient")
    assert (home.alert["policies_insufficient"], home.alert["fund_referral"]) == (True, ["M18"])
    assert home.alert["text"].endswith("现有政策不足以化解风险，可申请：防返贫救助基金。")

    home.act("insufficient")
    assert last(home) == ("refused", "out_of_turn")
    assert [alert["fund_referral"] for alert in home.alerts].count(["M18"]) == 2, "one referral, repeated by no version"


def test_s6_who_records_it_is_the_township_and_only_of_what_it_confirmed() -> None:
    home = Home(tick_day=day("2024-04-01")).lives("p_a", row()).take(SICK, LITTLE)
    assert last(home.copy().act("insufficient")) == ("refused", "out_of_turn")
    home.act("confirmed")
    assert last(home.copy().act("insufficient", reason=None)) == ("refused", "bad_reason")
    assert last(home.act("insufficient", role="county", township_code="")) == ("refused", "wrong_role")
    assert home.alert["policies_insufficient"] is False


def test_s6_what_the_fund_paid_is_recorded_once_and_ends_the_referral() -> None:
    home = Home(tick_day=day("2024-04-01")).lives("p_a", row()).take(SICK, LITTLE).act("confirmed")
    paid = {"details": {"measure": "M18", "amount_fen": "258800"}}
    assert last(home.act("fund_paid", **paid)) == ("refused", "not_referred")

    home.act("insufficient").act("fund_paid", **paid)
    assert last(home) == ("accepted", None)
    assert (home.alert["fund_paid_fen"], home.alert["measures"], home.alert["fund_referral"]) == (258_800, ["M18"], [])

    assert last(home.act("fund_paid", **paid)) == ("refused", "not_referred")
    assert home.alert["fund_paid_fen"] == 258_800


@pytest.mark.parametrize("amount", ["0", "-5", "1.5", "abc", "", "１２", "99999999999999"])
def test_s6_an_amount_is_a_whole_number_of_fen(amount: str) -> None:
    home = Home(tick_day=day("2024-04-01")).lives("p_a", row()).take(SICK, LITTLE).act("confirmed").act("insufficient")

    home.act("fund_paid", details={"measure": "M18", "amount_fen": amount})

    assert (last(home), home.alert["fund_paid_fen"]) == (("refused", "bad_details"), 0)


def nudges(home: Home) -> list[bool]:
    return [alert["insurer_nudge"] for alert in home.alerts]


def test_y7_decides_a_disaster_alert_for_an_insured_household_is_one_nudge_and_a_claim_closes_it() -> None:
    home = Home().lives("p_a", row()).take(INSURED, FLOOD)
    assert nudges(home) == [False]

    home.tick("2024-04-01", insurers=day("2024-03-31")).tick("2024-04-02", insurers=day("2024-04-01"))
    assert nudges(home) == [False, True], "one version says it, and the next tick none"
    home.take(claim("2024-04-02"))

    assert nudges(home) == [False, True, False]
    assert (status(home), home.level) == ("ALERTED", "red"), "the disaster stands"


def test_y7_decides_an_uninsured_household_is_none() -> None:
    for before in ((), (fact("insurers.coverage", "2024-01-01", product="anti_poverty", covered=False),)):
        home = Home().lives("p_a", row()).take(*before, FLOOD).tick("2024-06-01", insurers=day("2024-05-31"))
        assert nudges(home) == [False]


def test_n8_decides_the_insurer_is_nudged_before_the_fund() -> None:
    home = Home().lives("p_a", row()).take(SICK, LITTLE, INSURED).tick("2024-04-15", insurers=day("2024-04-14"))
    home.act("confirmed").act("insufficient")
    assert (home.alert["insurer_nudge"], home.alert["fund_referral"]) == (True, [])

    assert last(home.copy().act("fund_paid", details={"measure": "M18", "amount_fen": "1"})) == (
        "refused",
        "not_referred",
    )
    home.take(claim("2024-04-20"))
    assert (home.alert["insurer_nudge"], home.alert["fund_referral"]) == (False, []), "the insurer looks into it"
    home.take(claim("2024-05-20", "paid"))
    assert (home.alert["insurer_nudge"], home.alert["fund_referral"]) == (False, ["M18"])


def test_n7_decides_a_dibao_grant_updates_the_evidence_of_the_case_and_marks_m07_as_given() -> None:
    home = Home().lives("p_a", row(labour="none"))
    disabled = fact("disability.cert", "2024-01-01", "cert", grade=1, change="new", person="p_a")
    home.take(disabled).tick("2024-04-01", civil_affairs=day("2024-03-31"), disability=day("2024-03-31"))
    home.act("confirmed")
    assert "M07" in home.alert["missing_help"]
    assert "C3" in home.causes, "disabled, and no dibao for 60 days"

    home.take(dibao("granted", "2024-04-02", "DB-7"))

    given = {"measure": "M07", "department": "civil_affairs", "event_id": "DB-7", "occurred_at": 1_711_987_200_000}
    assert home.alert["given_help"] == [given]
    assert for_people(home.alert)["given_help"] == [given | {"occurred_at": "2024-04-02T00:00:00+08:00"}]
    assert "M07" not in home.alert["missing_help"]
    assert "C3" not in home.causes
    stopped = home.take(dibao("stopped", "2024-05-02", "DB-8")).alert
    assert ("M07" in stopped["missing_help"], stopped["given_help"]) == (True, [])


def test_n10_decides_a_relocated_household_with_no_measure_is_marked() -> None:
    home = Home().lives("p_a", row(tags=("relocated",))).take(graded("D"))
    assert home.alert["without_follow_up"] is True
    assert Home().lives("p_a", row(tags=("lifted",))).take(graded("D")).alert["without_follow_up"] is False

    aided = home.copy().take(fact("education.aid", "2024-03-01", granted=True))
    assert aided.alert["without_follow_up"] is False

    for step in ("confirmed", "included", "planned"):
        assert home.act(step).alert["without_follow_up"] is True, "a plan is no help yet"
    assert home.act("delivered", details={"measure": "M20"}).alert["without_follow_up"] is False


def test_n4_decides_a_household_included_without_a_plan_after_the_limit_is_a_reminder() -> None:
    included_on = day("2023-06-01")
    home = Home(tick_day=included_on).lives("p_a", row()).take(graded("D")).act("confirmed").act("included")
    assert (status(home), home.due) == ("INCLUDED", included_on + 16)

    assert home.tick(included_on + 15).alert["proposals"] == []
    assert home.tick(included_on + 16).alert["proposals"] == ["plan"]
    assert home.act("planned").alert["proposals"] == []


@pytest.mark.parametrize(
    ("labour", "first"),
    [
        ("able", ["M01", "M02", "M03", "M05", "M06"]),
        ("none", ["M07", "M08"]),
        ("weak", ["M04", "M01", "M05"]),
    ],
)
def test_x7_decides_the_suggestion_by_labour_capacity(labour: str, first: list[str]) -> None:
    income = fact("rural_revitalisation.income", "2024-01-20", year=2023, per_capita_net=6000)
    said = Home().lives("p_a", row(labour=labour)).take(income).alert

    assert (said["labour"], said["suggested"]) == (labour, [*first, "M22"])
    assert said["missing_help"] == sorted(said["suggested"])


def test_x7_the_suggestion_follows_the_register() -> None:
    income = fact("rural_revitalisation.income", "2024-01-20", year=2023, per_capita_net=6000)
    home = Home().take(income)
    assert (home.alert["labour"], home.alert["suggested"]) == (None, ["M22"])

    home.lives("p_a", row(labour="none"))
    assert home.alert["suggested"] == ["M07", "M08", "M22"]
    home.lives("p_b", row(labour="weak"))
    assert home.alert["suggested"] == ["M04", "M01", "M05", "M22"]


def monitored_households(households: int, measures: int) -> list[Record]:
    """So many households that were included, each with a plan, together of so many measures."""
    each, more = divmod(measures, households)
    return [included(n, [f"M{m:02}" for m in range(1, each + 1 + (n < more))]) for n in range(households)]


def included(number: int, planned: list[str], **more: object) -> Record:
    status_ = "PLANNED" if planned else "INCLUDED"
    of = {"alert_id": f"a_{number}", "household_id": f"H{number}", "household_class": "sudden", "persons": 3}
    return alert(**(of | {"status": status_, "planned": planned} | more))  # type: ignore[arg-type]  # keywords of alert


def test_n4_decides_624_measures_of_137_households_are_4_55_each(store: Engine) -> None:
    with writing(store) as conn:
        apply_alerts(conn, monitored_households(137, 624), 5)
        known = count_monitored(conn)

    assert [str(each) for each in planning(known)] == ["4.55项（624项/137户）", "0"]
    assert "一户一策：户均帮扶措施4.55项（624项/137户）。" in in_words([], known)[-1]


def test_l3_decides_a_household_without_a_plan_is_listed_and_the_mean_is_printed(store: Engine) -> None:
    with writing(store) as conn:
        apply_alerts(conn, [*monitored_households(10, 41), included(99, [])], 5)
        listed, _ = list_alerts(conn, Wanted(None, "INCLUDED"), 50)
        known = count_monitored(conn)
        links = {(each.title, each.number): each.link for each in to_do(count_alerts(conn, None), {})}
        apply_alerts(conn, [included(99, ["M10"], version=2)], 6)
        later, _ = list_alerts(conn, Wanted(None, "INCLUDED"), 50)

    assert [each.alert_id for each in listed] == ["a_99"]
    assert links["已纳入监测，还没有帮扶计划", "1"] == "/county/alerts?tab=no_plan"
    assert planning(known) == (Mean(41, 11), 1)
    assert "户均帮扶措施3.73项（41项/11户），1户还没有计划。" in in_words([], known)[-1]
    assert later == []
    assert str(Mean(41, 10)) == "4.10项（41项/10户）"


def test_x11_decides_who_is_monitored_and_not_enrolled_is_listed_and_the_rate_has_its_denominator(
    store: Engine,
) -> None:
    lapsed, watched = cause("R-A", "yellow", "exposure"), cause("R-B", "watch", "exposure")
    told = [included(n, ["M10"], causes=[watched]) for n in range(198)]
    told += [included(n, ["M10"], causes=[lapsed]) for n in (200, 201)]
    stranger = alert(alert_id="a_other", household_id="H-other", causes=[lapsed])
    with writing(store) as conn:
        apply_alerts(conn, [*told, stranger], 5)
        listed, _ = list_alerts(conn, Wanted(None, mark=NOT_ENROLLED, monitored=True), 50)
        number, known = count_not_enrolled(conn), count_monitored(conn)
        apply_alerts(conn, [included(200, ["M10"], version=2)], 6)
        later = count_not_enrolled(conn)

    assert [each.alert_id for each in listed] == ["a_200", "a_201"]
    assert str(enrolled(known, number)) == "99.00%（198/200户）", "Lanzhou's 99 %"
    assert "医保参保率99.00%（198/200户）。" in in_words([], known, number)[-1]
    assert later == 1
    assert str(enrolled([Monitored("sudden", "PLANNED", 200, 600)], 0)) == "100.00%（200/200户）"


def test_x11_a_monitored_person_who_is_not_enrolled_is_a_cause_of_the_alert_that_the_county_lists(
    store: Engine,
) -> None:
    home = Home(tick_day=day("2023-06-01")).lives("p_a", row(tags=("monitored",))).take(graded("D"))
    home.act("confirmed").act("included")
    home.take(fact("health_insurance.enrolment", "2023-06-20", "i1", year=2023, status="lapsed", person="p_a"))
    with writing(store) as conn:
        apply_alerts(conn, home.alerts, 5)
        assert count_not_enrolled(conn) == 1

    home.take(fact("health_insurance.enrolment", "2023-07-20", "i2", year=2023, status="enrolled", person="p_a"))
    with writing(store) as conn:
        apply_alerts(conn, home.alerts, 6)
        assert count_not_enrolled(conn) == 0


def test_n10_decides_a_relocated_household_with_no_measure_is_listed_until_it_has_one(store: Engine) -> None:
    home = Home().lives("p_a", row(tags=("relocated",))).take(graded("D"))
    relocated = Wanted(None, mark="without_follow_up")
    with writing(store) as conn:
        apply_alerts(conn, home.alerts, 5)
        before, _ = list_alerts(conn, relocated, 50)
        apply_alerts(conn, home.take(fact("education.aid", "2024-03-01", granted=True)).alerts, 6)
        after, _ = list_alerts(conn, relocated, 50)

    assert ([each.alert_id for each in before], after) == ([home.alert["alert_id"]], [])
