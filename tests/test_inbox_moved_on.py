"""What an officer has open while the world moves on: nothing is done twice, nothing that was written is lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine

from consumers.store.database import reading
from consumers.store.notes import notes_of
from tests.alerts import NEXT_TOWNSHIP, TOWNSHIP, alert
from tests.offices import TestOffice, visible

DAY = 86_400_000
WRITTEN = "问过户主和邻居，写了半页"


@pytest.fixture
def office(store: Engine) -> TestOffice:
    built = TestOffice(store)
    built.person("东升张三")
    built.arrive(alert())
    return built


def test_an_answer_to_an_alert_that_was_withdrawn_meanwhile_is_told_so_and_keeps_what_was_written(
    office: TestOffice,
) -> None:
    browser = office.signed_in("东升张三")
    form = browser.form("a_one", "confirmed") | {"note": WRITTEN}
    office.arrive(alert(2, status="WITHDRAWN", causes=[]))

    told = browser.client.post("/alerts/a_one", data=form)

    assert told.status_code == 409
    assert "预警已撤回" in told.text
    assert WRITTEN in told.text
    assert office.sent() == []


def test_an_answer_to_an_alert_that_moved_meanwhile_is_told_so_and_keeps_what_was_written(office: TestOffice) -> None:
    browser = office.signed_in("东升张三")
    form = browser.form("a_one", "confirmed") | {"note": WRITTEN}
    office.arrive(alert(2, township_code=NEXT_TOWNSHIP, previous_township_code=TOWNSHIP))

    told = browser.client.post("/alerts/a_one", data=form)

    assert "已移交其他乡镇" in told.text
    assert WRITTEN in told.text
    assert office.sent() == []


def test_an_open_page_says_by_itself_that_its_alert_moved_away_or_was_withdrawn(office: TestOffice) -> None:
    browser = office.signed_in("东升张三")
    office.arrive(alert(2, status="WITHDRAWN", causes=[]))
    withdrawn = visible(browser.get("/alerts/a_one/progress?version=1&stand=1-0").text)
    office.arrive(alert(3, township_code=NEXT_TOWNSHIP, previous_township_code=TOWNSHIP))
    moved = visible(browser.get("/alerts/a_one/progress?version=1&stand=1-0").text)

    assert "预警已撤回" in withdrawn
    assert "刚刚移交其他乡镇" in moved


def test_an_open_page_stays_as_it_is_when_the_session_ends(office: TestOffice) -> None:
    browser = office.signed_in("东升张三")
    office.clock += DAY

    asked = browser.get("/alerts/a_one/progress?version=1&stand=1-0")

    assert (asked.status_code, asked.text, asked.headers.get("location")) == (401, "", None)


def test_many_taps_at_once_are_one_action_with_one_note(office: TestOffice) -> None:
    browsers = [office.signed_in("东升张三") for _ in range(6)]
    forms = [browser.form("a_one", "confirmed") | {"note": f"第{n}次"} for n, browser in enumerate(browsers)]
    with ThreadPoolExecutor(len(browsers)) as pool:
        answered = list(pool.map(lambda b, f: b.client.post("/alerts/a_one", data=f).status_code, browsers, forms))

    with reading(office.engine) as conn:
        notes = notes_of(conn, "a_one")
    assert answered == [303] * len(browsers)
    assert len(office.sent()) == len(notes) == 1


def test_two_colleagues_may_answer_at_once_and_the_processor_decides(office: TestOffice) -> None:
    office.person("东升李四")
    forms = [(b := office.signed_in(name), b.form("a_one", "confirmed")) for name in ("东升张三", "东升李四")]

    assert [b.client.post("/alerts/a_one", data=form).status_code for b, form in forms] == [303, 303]
    first, second = office.sent()
    assert first["action_id"] != second["action_id"]


def test_after_going_back_the_page_no_longer_asks_what_was_answered(office: TestOffice) -> None:
    browser = office.signed_in("东升张三")
    form = browser.form("a_one", "confirmed")
    browser.client.post("/alerts/a_one", data=form)

    again = browser.client.post("/alerts/a_one", data=form | {"action": "rejected", "reason": "data_error"})

    assert again.status_code == 303
    assert [action["action"] for action in office.sent()] == ["confirmed"]
    assert "经核实，情况属实吗" not in browser.text("/alerts/a_one")
    assert browser.get("/alerts/a_one").headers["cache-control"] == "no-store", "going back asks for the page anew"
