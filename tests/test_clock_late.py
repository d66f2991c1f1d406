"""The clock as a process: killed between the tick and the alert, it tells the county when it comes again, and once."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.up.program import Deadline
from schemas.beijing import day_of
from schemas.codec import Record, encode
from schemas.departments import BY_CODE
from schemas.topics import AREA_ALERTS, DELIVERIES, OUTCOMES, TOWNSHIP_EVENTS
from streams.ticking import Ticker
from tests.clocks import ClockProgram
from tests.deliveries import delivery, outcome
from tests.kafka_hands import decoded, publish
from tests.live_broker import LiveBroker
from tests.made_up_load import Message

pytestmark = pytest.mark.kafka

SECONDS = 40


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[str]:
    """Return a broker whose bus was ticked in May and yesterday, when nobody had delivered anything."""
    broker = LiveBroker(tmp_path / "broker")
    broker.start()
    ticker = Ticker(broker.declared())
    for ago in (200, 1):
        ticker.write(day_of(time.time_ns() // 1_000_000) - ago)
    ticker.close()
    yield broker.bootstrap_servers
    broker.stop()


def test_killed_between_tick_and_alert_the_county_is_told_by_the_next_clock_and_once(
    servers: str, tmp_path: Path
) -> None:
    first, second = ClockProgram(servers, tmp_path), ClockProgram(servers, tmp_path)
    first.dies_between_tick_and_alert()
    first.start()
    assert first.ended() == -signal.SIGKILL
    ticks = [each for each in decoded(servers, TOWNSHIP_EVENTS) if each["day"] > 0]
    assert len({each["day"] for each in ticks}) == 3
    assert decoded(servers, AREA_ALERTS) == []

    first.start()
    second.start()
    assert Deadline(SECONDS).reached(lambda: all(sum(one.days_late().values()) > 0 for one in (first, second)))
    late = first.days_late()
    known = {each["subjects"][0]: each["version"] for each in decoded(servers, AREA_ALERTS)}
    first.end()
    second.end()

    assert late.keys() == BY_CODE.keys()
    assert known == {code: max(each["day"] for each in ticks) for code, days in late.items() if days}


def test_rows_that_nobody_accounts_for_are_shown_until_somebody_does(servers: str, tmp_path: Path) -> None:
    hour_ago = time.time_ns() // 1_000_000 - 3_600_000
    sent = [(DELIVERIES, "delivery", delivery(n, accepted=3, delivered_at=hour_ago)) for n in (1, 2)]
    sent += [(DELIVERIES, "delivery", delivery(3, accepted=3, delivered_at=hour_ago + 3_600_000))]
    put(servers, *sent, (OUTCOMES, "outcome", outcome(1, applied=2, duplicate=1)))
    clock = ClockProgram(servers, tmp_path)
    clock.start()

    assert Deadline(SECONDS).reached(lambda: clock.unaccounted().get("housing") == 3)
    put(servers, (OUTCOMES, "outcome", outcome(2, 3, applied=3)))
    assert Deadline(SECONDS).reached(lambda: clock.unaccounted() == dict.fromkeys(BY_CODE, 0))
    clock.end()


def put(servers: str, *records: tuple[str, str, Record]) -> None:
    publish(servers, [Message(topic, 0, b"key", encode(name, content)) for topic, name, content in records])
