"""An area alert is one message to its township and one to the county, and stands on their pages."""

from __future__ import annotations

import time
from typing import Any

import pytest
from sqlalchemy import Engine

from consumers.notify_area import area_change, recipients, take_area
from consumers.notify_intake import Arrival, Taken
from consumers.roster import COUNTY, read_roster
from consumers.store.area_alerts import apply_area_alert, list_area_alerts
from consumers.store.database import reading, writing
from consumers.store.tasks import Message, put_messages
from consumers.wording import Page, area_message_of
from tests.alerts import KNOWN_AT, TOWNSHIP, conflict, village_alert
from tests.notifiers import told
from tests.offices import TestOffice
from tests.test_routing import INBOX

OTHER, ELSEWHERE = f"{TOWNSHIP[:6]}999", "110101001"
LISTED = "".join(f"\n[townships.{code}]\nchannels = [{INBOX}]" for code in (TOWNSHIP, OTHER, ELSEWHERE))
PAGE = Page(
    read_roster(f'[county]\nchannels = [{INBOX}]{LISTED}\n[townships.{TOWNSHIP}.villages]\n{TOWNSHIP}201 = "红旗村"'),
    "https://bus.example.org",
)
COUNTYWIDE: dict[str, Any] = {
    "alert_id": "r_storm",
    "township_code": None,
    "village_code": None,
    "place_code": TOWNSHIP[:6],
}
OVER = {"status": "WITHDRAWN", "subjects": []}


def names(alert: dict[str, object]) -> list[str]:
    return [route.recipient for route in recipients(alert, PAGE.roster)]


def test_a_villages_trouble_is_told_to_its_township_and_the_county() -> None:
    assert names(village_alert()) == [TOWNSHIP, COUNTY]
    assert names(village_alert(place_code=TOWNSHIP)) == [TOWNSHIP, COUNTY]


def test_a_warning_of_the_county_is_told_to_each_of_its_townships() -> None:
    assert names(village_alert(**COUNTYWIDE)) == [TOWNSHIP, OTHER, COUNTY]


def test_a_township_that_nobody_listed_is_the_countys_and_so_is_what_only_the_register_got_wrong() -> None:
    assert names(village_alert(place_code="231222999")) == [COUNTY]
    assert names(conflict()) == [COUNTY]


def test_each_is_told_once_whatever_comes_again_and_however_many_households_it_touches(store: Engine) -> None:
    many = village_alert(2, households=4000, causes=[])
    with writing(store) as conn:
        taken = Taken()
        versions = [village_alert(), many, village_alert(), village_alert(3, **OVER), many]
        now = time.time_ns() // 1_000_000
        take_area(conn, [Arrival(version, True, 5) for version in versions], PAGE, now, taken)

    assert told(store) == [
        ("r_water", 1, TOWNSHIP, "area_raised"),
        ("r_water", 1, COUNTY, "area_raised"),
        ("r_water", 3, TOWNSHIP, "area_settled"),
        ("r_water", 3, COUNTY, "area_settled"),
    ]


def test_a_higher_level_and_another_facility_are_news_and_fewer_are_not() -> None:
    assert area_change(village_alert(), village_alert(2, level="red")) == "area_raised"
    assert area_change(village_alert(level="red"), village_alert(2)) is None
    assert area_change(village_alert(), village_alert(2, subjects=["S1", "X1"])) == "area_raised"
    assert area_change(village_alert(subjects=["S1", "X1"]), village_alert(2)) is None


@pytest.mark.parametrize(
    ("recipient", "path"), [(TOWNSHIP, "/areas/r_water"), (COUNTY, "/county/area/r_water"), ("county/u_a", "/county/")]
)
def test_a_message_says_level_place_and_title_and_leads_to_the_readers_page(recipient: str, path: str) -> None:
    message = area_message_of(village_alert(), "area_raised", recipient, 5, PAGE)

    assert message.text.startswith("【橙色预警】")
    assert "红旗村：停水3天以上，请查看并处置。" in message.text
    assert path in message.link
    assert (
        "全县：停水3天以上已解除。"
        in area_message_of(village_alert(**COUNTYWIDE), "area_settled", recipient, 5, PAGE).text
    )


@pytest.fixture
def office(store: Engine) -> TestOffice:
    made = TestOffice(store)
    made.person("东升张三")
    made.person("县里李四", None)
    made.person("外乡王五", ELSEWHERE)
    with writing(store) as conn:
        for each in (village_alert(), village_alert(**COUNTYWIDE, title="一、二级灾害预警"), conflict()):
            apply_area_alert(conn, each, made.clock)
        put_messages(conn, [Message("r_water", 1, TOWNSHIP, "area_raised", "orange", None, KNOWN_AT)])
    return made


def test_a_township_sees_its_own_and_the_countys_among_its_tasks_and_nobody_elses(office: TestOffice) -> None:
    browser = office.signed_in("东升张三")

    assert "红旗村：停水3天以上" in browser.text("/tasks")
    assert "全县：一、二级灾害预警" in browser.text("/tasks")
    assert "户籍登记冲突" not in browser.text("/areas")
    assert "1. 饮水工程维修" in browser.text("/areas/r_water")
    assert browser.get("/areas/r_one").status_code == 404
    assert browser.get("/county/area/r_water").status_code == 404

    stranger = office.signed_in("外乡王五")
    assert "目前没有村镇预警。" in stranger.text("/areas")
    assert "村镇预警" not in stranger.text("/tasks")
    assert [stranger.get(f"/areas/{each}").status_code for each in ("r_water", "r_storm", "r_one", "r_none")] == [
        404
    ] * 4


def test_who_opens_it_has_read_its_message(office: TestOffice) -> None:
    browser = office.signed_in("东升张三")
    assert "停水3天以上：请查看并处置 新" in browser.text("/messages")

    browser.get("/areas/r_water")

    assert "停水3天以上：请查看并处置 新" not in browser.text("/messages")


def test_the_county_sees_all_of_them_and_what_is_over_below(office: TestOffice) -> None:
    with writing(office.engine) as conn:
        apply_area_alert(conn, village_alert(2, **OVER, text="预警已解除。"), office.clock)
    page = office.signed_in("县里李四").text("/county/area")

    waiting, over = page.split("最近消除的")
    assert "一、二级灾害预警" in waiting
    assert "户籍登记冲突" in waiting
    assert "预警已解除。" in over
    with reading(office.engine) as conn:
        assert [each.alert_id for each in list_area_alerts(conn, 9, township=TOWNSHIP)] == ["r_storm"]


def test_an_alert_of_an_earlier_release_is_the_countys_alone(store: Engine) -> None:
    old = {name: value for name, value in conflict().items() if name not in ("place_code", "title", "causes")}
    with writing(store) as conn:
        apply_area_alert(conn, old, 5)
        assert list_area_alerts(conn, 9, township=TOWNSHIP) == []
        assert [each.alert_id for each in list_area_alerts(conn, 9)] == ["r_one"]
