"""Alerts in the store: the newest version stands, whatever came how often in which order; lists, pages and counts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, func, select

from consumers.store.alert_lists import Count, Place, Wanted, alert_of, count_alerts, list_alerts, versions_of
from consumers.store.alerts import ALERT, apply_alert, apply_alerts
from consumers.store.database import reading, writing
from tests.alerts import NEXT_TOWNSHIP, TOWNSHIP, alert

NOW = 1_790_000_500_000
LEVELS = ("red", "orange", "yellow", "watch")
STATUSES = ("ALERTED", "WITHDRAWN", "CONFIRMED")


@contextmanager
def forgotten(store: Engine) -> Iterator[Connection]:
    """Transaction of which nothing stays."""
    with store.connect() as conn, conn.begin() as transaction:
        yield conn
        transaction.rollback()


def assert_counted(conn: Connection) -> None:
    """What is kept as counts is what counting comes to."""
    by = (ALERT.c.township_code, ALERT.c.level, ALERT.c.status)
    counted = {Count(*row) for row in conn.execute(select(*by, func.count()).group_by(*by))}
    assert set(count_alerts(conn, None)) == counted


def everything(conn: Connection, alert_ids: set[str]) -> dict[str, tuple[Any, ...]]:
    """What the store says of alerts, without when it was told."""
    assert_counted(conn)
    return {
        name: (alert_of(conn, name, None), tuple(versions_of(conn, name)), *list_alerts(conn, Wanted(None), 100))
        for name in sorted(alert_ids)
    }


versions = st.builds(
    lambda name, version: alert(
        version,
        LEVELS[version % 4],
        alert_id=name,
        household_id=f"H-{name}",
        status=STATUSES[version % 3],
        township_code=(TOWNSHIP, NEXT_TOWNSHIP, None)[version % 3],
    ),
    st.sampled_from(("a_1", "a_2", "a_3")),
    st.integers(1, 6),
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(versions, min_size=1, max_size=14), st.randoms(), st.integers(1, 5))
def test_any_order_repetition_and_batching_ends_with_the_newest_versions(
    store: Engine, given_versions: list[dict[str, Any]], random: Any, batch: int
) -> None:
    names = {version["alert_id"] for version in given_versions}
    shuffled = given_versions * 2
    random.shuffle(shuffled)
    with forgotten(store) as conn:
        for version in sorted(given_versions, key=lambda version: version["version"]):
            apply_alert(conn, version, NOW)
        in_order = everything(conn, names)
    with forgotten(store) as conn:
        for start in range(0, len(shuffled), batch):
            apply_alerts(conn, shuffled[start : start + batch], NOW)
        in_any_order = everything(conn, names)

    assert in_any_order == in_order
    assert {name: found[0].version for name, found in in_order.items()} == {
        name: max(v["version"] for v in given_versions if v["alert_id"] == name) for name in names
    }


def test_a_version_that_is_not_newer_tells_nobody_anything(store: Engine) -> None:
    with writing(store) as conn:
        first = apply_alert(conn, alert(2), NOW)
        again = apply_alert(conn, alert(2, "yellow"), NOW)
        older = apply_alert(conn, alert(1), NOW)
        newer = apply_alert(conn, alert(3, "orange"), NOW)

    assert first
    assert (first.version, first.content) == (0, {})
    assert (again, older) == (None, None)
    assert newer
    assert (newer.version, newer.level, newer.township_code) == (2, "red", TOWNSHIP)
    assert newer.content == alert(2)


def test_a_batch_answers_as_one_by_one(store: Engine) -> None:
    arriving = [alert(1), alert(3), alert(2), alert(3), alert(4), alert(1, alert_id="a_other")]
    with forgotten(store) as conn:
        one_by_one = [apply_alert(conn, version, NOW) for version in arriving]
    with forgotten(store) as conn:
        at_once = apply_alerts(conn, arriving, NOW)

    assert at_once == one_by_one
    assert [seen.version if seen else None for seen in at_once] == [0, 1, None, None, 3, 0]


def test_all_versions_are_kept_whole_even_the_late_ones(store: Engine) -> None:
    with writing(store) as conn:
        apply_alerts(conn, [alert(3, text='"<b>\0户主'), alert(1)], NOW)
        found = versions_of(conn, "a_one")

    assert [version.version for version in found] == [1, 3]
    assert found[1].content == alert(3, text='"<b>\0户主')


def test_nothing_at_all_may_be_applied(store: Engine) -> None:
    with writing(store) as conn:
        assert apply_alerts(conn, [], NOW) == []


def test_a_township_finds_its_own_alerts_only_and_the_county_all(store: Engine) -> None:
    with writing(store) as conn:
        apply_alerts(conn, [alert(1), alert(1, alert_id="a_2", township_code=None)], NOW)
    with reading(store) as conn:
        assert alert_of(conn, "a_one", TOWNSHIP)
        assert alert_of(conn, "a_one", NEXT_TOWNSHIP) is None
        assert alert_of(conn, "a_one", "") is None
        assert alert_of(conn, "a_2", TOWNSHIP) is None
        assert alert_of(conn, "a_2", None)
        assert [len(list_alerts(conn, Wanted(who), 9)[0]) for who in (TOWNSHIP, NEXT_TOWNSHIP, "", None)] == [
            1,
            0,
            0,
            2,
        ]
        assert [sum(each.alerts for each in count_alerts(conn, who)) for who in (TOWNSHIP, "", None)] == [1, 0, 2]


def test_a_moved_alert_is_the_new_townships(store: Engine) -> None:
    with writing(store) as conn:
        apply_alert(conn, alert(1), NOW)
        apply_alert(conn, alert(2, township_code=NEXT_TOWNSHIP, previous_township_code=TOWNSHIP), NOW)

        assert alert_of(conn, "a_one", TOWNSHIP) is None
        assert alert_of(conn, "a_one", NEXT_TOWNSHIP)


def test_ids_that_no_database_can_hold_are_not_found(store: Engine) -> None:
    with reading(store) as conn:
        assert alert_of(conn, "a\0", None) is None
        assert alert_of(conn, "' OR 1=1 --", None) is None


def test_lists_show_the_most_urgent_first_then_the_oldest_and_go_on_page_by_page(store: Engine) -> None:
    arriving = [
        alert(
            1, LEVELS[number % 4], alert_id=f"a_{number:02}", raised_at=1000 - number // 8, status=STATUSES[number % 3]
        )
        for number in range(60)
    ]
    with writing(store) as conn:
        apply_alerts(conn, arriving, NOW)
    wanted = sorted(
        (LEVELS.index(each["level"]), each["raised_at"], each["alert_id"])
        for each in arriving
        if each["status"] != "WITHDRAWN"
    )
    shown: list[str] = []
    after: Place | None = None
    with reading(store) as conn:
        while True:
            page, after = list_alerts(conn, Wanted(TOWNSHIP), 7, after)
            shown += [each.alert_id for each in page]
            if after is None:
                break

    assert shown == [alert_id for *_, alert_id in wanted]


def test_lists_are_of_one_state_or_one_level_where_asked(store: Engine) -> None:
    arriving = [
        alert(1, level, alert_id=f"a_{level}_{status}", status=status) for level in LEVELS for status in STATUSES
    ]
    with writing(store) as conn:
        apply_alerts(conn, arriving, NOW)

        def ids(wanted: Wanted) -> list[str]:
            return [each.alert_id for each in list_alerts(conn, wanted, 99)[0]]

        assert ids(Wanted(None, status="CONFIRMED")) == [f"a_{level}_CONFIRMED" for level in LEVELS]
        assert ids(Wanted(None, is_open=False)) == [f"a_{level}_WITHDRAWN" for level in LEVELS]
        assert ids(Wanted(TOWNSHIP, level="red")) == ["a_red_ALERTED", "a_red_CONFIRMED"]
        first, after = list_alerts(conn, Wanted(None, level="red"), 1)
        second, end = list_alerts(conn, Wanted(None, level="red"), 1, after)
        assert ([each.alert_id for each in first + second], end) == (["a_red_ALERTED", "a_red_CONFIRMED"], None)
        assert {(each.level, each.status): each.alerts for each in count_alerts(conn, None)} == {
            (level, status): 1 for level in LEVELS for status in STATUSES
        }
