"""What concerns the county alone: one person in two households is told to it once, and once when it is settled."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine

from consumers.notify_area import area_change, take_area
from consumers.notify_intake import Arrival, Taken
from consumers.notify_outgoing import message_for
from consumers.roster import COUNTY, read_roster
from consumers.store.area_alerts import area_alert_of, list_area_alerts
from consumers.store.database import reading, writing
from consumers.store.deliveries import claim
from consumers.wording import Page, area_message_of
from tests.alerts import TOWNSHIP, conflict, feed_late
from tests.notifiers import told
from tests.test_routing import HOOK, INBOX

PAGE = Page(
    read_roster(f'[county]\nchannels = [{INBOX}, {HOOK}]\n[townships.{TOWNSHIP}]\nchannels = [{INBOX}]'
                f'\n[townships.{TOWNSHIP}.villages]\n{TOWNSHIP}201 = "红旗村"'),
    "https://bus.example.org",
)  # fmt: skip
SETTLED = {"status": "WITHDRAWN", "subjects": ["p_a", "H-1"]}


def taken(conn: Connection, versions: Iterable[dict[str, Any]], *, is_new: bool = True) -> Taken:
    found = Taken()
    take_area(conn, [Arrival(version, is_new, 5) for version in versions], PAGE, time.time_ns() // 1_000_000, found)
    return found


def test_a_conflict_of_the_register_is_put_into_the_countys_inbox_and_sent_to_it(store: Engine) -> None:
    with writing(store) as conn:
        found = taken(conn, [conflict()])

    assert told(store) == [("r_one", 1, COUNTY, "area_raised")]
    assert found.planned == [("r_one", 1, COUNTY, "webhook")]
    with reading(store) as conn:
        (listed,) = list_area_alerts(conn, 9)
        assert (listed, listed.content) == (area_alert_of(conn, "r_one"), conflict())
    with writing(store) as conn:
        (delivery,) = claim(conn, time.time_ns() // 1_000_000, 1, 9)
        sent = message_for(conn, delivery, PAGE)
    assert sent == area_message_of(conflict(), "area_raised", COUNTY, sent.created_at, PAGE)


def test_the_same_conflict_in_the_next_full_list_is_told_to_nobody(store: Engine) -> None:
    with writing(store) as conn:
        taken(conn, [conflict(3)])
        again = taken(conn, [conflict(3), conflict(2), conflict(9)])

    assert (again.planned, dict(again.put)) == ([], {})
    with reading(store) as conn:
        assert [each.version for each in list_area_alerts(conn, 9)] == [9]


def test_a_third_household_and_the_end_of_a_conflict_are_told() -> None:
    third = conflict(2, subjects=["p_a", "H-1", "H-2", "H-3"])

    assert area_change(None, conflict()) == "area_raised"
    assert area_change(conflict(), third) == "area_raised"
    assert area_change(third, conflict(3)) is None
    assert area_change(conflict(), conflict(2, **SETTLED)) == "area_settled"
    assert area_change(conflict(2, **SETTLED), conflict(3, **SETTLED)) is None
    assert area_change(None, conflict(2, **SETTLED)) is None
    assert area_change(conflict(2, **SETTLED), conflict(3)) == "area_raised"


def test_a_settled_conflict_leaves_the_list_and_its_end_is_told_on_the_same_thread(store: Engine) -> None:
    with writing(store) as conn:
        taken(conn, [conflict(), conflict(2, **SETTLED)])
        open_, settled = list_area_alerts(conn, 9), list_area_alerts(conn, 9, is_open=False)

    assert ([each.alert_id for each in open_], [each.alert_id for each in settled]) == ([], ["r_one"])
    assert told(store) == [("r_one", 1, COUNTY, "area_raised"), ("r_one", 2, COUNTY, "area_settled")]


def test_what_the_county_was_told_before_the_store_was_wiped_is_only_remembered(store: Engine) -> None:
    with writing(store) as conn:
        before = taken(conn, [conflict()], is_new=False)
        taken(conn, [conflict(2, **SETTLED)])

    assert (before.planned, dict(before.put)) == ([], {})
    assert told(store) == [("r_one", 2, COUNTY, "area_settled")]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(1, 5), st.booleans()), max_size=8))
def test_whatever_comes_again_nothing_is_told_twice(store: Engine, given_: list[tuple[int, bool]]) -> None:
    versions = [conflict(version, **({} if version % 2 else SETTLED)) for version, _ in given_]
    with store.connect() as conn, conn.begin() as transaction:
        kinds = [kind for version in versions for kind in taken(conn, [version]).put]
        again = taken(conn, versions)
        stands = [each.version for each in list_area_alerts(conn, 9)]
        transaction.rollback()

    newest = max((version for version, _ in given_), default=0)
    assert not again.put
    assert stands == ([newest] if newest % 2 else [])
    assert kinds == [("area_raised", "area_settled")[number % 2] for number in range(len(kinds))]


@pytest.mark.parametrize(("kind", "says"), [("area_raised", "请核对"), ("area_settled", "不必再核对")])
def test_a_message_says_where_and_never_who(kind: str, says: str) -> None:
    message = area_message_of(conflict(), kind, COUNTY, 5, PAGE)

    assert "红旗村" in message.text
    assert says in message.text
    assert message.text.endswith("编号：r_one。查看：https://bus.example.org/county/area/r_one")
    assert not any(word in repr(message) for word in ("p_a", "H-1", "H-2"))


@pytest.mark.parametrize("kind", ["area_raised", "area_settled"])
def test_what_a_later_release_reports_is_told_in_general_words(kind: str) -> None:
    unknown = conflict(kind="of_later", township_code=None, village_code=None)

    assert "一项情况" in area_message_of(unknown, kind, COUNTY, 5, PAGE).text


def test_who_is_late_is_told_to_the_county_alone_with_department_period_and_day(store: Engine) -> None:
    late, settled = feed_late(), feed_late(2, status="WITHDRAWN", text="医保2026年2月的数据已经收到。")
    with writing(store) as conn:
        taken(conn, [late, late, settled, late])

    assert told(store) == [("f_one", 1, COUNTY, "area_raised"), ("f_one", 2, COUNTY, "area_settled")]
    assert area_message_of(late, "area_raised", COUNTY, 5, PAGE).text == (
        f"【推送迟到】{late['text']}编号：f_one。查看：https://bus.example.org/county/area/f_one"
    )
    assert area_message_of(settled, "area_settled", COUNTY, 5, PAGE).text.startswith("【推送迟到已消除】医保2026年2月")
