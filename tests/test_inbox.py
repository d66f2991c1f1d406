"""The township's page: tasks, an alert, and the answers from the tap to the processor's word."""

from __future__ import annotations

import re
from html import unescape

import pytest
from sqlalchemy import Engine

from consumers.inbox.deadline import moment
from consumers.store.book import reads_of
from consumers.store.database import reading
from tests.alerts import KNOWN_AT, NEXT_TOWNSHIP, TOWNSHIP, alert, cause
from tests.offices import TestOffice, visible

HOUSEHOLD = "H-SECRET-1"
DAY = 86_400_000
VISIT = {"on": "2026-09-21", "met": "head", "found": "as_alerted"}


@pytest.fixture
def office(store: Engine) -> TestOffice:
    built = TestOffice(store)
    built.person("东升张三")
    return built


def test_an_alert_that_turns_red_later_is_due_a_day_after_that(office: TestOffice) -> None:
    office.arrive(
        alert(1, "yellow", raised_at=KNOWN_AT - 20 * DAY, known_at=KNOWN_AT - 20 * DAY),
        alert(2, "red", raised_at=KNOWN_AT - 20 * DAY, known_at=KNOWN_AT),
    )
    browser = office.signed_in("东升张三")

    assert [f"请在{moment(KNOWN_AT + DAY)}前签收" in browser.get(url).text for url in ("/tasks", "/alerts/a_one")] == [
        True,
        True,
    ]


def test_the_most_urgent_task_stands_first_with_its_deadline(office: TestOffice) -> None:
    office.arrive(
        alert(alert_id="a_yellow", level="yellow", raised_at=KNOWN_AT - DAY),
        alert(alert_id="a_orange", level="orange", raised_at=KNOWN_AT - DAY),
        alert(alert_id="a_late", raised_at=KNOWN_AT - 2 * DAY, known_at=KNOWN_AT - 2 * DAY),
        alert(alert_id="a_red"),
        alert(alert_id="a_done", status="CLOSED"),
    )

    page = office.signed_in("东升张三").get("/tasks").text
    places = [page.index(f"/alerts/{name}") for name in ("a_late", "a_red", "a_orange", "a_yellow")]

    assert places == sorted(places)
    assert "a_done" not in page
    assert "签收已超时：限" in page
    assert "请在9月23日前核实" in page
    assert "请在9月28日前核实" in page


def test_the_alert_says_who_why_since_when_and_what_is_missing(office: TestOffice) -> None:
    office.book(HOUSEHOLD, "赵大山", "红旗村三组12号", "13900000001")
    said = {"title": "医疗自付费用高", "text": "医保：2026年3月至8月，12笔。", "departments": ["health_insurance"]}
    office.arrive(alert(causes=[cause("R-A") | said], missing_help=["M10"], as_of={"health_insurance": 20_000}))

    text = office.signed_in("东升张三").text("/alerts/a_one")

    for words in (
        "赵大山",
        "红旗村三组12号",
        "13900000001",
        "医疗自付费用高",
        "12笔",
        "三重医疗保障",
        "数据截至2024-10-04",
    ):
        assert words in text
    with reading(office.engine) as conn:
        assert [read.household_id for read in reads_of(conn, HOUSEHOLD)] == [HOUSEHOLD]


def test_without_an_entry_in_the_book_the_page_says_so_and_what_to_do(office: TestOffice) -> None:
    office.arrive(alert(grid_code="220302001201001"))

    text = office.signed_in("东升张三").text("/alerts/a_one")

    assert "住户簿里没有这户" in text
    assert "220302001201001" in text


def test_real_takes_no_words_and_waits_until_the_processor_has_answered(office: TestOffice) -> None:
    office.arrive(alert())
    browser = office.signed_in("东升张三")

    answered = browser.answer("a_one", "confirmed")
    (action,) = office.sent()

    assert (answered.status_code, answered.headers["location"]) == (303, "/alerts/a_one")
    assert (action["action"], action["version_seen"], action["township_code"]) == ("confirmed", 1, TOWNSHIP)
    assert "情况属实： 待处理" in browser.text("/alerts/a_one")
    assert office.woken == 1

    office.processed(action, 2, status="CONFIRMED")

    assert "情况属实： 已生效" in browser.text("/alerts/a_one")


