"""Help on the pages: what is missing and why, what a person is asked to do, what the fund has left, who has no plan."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine

from consumers.store.database import reading, writing
from consumers.store.fund import Paid, paid, reserve
from consumers.store.marks import count_marks
from tests.alerts import KNOWN_AT, TOWNSHIP, alert
from tests.offices import TestOffice

PLAN: dict[str, Any] = {
    "missing_help": ["M01", "M04", "M05", "M18"],
    "suggested": ["M04", "M01", "M05", "M07"],
    "labour": "weak",
    "given_help": [
        {"measure": "M07", "department": "civil_affairs", "event_id": "D-7", "occurred_at": KNOWN_AT - 86_400_000}
    ],
}
HELD: dict[str, Any] = {"status": "CONFIRMED", "policies_insufficient": True, "fund_referral": ["M18"]}
POOL = 1_000_000_000
"""Siping: 10 million yuan."""


@pytest.fixture
def office(store: Engine) -> TestOffice:
    built = TestOffice(store, fund_pool=POOL)
    built.person("东升张三")
    built.person("县里李四", None)
    return built


def test_the_page_says_what_is_missing_in_the_order_in_which_to_try_it_and_by_what(office: TestOffice) -> None:
    office.arrive(alert(**PLAN, proposed_class="marginal"))

    text = office.signed_in("东升张三").text("/alerts/a_one")

    assert "尚缺：公益性岗位、产业帮扶和到户奖补、帮扶车间或以工代赈。" in text
    assert "家庭劳动力：弱劳力或半劳力。排在前面的先落实。" in text
    assert "部门登记已享受：低保、特困等社会救助（民政，" in text
    assert "如纳入监测，建议类型：边缘易致贫户。" in text
    assert "救助基金" not in text


def test_the_page_asks_for_a_reminder_of_the_insurer_and_says_why_the_level_is_higher(office: TestOffice) -> None:
    office.arrive(alert(insurer_nudge=True, without_follow_up=True, level_reason="跟踪期内风险再现，级别提高一级"))

    text = office.signed_in("东升张三").text("/alerts/a_one")

    assert "提醒保险公司理赔：" in text
    assert "易地搬迁户，还没有任何帮扶措施" in text
    assert text.index("跟踪期内风险再现，级别提高一级。") < text.index("经核实，情况属实吗？")


def test_an_alert_of_an_earlier_release_shows_all_that_it_misses(office: TestOffice) -> None:
    office.arrive(alert(missing_help=["M10", "M14"]))

    assert "尚缺：三重医疗保障和大病救治、危房改造。" in office.signed_in("东升张三").text("/alerts/a_one")


def test_s6_the_township_records_that_policies_are_not_enough_and_the_fund_is_named(office: TestOffice) -> None:
    office.arrive(alert(**PLAN, status="CONFIRMED"))
    browser = office.signed_in("东升张三")

    assert browser.answer("a_one", "insufficient").status_code == 409, "it needs a reason"
    assert browser.answer("a_one", "insufficient", reason="not_enough").status_code == 303
    (action,) = office.sent()
    assert (action["action"], action["reason"]) == ("insufficient", "not_enough")
    office.processed(action, 2, **PLAN, **HELD)

    text = browser.text("/alerts/a_one")
    assert "可申请防返贫救助基金：乡镇已记录现有政策不足以化解风险。" in text
    assert "现有政策不足以化解风险 原因是" not in text


def test_the_proposed_class_stands_chosen_and_a_person_sends_it(office: TestOffice) -> None:
    office.arrive(alert(**PLAN, status="CONFIRMED", proposed_class="marginal"))

    page = office.signed_in("县里李四").get("/alerts/a_one").text

    assert 'value="marginal" checked' in page
    assert page.count('name="household_class"') == 3
    assert 'value="unstable" checked' not in page
    assert "监测对象类型，已按情况预选，请核对" in page


def test_the_plan_is_proposed_without_what_is_a_last_resort(office: TestOffice) -> None:
    office.arrive(alert(**PLAN, status="INCLUDED"))

    page = office.signed_in("东升张三").get("/alerts/a_one").text

    chosen = [code for code in ("M01", "M04", "M05", "M07", "M18") if f'value="{code}" checked' in page]
    assert chosen == ["M01", "M04", "M05"]


def pay(office: TestOffice, alert_id: str, amount: str) -> int:
    answer = office.signed_in("县里李四").answer(alert_id, "fund_paid", measure="M18", amount_fen=amount)
    return int(answer.status_code)


def test_s6_decides_the_total_paid_never_exceeds_the_pool(office: TestOffice) -> None:
    """27 claims of 698 700 yuan, then what is left of ten million, and not a fen more."""
    for number in range(29):
        office.arrive(alert(alert_id=f"a_{number}", household_id=f"H{number}", **PLAN, **HELD))
    for number in range(27):
        assert pay(office, f"a_{number}", "25877.77") == 303
    with reading(office.engine) as conn:
        assert paid(conn) == Paid(0, 0, 69_869_979), "on its way: the processor has not answered"

    left = POOL - 69_869_979
    assert pay(office, "a_27", f"{(left + 1) // 100}.{(left + 1) % 100:02}") == 409
    assert pay(office, "a_27", f"{left // 100}.{left % 100:02}") == 303
    assert pay(office, "a_28", "0.01") == 409
    assert len(office.sent()) == 28


def test_s6_what_was_paid_is_counted_once_and_what_was_refused_is_free_again(office: TestOffice) -> None:
    for number in range(2):
        office.arrive(alert(alert_id=f"a_{number}", household_id=f"H{number}", **PLAN, **HELD))
        assert pay(office, f"a_{number}", "6000000") == (303 if number == 0 else 409)
    (action,) = office.sent()
    office.processed(action, 2, "refused", why="not_referred", household_id="H0", **PLAN, **HELD)
    with reading(office.engine) as conn:
        assert paid(conn) == Paid(0, 0, 0)

    assert pay(office, "a_1", "698700") == 303
    done = office.sent()[-1]
    assert done["details"] == {"measure": "M18", "amount_fen": "69870000"}
    for version in (2, 3):
        office.processed(done, version, household_id="H1", status="CONFIRMED", fund_paid_fen=69_870_000)

    with reading(office.engine) as conn:
        assert paid(conn) == Paid(1, 69_870_000, 0)
    county = office.signed_in("县里李四").text("/county")
    assert "救助基金：已支付1笔698,700.00元，规模10,000,000.00元，可用9,301,300.00元。" in county


@pytest.mark.parametrize("amount", ["", "0", "1.234", "-5", "１２", "一百", "1e3"])
def test_an_amount_is_yuan_with_two_decimals_at_most(office: TestOffice, amount: str) -> None:
    office.arrive(alert(**PLAN, **HELD))

    assert (pay(office, "a_one", amount), office.sent()) == (409, [])


def test_only_who_holds_the_pool_reserves_on_both_databases(store: Engine) -> None:
    with writing(store) as conn:
        assert reserve(conn, "x_1", 60, 100) is None
        assert reserve(conn, "x_2", 41, 100) == 40
        assert reserve(conn, "x_2", 40, 100) is None
        assert reserve(conn, "x_3", 1, 100) == 0
        assert reserve(conn, "x_3", 1, 50) == 0, "a pool that was made smaller has nothing left"


def test_each_mark_has_a_list_of_the_county(office: TestOffice) -> None:
    office.arrive(
        alert(alert_id="a_nudge", household_id="H1", insurer_nudge=True),
        alert(alert_id="a_fund", household_id="H2", **PLAN, **HELD),
        alert(alert_id="a_moved", household_id="H3", level="yellow", without_follow_up=True),
        alert(alert_id="a_urgent", household_id="H4", without_follow_up=True),
        alert(alert_id="a_ended", household_id="H5", status="CLOSED", without_follow_up=True),
    )
    county = office.signed_in("县里李四")

    page = county.get("/county/alerts?tab=without_follow_up").text
    assert page.index("/alerts/a_urgent") < page.index("/alerts/a_moved")
    assert "a_ended" not in page
    assert "/alerts/a_nudge" in county.get("/county/alerts?tab=insurer_nudge").text
    assert "/alerts/a_fund" in county.get("/county/alerts?tab=fund_referral").text
    home = county.text("/county")
    for words in ("易地搬迁户还没有帮扶措施 2", "提醒保险公司理赔 1", "可申请防返贫救助基金 1"):
        assert words in home

    office.arrive(alert(2, alert_id="a_nudge", household_id="H1"), alert(2, alert_id="a_moved", household_id="H3"))

    with reading(office.engine) as conn:
        assert count_marks(conn) == {"fund_referral": 1, "without_follow_up": 1}
    assert "a_nudge" not in county.get("/county/alerts?tab=insurer_nudge").text


def test_a_list_goes_on_where_its_page_ended(office: TestOffice) -> None:
    office.arrive(
        *(
            alert(alert_id=f"a_{n:02}", household_id=f"H{n}", raised_at=KNOWN_AT + n, insurer_nudge=True)
            for n in range(35)
        )
    )
    county = office.signed_in("县里李四")

    first = county.get("/county/alerts?tab=insurer_nudge").text
    following = first.partition('class="more"')[2].partition('href="')[2].partition('"')[0].replace("&amp;", "&")
    second = county.get(following).text

    assert [first.count('class="task '), second.count('class="task ')] == [30, 5]
    assert "a_34" in second


def test_who_lives_elsewhere_sees_no_list_of_the_county(office: TestOffice) -> None:
    assert office.signed_in("东升张三").get("/county/alerts?tab=insurer_nudge").status_code in (303, 403, 404)
    office.arrive(alert(insurer_nudge=True, township_code=TOWNSHIP))
    assert "a_one" in office.signed_in("县里李四").get(f"/county/alerts?tab=insurer_nudge&township={TOWNSHIP}").text
    assert "a_one" not in office.signed_in("县里李四").get("/county/alerts?tab=insurer_nudge&township=220302009").text
