"""The monthly scorecard: a department's month in counts, without households, people or other departments."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from producers.results.page import as_page
from producers.results.scorecard import scorecard
from producers.results.words import as_text
from schemas.beijing import instant
from schemas.codec import Record
from schemas.faults import FAULTS
from schemas.feed_calendar import shipped_calendar
from schemas.reasons import REASONS
from tests.alerts import cause
from tests.builders import at
from tests.deliveries import WRONG, about, batch_id, delivery, done, event, letter, outcome
from tests.people import identity_number, json_lines, member
from tests.running_bus import RunningBus
from tests.test_actions_bus import Officer
from tests.test_deliveries import read
from tests.test_end_to_end import alerts_of, dropout


def card(
    *more: tuple[str, Record], alerts: Sequence[Record] = (), events: Sequence[Record] = (), now: str = "2026-04-20"
) -> Any:
    return scorecard(read(alerts, events, *more), date(2026, 3, 1), shipped_calendar(), at(now))


def test_l_of_1203_rows_1100_matched_61_unmatched_30_duplicate_12_rejected_37_alerts_12_confirmed() -> None:
    alerts = [
        about(f"E{n}", alert_id=f"a_{n}", actions=[done("confirmed")] if n < 12 else [], status="ALERTED")
        for n in range(37)
    ]
    sent = delivery(1, accepted=1191, rejected=12, rejected_by={"id_check": 7, "date_serial": 4})
    counts = outcome(1, applied=1100, duplicate=30, parked=61, parked_now=61)

    found = card(
        ("delivery", sent), ("outcome", counts), alerts=alerts, events=[event(f"E{n}", 1, n) for n in range(37)]
    )

    assert found["rows"] == {
        "rows": 1203,
        "applied": 1100,
        "parked": 61,
        "duplicate": 30,
        "rejected": 12,
        "dead_lettered": 0,
        "waiting": 0,
        "repeated": 0,
    }
    assert (found["came_of_it"]["alerts"], found["came_of_it"]["confirmed"]) == (37, 12)
    assert [each["count"] for each in found["rejected_by"]] == [7, 4, 1]
    said = as_text(found)
    assert "共 1203 行：采用 1100 行，待户籍登记 61 行，重复 30 行，退回 12 行，无法处理 0 行" in said
    assert "预警 37 条：属实 12 条" in said
    assert "退回 7 行：身份证号校验位不符" in said


def test_an_alert_of_two_batches_of_a_month_is_one_alert() -> None:
    sent = [("delivery", delivery(number, 1)) for number in (1, 2)]

    found = card(*sent, alerts=[about("E1", "E2")], events=[event("E1", 1), event("E2", 2)])

    assert found["came_of_it"]["alerts"] == 1


def test_letters_are_told_by_reason_until_they_are_replayed() -> None:
    sent = [("delivery", delivery(1, 3)), ("outcome", outcome(1, applied=1, dead_lettered=2))]
    both = [("letter", letter("L1", 1)), ("letter", letter("L2", 1, reason="in_future"))]

    found = card(*sent, *both, ("letter", letter("L1", 1, replayed=True)))

    assert found["dead_letters_by"] == [{"reason": "in_future", "count": 1}]
    assert f"无法处理 1 行：{REASONS['in_future']}" in as_text(found)


@pytest.mark.parametrize(
    ("delivered", "now", "state", "late"),
    [
        ("2026-03-04", "2026-03-20", "on_time", 0),
        ("2026-03-09", "2026-03-20", "in_grace", 0),
        ("2026-03-16", "2026-03-20", "late", 5),
        (None, "2026-03-20", "owed", 9),
        (None, "2026-03-10", "awaited", 0),
    ],
)
def test_what_was_due_in_the_month_was_on_time_late_or_is_owed(
    delivered: str | None, now: str, state: str, late: int
) -> None:
    code = "health_insurance"
    begun = delivery(9, 0, department="education", delivered_at=at("2026-02-01"))
    sent = [] if delivered is None else [("delivery", delivery(1, 0, department=code, delivered_at=at(delivered)))]
    found = read([], [], ("delivery", begun), *sent)
    found.department = code

    made: Any = scorecard(found, date(2026, 3, 1), shipped_calendar(), at(now))
    (period,) = made["feed"]

    assert (period["period"], period["due"]) == ("2026年2月", "2026-03-06")
    assert (period["state"], period["days_late"]) == (state, late)


def test_what_ended_before_anybody_delivered_is_nobodys() -> None:
    first = delivery(1, 0, department="education", delivered_at=at("2026-03-01"))

    assert card(("delivery", first))["feed"] == []


def test_a_verdict_that_data_is_wrong_is_an_objection_with_batch_and_row_until_the_department_answers() -> None:
    alerts = [about("E1"), about("E1", version=2, status="REJECTED", actions=[done("rejected", **WRONG)])]
    sent = [event("E1", 1, row=17)]

    found = card(("delivery", delivery(1, 1)), alerts=alerts, events=sent)

    assert found["objections"]["raised"] == 1
    assert found["objections"]["open"] == [
        {
            "event_id": "E1",
            "batch_id": batch_id(1),
            "row": 17,
            "content_sha256": "ab" * 32,
            "since": "2026-03-10T10:00:00+08:00",
            "days": 41,
            "again": 0,
        }
    ]
    assert f"E1  批次 {batch_id(1)} 第 17 行  文件 abababababab  自 2026-03-10（41 天）" in as_text(found)


@pytest.mark.parametrize("changes", [{"reason": "no_such_cost"}, {"outcome": "conflict"}, {"outcome": "refused"}])
def test_other_answers_and_such_as_did_not_count_are_no_objections(changes: dict[str, str]) -> None:
    found = card(alerts=[about("E1", actions=[done("rejected", **{**WRONG, **changes})])], events=[event("E1", 1)])

    assert (found["objections"]["open"], found["objections"]["raised"]) == ([], 0)


def test_only_what_stood_on_the_page_that_was_answered_is_disputed() -> None:
    alerts = [
        about("E1", version=1),
        about("E1", "E2", version=4),
        about("E2", version=5, actions=[done("rejected", version_seen=3, **WRONG)]),
    ]

    found = card(alerts=alerts, events=[event("E1", 1), event("E2", 1)])

    assert [each["event_id"] for each in found["objections"]["open"]] == ["E1"]


def test_a_scorecard_says_nothing_of_households_people_or_other_departments() -> None:
    seen = {"evidence": ["F-SECRET"], "evidence_count": 1, "departments": ["education"]}
    version = about("E1", actions=[done("rejected", **WRONG)])
    version["causes"].append(cause("R12") | seen)

    found = card(("delivery", delivery(1, 1)), alerts=[version], events=[event("E1", 1, person_id="p_secret")])

    for said in (json.dumps(found, ensure_ascii=False), as_text(found), as_page(found)):
        assert [
            word for word in ("H-SECRET", "p_secret", "F-SECRET", "education", "教育", "220302001") if word in said
        ] == []


def test_the_page_loads_nothing_and_says_what_the_text_says() -> None:
    alerts = [about("E1", actions=[done("rejected", **WRONG)])]
    page = as_page(card(("delivery", delivery(1, 3, 2)), alerts=alerts, events=[event("E1", 1, row=3)]))

    assert "住建 2026年3月推送情况反馈" in page
    assert batch_id(1) in page
    assert not any(word in page for word in ("http://", "https://", "<script", "<link", "src="))


def test_every_reason_can_be_worded_without_a_row() -> None:
    for code in (*FAULTS, *REASONS):
        sent = delivery(1, 0, 1, rejected_by={code: 1})
        assert "{words" not in as_text(card(("delivery", sent)))


def this_month() -> str:
    return f"{instant(time.time_ns() // 1_000_000):%Y-%m}"


def objections_now(bus: RunningBus, event_id: str) -> Any:
    found = bus.json("scorecard", "education", "--month", this_month())["objections"]
    return {**found, "open": [each for each in found["open"] if each["event_id"] == event_id]}


@pytest.mark.kafka
def test_from_the_townships_answer_to_the_departments_correction_on_a_real_bus(bus: RunningBus, tmp_path: Path) -> None:
    pupil = identity_number(61, "20120607")
    row = dropout("OB-1", pupil)

    def publish(**changes: object) -> None:
        assert bus.json("publish", "education", json_lines(tmp_path / "rows.jsonl", [row | changes]))["accepted"] == 1
        bus.settle()

    bus.json("register", json_lines(tmp_path / "people.jsonl", [member(pupil, "OB-1")]))
    publish()
    (alert,) = bus.json_lines("alerts", "--household", "OB-1")
    officer = Officer(bus)
    officer.does("rejected", alert, "ob-1", reason="data_error", acted_at=time.time_ns() // 1_000_000)
    officer.close()
    bus.settle()

    disputed, answered = objections_now(bus, "OB-1"), alerts_of(bus, "OB-1")
    publish()
    sent_again = objections_now(bus, "OB-1")
    assert alerts_of(bus, "OB-1") == answered, "the same wrong row raises nothing"
    publish(status="in_school", revision=1)
    corrected = objections_now(bus, "OB-1")
    bus.run("scorecard", "education", "--month", this_month(), "--html", tmp_path / "card.html")

    assert [(each["row"], each["again"]) for each in disputed["open"] + sent_again["open"]] == [(1, 0), (1, 1)]
    assert (corrected["open"], corrected["ended"]["corrected"] >= 1) == ([], True)
    assert "教育" in (tmp_path / "card.html").read_text(encoding="utf-8")