@pytest.mark.parametrize(("outcome", "why"), [("conflict", "answered"), ("refused", "wrong_township")])
def test_an_answer_that_did_not_count_says_why(office: TestOffice, outcome: str, why: str) -> None:
    office.arrive(alert())
    browser = office.signed_in("东升张三")
    browser.answer("a_one", "confirmed")

    office.processed(office.sent()[0], 2, outcome, why=why)

    assert {"answered": "他人已先答复", "wrong_township": "现由其他乡镇负责"}[why] in browser.text("/alerts/a_one")


def test_double_taps_two_tabs_and_the_back_button_are_one_action(office: TestOffice) -> None:
    office.arrive(alert())
    first, second = office.signed_in("东升张三"), office.signed_in("东升张三")
    tab, other_tab = first.form("a_one", "confirmed"), second.form("a_one", "rejected")

    for browser, form in ((first, tab), (first, tab), (second, other_tab | {"reason": "data_error"}), (first, tab)):
        assert browser.client.post("/alerts/a_one", data=form).status_code == 303

    assert [action["action"] for action in office.sent()] == ["confirmed"]


def test_not_real_needs_a_reason_from_the_list(office: TestOffice) -> None:
    office.arrive(alert())
    browser = office.signed_in("东升张三")

    refused = browser.answer("a_one", "rejected", reason="because", note="已核对")

    assert refused.status_code == 409
    assert "请选择原因" in refused.text
    assert "已核对" in refused.text
    assert office.sent() == []


def test_a_page_that_answers_an_alert_which_moved_on_is_told_so_and_shown_the_new_version(office: TestOffice) -> None:
    office.arrive(alert(1, "orange"))
    browser = office.signed_in("东升张三")
    form = browser.form("a_one", "rejected")
    office.arrive(alert(2, "red", causes=[cause("R-A"), cause("R-B") | {"title": "新的原因"}]))

    told = browser.client.post("/alerts/a_one", data=form | {"reason": "data_error", "note": "写了很多"})

    assert told.status_code == 409
    assert "预警等级有变化" in told.text
    assert "新的原因" in told.text
    assert "写了很多" in told.text
    assert office.sent() == []
    assert browser.answer("a_one", "rejected", reason="data_error").status_code == 303


def test_ones_own_acknowledgement_does_not_make_the_page_stale(office: TestOffice) -> None:
    office.arrive(alert())
    browser = office.signed_in("东升张三")
    form = browser.form("a_one", "confirmed")
    browser.answer("a_one", "acknowledged")
    office.processed(office.sent()[0], 2, status="ACKED")

    assert browser.client.post("/alerts/a_one", data=form).status_code == 303
    assert [action["action"] for action in office.sent()] == ["acknowledged", "confirmed"]


def test_the_four_parts_go_as_codes_and_free_text_stays_here(office: TestOffice) -> None:
    office.arrive(alert(status="VERIFYING"))
    browser = office.signed_in("东升张三")

    assert browser.answer("a_one", "visited", **VISIT, note="户主说医药费借了亲戚的钱").status_code == 303
    assert browser.answer("a_one", "analysed", causes=["illness", "income"], labour="weak").status_code == 303
    visited, analysed = office.sent()

    assert visited["details"] == VISIT
    assert analysed["details"] == {"causes": "illness income", "labour": "weak"}
    assert "亲戚" not in repr(office.sent())
    office.processed(visited, 2, status="VERIFYING", archive=["visited"])
    text = browser.text("/alerts/a_one")
    assert "户主说医药费借了亲戚的钱" in text
    assert "还差原因分析、集中会商、信息反馈" in text


def test_an_archive_is_closed_only_when_complete(office: TestOffice) -> None:
    office.arrive(alert(status="CONFIRMED", archive=["visited", "analysed", "consulted"]))
    browser = office.signed_in("东升张三")
    form = browser.form("a_one", "fed_back") | {"action": "archived"}

    assert browser.client.post("/alerts/a_one", data=form).status_code == 409

    office.arrive(alert(2, status="CONFIRMED", archive=["visited", "analysed", "consulted", "fed_back"]))
    assert browser.answer("a_one", "archived").status_code == 303


