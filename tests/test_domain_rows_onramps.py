"""Rows of the domain's list (domain.md section 8) about on-ramps: what is taken, and what is refused where."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import pytest
from fastavro import parse_schema, schemaless_writer

from schemas.codec import Record, decode, encode
from schemas.feed_calendar import shipped_calendar
from schemas.partition import partition_of
from schemas.registry import FOLDER, registry
from schemas.topics import events_topic
from streams.clock_program import _samples
from streams.feed_alert import alert_id_of
from streams.feed_lateness import days_late
from streams.ticking import Ticker
from tests.builders import day
from tests.deliveries import event
from tests.feed_log import FeedClock, FeedLog
from tests.kafka_hands import publish
from tests.made_up_load import Message
from tests.running_bus import RunningBus

HOUSING = "housing"


def of_another_type(record: Record) -> bytes:
    """The event as a program encodes it that takes the house's grade for a text."""
    schema: Any = json.loads((FOLDER / "housing.avsc").read_text(encoding="utf-8"))
    inspection = next(branch for branch in schema["fields"][-1]["type"] if branch != "null")
    next(field for field in inspection["fields"] if field["name"] == "grade")["type"] = "string"
    out = BytesIO()
    out.write(registry()[1][HOUSING].header)
    body = (f"alertbus.{HOUSING}.Inspection", {**record["body"], "grade": "Grade D"})
    schemaless_writer(out, parse_schema(schema), {**record, "body": body})
    return out.getvalue()


@pytest.mark.kafka
def test_s4_valid_avro_is_accepted_and_a_wrong_type_is_a_dead_letter_with_the_fields_name(bus: RunningBus) -> None:
    person = "p_" + "s4" * 13
    sound = event("S4-1", 0, person_id=person, batch_id=None)
    messages = encode(HOUSING, sound), of_another_type({**sound, "event_id": "S4-2"})
    assert decode(messages[0])[0] == HOUSING
    before, key = bus.counts(), person.encode()

    publish(bus.bootstrap_servers, [Message(events_topic(HOUSING), partition_of(key), key, each) for each in messages])
    bus.settle()
    after = bus.counts()
    letters = bus.json_lines("dead-letters", "list", "--department", HOUSING, "--reason", "unreadable")

    assert after["parked"] - before["parked"] == 1, "accepted; the register does not know the person"
    assert after["dead_lettered"] - before["dead_lettered"] == 1
    assert letters[-1]["field"] == "grade"


def test_s4_a_feed_past_due_is_an_alert_to_the_county_and_the_gauge_says_how_many_days() -> None:
    log, clock = FeedLog(), None
    for each in ("2026-02-01", "2026-03-31"):
        clock = FeedClock(log)
        clock.tick(day(each))
        clock.tell()
    assert clock
    ticker = Ticker.__new__(Ticker)
    ticker.days_late, ticker.unaccounted = days_late(shipped_calendar(), clock.feeds), {}
    gauge = dict(_samples(ticker)["alertbus_feed_days_late"])
    told = log.known()[alert_id_of("health_insurance", day("2026-02-28"))]

    assert (told["kind"], told["status"]) == ("feed_late", "ALERTED")
    assert gauge["health_insurance",] == 20
    assert "迟到20天" in told["text"]
    assert gauge["education",] == 0
