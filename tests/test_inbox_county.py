"""The county's view: figures that add up, lists behind them, what departments last sent; and the county's own steps."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaProducer
from sqlalchemy import Engine

from consumers.inbox.bus_watch import BusWatch
from consumers.inbox.feeds import Feeds, Last, feed_lines, never_delivered, newest
from consumers.store.area_alerts import apply_area_alert
from consumers.store.database import reading, writing
from consumers.store.tasks import Message, put_messages, unread
from schemas.beijing import day_number, start_of
from schemas.codec import encode
from schemas.departments import DEPARTMENTS
from schemas.topics import DELIVERIES, events_topic
from tests.alerts import KNOWN_AT, NEXT_TOWNSHIP, TOWNSHIP, UNLISTED, alert, conflict, feed_late
from tests.live_broker import LiveBroker
from tests.offices import TestOffice, visible

DAY = 86_400_000


@pytest.fixture
def office(store: Engine) -> TestOffice:
    built = TestOffice(store)
    built.person("县里李四", None)
    return built


def delivery(department: str, at: int, covers_to: int | None = 20_000) -> dict[str, object]:
    made = {"department": department, "batch_id": f"b{at}", "source": "file", "covers_to": covers_to}
    return {**made, "delivered_at": at, "accepted": 7, "rejected": 1, "content_sha256": "", "rejected_by": {}}


def test_the_figures_lead_into_lists_that_hold_as_many_alerts(office: TestOffice) -> None:
    made = [(TOWNSHIP, "red", "ALERTED"), (TOWNSHIP, "red", "ACKED"), (NEXT_TOWNSHIP, "orange", "ALERTED")]
    made += [(TOWNSHIP, "yellow", "HELPING"), (NEXT_TOWNSHIP, "red", "WITHDRAWN"), (TOWNSHIP, "red", "LEAD")]
    office.arrive(*(alert(alert_id=f"a_{n}", township_code=t, level=lv, status=s) for n, (t, lv, s) in enumerate(made)))
    browser = office.signed_in("县里李四")

    page = browser.get("/county").text
    links = [
        (url.replace("&amp;", "&"), int(n)) for url, n in re.findall(r'href="(/county/alerts[^"]+)">(\d{1,6})<', page)
    ]

    assert [n for _, n in links] == [2, 1, 1, 1]
    for url, number in links:
        assert len(re.findall(r'href="/alerts/', browser.get(url).text)) == number, url


def test_the_funnel_goes_from_published_to_confirmed(office: TestOffice) -> None:
    office.feeds = Feeds({}, 1000, 990, KNOWN_AT)
    states = ("ALERTED", "CONFIRMED", "INCLUDED", "CLOSED", "REJECTED", "WITHDRAWN")
    office.arrive(*(alert(alert_id=f"a_{n}", status=status) for n, status in enumerate(states)))

    text = office.signed_in("县里李四").text("/county")

    assert "部门推送 1,000 归到农户 990 产生预警 5 核实属实 3" in text


def test_each_line_of_the_funnel_says_what_it_is_divided_into(office: TestOffice) -> None:
    outcomes = {"applied": 990, "duplicate": 4, "parked": 3, "dead_lettered": 1}
    office.feeds = Feeds({}, 1000, 990, KNOWN_AT, outcomes)
    office.arrive(alert(alert_id="a_1"), alert(alert_id="a_2", household_id="H2", status="REJECTED"))

    text = office.signed_in("县里李四").text("/county")

    assert "部门推送 1,000 条：归到农户 990，重复 4，待登记 3，死信 1，待处理 2。" in text
    assert "预警 2 条：关注 0，撤回 0，待核实 1，不属实 1，已有保障 0，属实 0，非本乡镇 0。" in text
    assert "作为预警依据的记录 2 条：各预警的第一条 2，并入已有预警 0。" in text


def test_rates_stand_with_what_they_are_counted_out_of(office: TestOffice) -> None:
    assert "监测对象" not in office.signed_in("县里李四").text("/county")
    states = ("ALERTED", "HELPING", "CLEARED_TRACKING")
    made: list[dict[str, Any]] = [{}, *[{"household_class": "sudden", "persons": 3}] * 2]
    office.arrive(*(alert(alert_id=f"a_{n}", household_id=f"H{n}", status=states[n], **made[n]) for n in range(3)))

    text = office.signed_in("县里李四").text("/county")

    assert "核实率66.67%（2/3条）。" in text
    assert "突发严重困难户2户6人，合计2户6人。风险消除率50.00%（1/2户）、50.00%（3/6人）。" in text


def test_without_the_bus_the_page_says_so_and_shows_the_rest(office: TestOffice) -> None:
    office.arrive(alert())

    text = office.signed_in("县里李四").text("/county")

    assert "部门推送 — 归到农户 —" in text
    assert "暂时读不到" in text
    assert "东升镇" in text


def test_long_lists_go_on_and_miss_nothing(office: TestOffice) -> None:
    alerts = [
        alert(alert_id=f"a_{n:03}", status=("ALERTED", "ACKED")[n % 2], raised_at=KNOWN_AT + n // 3) for n in range(75)
    ]
    office.arrive(*alerts)
    browser, url, found = office.signed_in("县里李四"), "/county/alerts?tab=waiting", list[str]()
    while url:
        page = browser.get(url).text
        found += re.findall(r'href="/alerts/(a_\d+)"', page)
        more = re.search(r'href="([^"]+)">下一页', page)
        url = more[1].replace("&amp;", "&") if more else ""

    assert found == [each["alert_id"] for each in alerts]


def test_the_county_reads_what_no_township_was_told_and_it_is_counted_until_somebody_opened_it(
    office: TestOffice,
) -> None:
    office.person("县里王五", None)
    office.arrive(alert(), alert(alert_id="a_two", township_code=UNLISTED))
    for_county = [Message(name, 1, "county", "raised", "red", None, KNOWN_AT) for name in ("a_one", "a_two")]
    with writing(office.engine) as conn:
        put_messages(conn, [*for_county, Message("a_one", 1, TOWNSHIP, "raised", "red", None, KNOWN_AT)])
    first, second = office.signed_in("县里李四"), office.signed_in("县里王五")

    assert "未读消息 2" in first.text("/county")
    assert "东升镇 红旗村：新预警，乡镇没有收到，请转告 新" in first.text("/messages")
    links = re.findall(r'<a href="(/alerts/[^"]+)"', first.get("/messages").text)
    assert links == ["/alerts/a_two", "/alerts/a_one"]
    first.get(links[0])

    assert "未读消息 1" in second.text("/county")
    assert second.text("/messages").count("请转告 新") == 1
    with reading(office.engine) as conn:
        assert unread(conn, TOWNSHIP, 10) == 1


def test_what_a_township_disowned_stands_on_the_countys_list_until_the_county_has_decided(office: TestOffice) -> None:
    office.arrive(alert(not_mine=True, status="ACKED"), alert(alert_id="a_two"))
    browser = office.signed_in("县里李四")

    assert "乡镇反映不是本乡镇的户 1" in browser.text("/county")
    assert re.findall(r'href="/alerts/(\w+)"', browser.get("/county/alerts?tab=not_mine").text) == ["a_one"]
    assert browser.answer("a_one", "keep").status_code == 303

    office.processed(office.sent()[0], 2, status="ACKED", not_mine=False)

    assert "乡镇反映不是本乡镇的户" not in browser.text("/county")
    assert "没有这样的预警" in browser.text("/county/alerts?tab=not_mine")


def test_a_person_in_two_households_waits_for_the_county_until_the_register_is_right(office: TestOffice) -> None:
    office.person("东升张三")
    with writing(office.engine) as conn:
        apply_area_alert(conn, conflict(), office.clock)
        put_messages(conn, [Message("r_one", 1, "county", "area_raised", "yellow", None, KNOWN_AT)])
    browser = office.signed_in("县里李四")

    assert "未读消息 1 登记冲突、推送迟到和村镇预警 1" in browser.text("/county")
    assert "东升镇 红旗村 户籍登记冲突：请县里核对 新" in browser.text("/messages")
    (link,) = set(re.findall(r'href="(/county/area/[^"]+)"', browser.get("/messages").text))
    assert conflict()["text"] in browser.text(link)
    assert conflict()["text"] in browser.text("/county/area")
    assert conflict()["subjects"][0] not in browser.get(link).text, "a person's id says nothing to anybody"
    assert office.signed_in("东升张三").get(link).status_code == 404

    with writing(office.engine) as conn:
        apply_area_alert(conn, conflict(2, status="WITHDRAWN", text="已消除：只登记在H-1"), office.clock)

    assert "等县里处理" not in browser.text("/county")
    assert "没有登记冲突，没有推送迟到，也没有村镇预警。 最近消除的" in browser.text("/county/area")
    assert "已消除：只登记在H-1" in browser.text(link)


def test_what_waits_for_the_county_is_counted_and_listed(office: TestOffice) -> None:
    states = ("CONFIRMED", "REVIEWED", "CLEAR_PROPOSED", "HELPING")
    office.arrive(*(alert(alert_id=f"a_{state.lower()}", status=state) for state in states))
    browser = office.signed_in("县里李四")
    page = browser.get("/county").text

    listed = {
        url: sorted(re.findall(r'href="/alerts/(\w+)"', browser.get(url).text))
        for url in re.findall(r'href="([^"]+)">等待', page)
    }

    assert "等待复核或纳入监测 2" in visible(page)
    assert listed == {
        "/county/alerts?tab=include": ["a_confirmed", "a_reviewed"],
        "/county/alerts?tab=clear": ["a_clear_proposed"],
    }


def test_the_county_does_not_read_the_household_book(office: TestOffice) -> None:
    office.book("H-SECRET-1", "赵大山")
    office.arrive(alert())

    assert "赵大山" not in office.signed_in("县里李四").get("/alerts/a_one").text


def test_the_county_includes_a_household_with_its_class_and_a_cadre_of_the_township(office: TestOffice) -> None:
    cadre, stranger = office.person("东升张三"), office.person("西河王五", NEXT_TOWNSHIP)
    office.arrive(alert(status="CONFIRMED"))
    browser = office.signed_in("县里李四")

    assert (
        browser.answer("a_one", "included", household_class="sudden", responsible_cadre=stranger.id).status_code == 409
    )
    assert browser.answer("a_one", "included", household_class="sudden", responsible_cadre=cadre.id).status_code == 303
    (action,) = office.sent()
    assert (action["role"], action["township_code"]) == ("county", "")
    assert action["details"] == {"household_class": "sudden", "responsible_cadre": cadre.id}


def test_a_township_cannot_do_what_is_the_countys(office: TestOffice) -> None:
    office.person("东升张三")
    office.arrive(alert(status="CLEAR_PROPOSED"))
    browser = office.signed_in("东升张三")
    form = browser.form("a_one", "visited") | {"action": "cleared"}

    assert browser.client.post("/alerts/a_one", data=form).status_code == 409
    assert office.sent() == []


def test_the_later_delivery_is_the_last_in_whatever_order_they_come() -> None:
    older, later = delivery("housing", 1000), delivery("housing", 2000, None)

    assert newest({}, [older, later]) == newest({}, [later, older]) == {"housing": Last(2000, None, 7, 1)}


def test_a_department_that_never_delivered_is_shown_too() -> None:
    feeds = Feeds({"housing": Last(KNOWN_AT, 20_000, 7, 1)})

    assert [line.name for line in feed_lines(feeds, {}, 20_001)] == ["住建"]
    assert never_delivered(feeds) == [each.name for each in DEPARTMENTS if each.code != "housing"]


def test_the_county_sees_when_each_department_is_due_and_who_is_late(office: TestOffice) -> None:
    today, march = day_number(date(2026, 4, 20)), day_number(date(2026, 3, 31))
    office.clock = start_of(today)
    office.feeds = Feeds({"housing": Last(KNOWN_AT, march, 7, 1)}, 1, 1, KNOWN_AT, None, {"housing": march})
    with writing(office.engine) as conn:
        apply_area_alert(conn, feed_late(), office.clock)
        put_messages(conn, [Message("f_one", 1, "county", "area_raised", "yellow", None, KNOWN_AT)])
    browser = office.signed_in("县里李四")

    assert "登记冲突、推送迟到和村镇预警 1" in browser.text("/county")
    assert "数据截至 2026-03-31 收 7，退 1 2026-07-14" in browser.text("/county")
    assert "医保 从未推送 2026-03-06 迟到40天" in browser.text("/county")
    assert "医保" not in browser.text("/county").partition("还没有推送过：")[2]
    assert "全县 医保推送迟到：请联系部门推送 新" in browser.text("/messages")
    assert "部门推送之后，这里会自动消除。" in browser.text("/county/area/f_one")

    with writing(office.engine) as conn:
        apply_area_alert(conn, feed_late(2, status="WITHDRAWN"), office.clock)

    assert "迟到40天" not in browser.text("/county")


@pytest.mark.kafka
def test_deliveries_and_published_events_are_read_from_the_real_bus(broker: LiveBroker, tmp_path: Path) -> None:
    servers = broker.declared()
    watch = BusWatch(servers, tmp_path)
    watch.look()
    before = watch.feeds().published or 0
    producer = KafkaProducer(bootstrap_servers=servers)
    for at in (4_000_000_000_000, 4_000_000_000_001):
        producer.send(DELIVERIES, key=b"education", value=encode("delivery", delivery("education", at))).get(20)
    producer.send(DELIVERIES, key=b"education", value=b"not to be read").get(20)
    producer.send(events_topic("education"), key=b"p", value=b"counted, whatever it is").get(20)
    producer.close()

    watch.look()
    feeds = watch.feeds()
    watch.stop()
    watch.run()

    assert feeds.last["education"].delivered_at == 4_000_000_000_001
    assert feeds.published == before + 1
    assert feeds.applied is None