def test_a_form_filled_in_when_the_session_ended_is_still_there_after_signing_in(office: TestOffice) -> None:
    office.arrive(alert(status="VERIFYING"))
    browser = office.signed_in("东升张三")
    form = browser.form("a_one", "visited") | VISIT | {"note": "写了半天的说明"}
    office.clock += DAY

    expired = browser.client.post("/alerts/a_one", data=form)
    asked = {name: value for name, value in browser_fields(expired.text).items() if name in {"csrf", "then", "kept"}}
    again = browser.client.post("/sign-in", data=asked | {"name": "东升张三", "password": "一个够长的密码9527"})

    assert expired.status_code == 401
    assert "写了半天的说明" in again.text
    assert "刚才填写的内容还在" in again.text
    assert 'value="2026-09-21"' in again.text
    assert office.sent() == []
    assert browser.client.post("/alerts/a_one", data=browser_fields(again.text, "visited") | VISIT).status_code == 303


def test_what_another_person_had_filled_in_is_not_shown(office: TestOffice) -> None:
    office.arrive(alert(status="VERIFYING"))
    office.person("东升李四")
    browser = office.signed_in("东升张三")
    form = browser.form("a_one", "visited") | {"note": "张三写的"}
    office.clock += DAY
    expired = browser.client.post("/alerts/a_one", data=form)
    asked = {name: value for name, value in browser_fields(expired.text).items() if name in {"csrf", "then", "kept"}}

    again = browser.client.post("/sign-in", data=asked | {"name": "东升李四", "password": "一个够长的密码9527"})

    assert again.status_code == 303


def test_who_had_it_before_sees_only_that_it_was_handed_over(office: TestOffice) -> None:
    office.person("西河王五", NEXT_TOWNSHIP)
    office.arrive(alert(township_code=NEXT_TOWNSHIP, previous_township_code=TOWNSHIP, text="别人家的事"))

    page = office.signed_in("东升张三").get("/alerts/a_one")

    assert "已移交其他乡镇" in page.text
    assert "别人家的事" not in page.text
    assert HOUSEHOLD not in page.text
    assert office.signed_in("西河王五").get("/alerts/a_one").status_code == 200


def test_marks_in_every_field_are_shown_as_text(office: TestOffice) -> None:
    evil = "<script>alert(1)</script>'\"=HYPERLINK(1)"
    office.book(HOUSEHOLD, evil, evil, evil)
    office.arrive(
        alert(causes=[cause("R-A") | {"title": evil, "text": evil, "band": f"{evil}!"}], text=evil, grid_code=evil)
    )
    browser = office.signed_in("东升张三")
    browser.answer("a_one", "rejected", reason="data_error", note=evil)
    office.processed(office.sent()[0], 2, status="REJECTED")

    for path in ("/alerts/a_one", "/tasks?tab=ended", "/tasks?tab=%3Cscript%3E", "/sign-in?next=%22%3E%3Cscript%3E"):
        page = browser.get(path).text
        assert "<script>alert" not in page
        assert '"><script' not in page
    assert evil in visible(browser.get("/alerts/a_one").text)


def test_progress_says_nothing_while_nothing_changed(office: TestOffice) -> None:
    office.arrive(alert())
    browser = office.signed_in("东升张三")
    browser.answer("a_one", "confirmed")

    assert browser.get("/alerts/a_one/progress?version=1&stand=1-1").status_code == 204
    office.processed(office.sent()[0], 2, status="CONFIRMED")
    assert "已生效" in browser.get("/alerts/a_one/progress?version=1&stand=1-1").text


def browser_fields(page: str, action: str = "") -> dict[str, str]:
    """Hidden fields of the form for an action; of the one that signs in where none is given."""
    forms = re.findall(r"<form.*?</form>", page, re.DOTALL)
    chosen = next(f for f in forms if (f'value="{action}"' in f if action else 'name="name"' in f))
    return {k: unescape(v) for k, v in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', chosen)}
