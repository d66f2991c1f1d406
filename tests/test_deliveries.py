"""`alertbus deliveries`: which alerts came of which batch, in counts, and on a real bus that its rows add up."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.results.came_of import CameOf
from producers.results.deliveries import Read, in_words, lines
from schemas.codec import Record
from tests.builders import at
from tests.deliveries import HOUSING, MARCH, about, batch_id, delivery, done, event, letter, outcome
from tests.people import identity_number, json_lines, member
from tests.running_bus import RunningBus
from tests.seeds import seeds


def read(alerts: Sequence[Record], events: Sequence[Record], *more: tuple[str, Record]) -> Read:
    """What is known of housing; events stand in their order on one partition, a second apart."""
    found = Read(HOUSING)
    for version in alerts:
        found.came_of.take_alert(version)
    for offset, each in enumerate(events):
        found.came_of.take_event(each, MARCH + offset * 1000, 0, offset)
    for name, content in more:
        if name == "letter":
            found.letters.take(content)
        else:
            found.books.take(name, content, 0)
    return found


def came_of(found: Read, number: int) -> dict[str, int]:
    alert_ids = found.came_of.by_batch().get(batch_id(number), set())
    return found.came_of.verdicts(alert_ids)._asdict()


def test_an_alert_came_of_the_batches_whose_events_it_names() -> None:
    found = read([about("E1", "E2")], [event("E1", 1), event("E2", 2), event("E3", 3)])

    assert [came_of(found, number)["alerts"] for number in (1, 2, 3)] == [1, 1, 0]


def test_a_batch_that_only_repeats_events_brought_no_alert_and_one_that_corrects_them_did() -> None:
    events = [event("E1", 1), event("E1", 2), event("E1", 3, grade="C", revision=1)]
    found = read([about("E1")], events)

    assert [came_of(found, number)["alerts"] for number in (1, 2, 3)] == [1, 0, 1]


def test_a_retraction_brought_no_alert() -> None:
    found = read([about("E1")], [event("E1", 1), event("E1", 2, revision=1, retracted=True, body=None)])

    assert [came_of(found, number)["alerts"] for number in (1, 2)] == [1, 0]


def test_verdicts_are_counted_once_an_alert_and_the_last_one_stands() -> None:
    alerts = [
        about("E1", version=1),
        about("E1", version=2, status="REJECTED", actions=[done("rejected")]),
        about("E1", version=4, status="CONFIRMED", actions=[done("rejected"), done("confirmed", 3)]),
        about("E2", alert_id="a_two", status="REJECTED", actions=[done("rejected", outcome="conflict")]),
        about("E3", alert_id="a_three", status="LEAD"),
    ]
    found = read(alerts, [event("E1", 1), event("E2", 1), event("E3", 1)])

    assert came_of(found, 1) == {"alerts": 2, "confirmed": 1, "rejected": 0, "already_covered": 0, "unanswered": 1}


def test_an_event_of_another_department_under_the_same_id_is_not_counted() -> None:
    found = read([about("E1", departments=("education",))], [event("E1", 1)])

    assert came_of(found, 1)["alerts"] == 0


def test_a_line_says_what_became_of_each_row_and_a_replayed_letter_is_no_letter() -> None:
    found = read(
        [about("E1", actions=[done("confirmed")], status="CONFIRMED")],
        [event("E1", 1)],
        ("delivery", delivery(1, accepted=4, rejected=2)),
        ("outcome", outcome(1, applied=3, parked=1, parked_now=1, dead_lettered=1)),
        ("letter", letter("L1", 1)),
        ("letter", letter("L1", 1, replayed=True)),
    )

    (line,) = lines(found, None)

    assert {key: line[key] for key in ("rows", "rejected", "applied", "parked", "dead_lettered", "adds_up")} == {
        "rows": 6,
        "rejected": 2,
        "applied": 3,
        "parked": 1,
        "dead_lettered": 0,
        "adds_up": True,
    }
    assert in_words(line).splitlines()[0].endswith("行数相符")
    assert "属实 1" in in_words(line)


def test_a_month_is_beijings() -> None:
    first = ("delivery", delivery(1, 0, delivered_at=at("2026-03-01T00:00:00")))
    last = ("delivery", delivery(2, 0, delivered_at=at("2026-03-31T23:59:59")))
    after = ("delivery", delivery(3, 0, delivered_at=at("2026-04-01T00:00:00")))
    found = read([], [], after, last, first)

    assert [line["batch_id"] for line in lines(found, date(2026, 3, 1))] == [batch_id(1), batch_id(2)]
    assert [line["batch_id"] for line in lines(found, None)] == [batch_id(1), batch_id(2), batch_id(3)]
    assert [line["batch_id"] for line in lines(found, date(2025, 12, 1))] == []


def test_a_report_of_the_public_is_no_delivery_that_was_not_ended() -> None:
    report = {**outcome(1, applied=1), "batch_id": "report-4821-0937-5512"}
    found = read([], [], ("outcome", report), ("outcome", outcome(2, applied=1)))

    assert [(line["batch_id"], line["state"]) for line in lines(found, None)] == [(batch_id(2), "unfinished")]


@seeds(60)
@given(st.randoms(use_true_random=False))
def test_order_and_repetition_of_records_do_not_matter(chance: random.Random) -> None:
    ids = ("E1", "E2", "E3")
    answers = [done("confirmed"), done("rejected", reason="data_error"), done("verifying")]
    alerts = [
        about(
            *chance.sample(ids, chance.randint(0, 3)),
            alert_id=f"a_{number % 3}",
            version=number,
            status=chance.choice(["LEAD", "ALERTED", "REJECTED"]),
            actions=chance.sample(answers, chance.randint(0, 3)),
        )
        for number in range(1, 9)
    ]
    events = [event(chance.choice(ids), chance.randrange(4), revision=chance.randrange(2)) for _ in range(8)]
    log = [(each, MARCH + n, 0, n) for n, each in enumerate(events)]
    one, other = CameOf(HOUSING), CameOf(HOUSING)

    for found, order in ((one, lambda x: x), (other, lambda x: chance.sample([*x, *x], 2 * len(x)))):
        for version in order(alerts):
            found.take_alert(version)
        for record in order(log):
            found.take_event(*record)

    assert one == other
    assert one.by_batch() == other.by_batch()


@pytest.mark.kafka
def test_a_file_adds_up_on_a_real_bus_and_says_what_came_of_it(bus: RunningBus, tmp_path: Path) -> None:
    def inspection(order: int, **changes: Any) -> dict[str, Any]:
        row = {"event_id": f"DL-{order}", "kind": "inspection", "id_number": identity_number(order, "19710305")}
        day = {"occurred_at": "2026-09-01", "inspected_on": "2026-09-01"}
        return {**row, **day, "grade": "D", "hazard": "crack", **changes}

    rows = [inspection(1), inspection(1), inspection(2), inspection(3, grade="E")]
    bus.run("register", json_lines(tmp_path / "people.jsonl", [member(identity_number(1, "19710305"), "DL-1")]))
    bus.settle()
    before = {line["batch_id"] for line in bus.json_lines("deliveries", "housing")}

    bus.run("publish", "housing", json_lines(tmp_path / "rows.jsonl", rows))
    bus.settle()
    (line,) = [each for each in bus.json_lines("deliveries", "housing") if each["batch_id"] not in before]

    assert {key: line[key] for key in ("rows", "applied", "duplicate", "parked", "rejected", "waiting", "adds_up")} == {
        "rows": 4,
        "applied": 1,
        "duplicate": 1,
        "parked": 1,
        "rejected": 1,
        "waiting": 0,
        "adds_up": True,
    }
    assert (line["source"], line["came_of_it"]["alerts"], line["came_of_it"]["unanswered"]) == ("file", 1, 1)
    assert "行数相符" in bus.run("deliveries", "housing").stdout
