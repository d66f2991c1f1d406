"""Peer: Faust as its manual shows it. One event after the other, a table with its changelog, one send an alert.

docs/userguide: "Agents", "Tables and Windowing", "Settings". Values are raw bytes, so that Faust pays for no codec, and
the state is in memory, the fastest store; what lasts is the changelog. Run by tests/bench/correlate.py.
"""

from __future__ import annotations

import os
from typing import Any

import faust
from faust.worker import Worker

from schemas.topics import HOUSEHOLD_EVENTS, PARTITIONS
from tests.bench.decision import Decision
from tests.bench.progress import Progress

GROUP = "bench-faust"
ALERTS = "bench.alerts.faust"

app = faust.App(
    GROUP,
    broker=f"kafka://{os.environ['KAFKA_BOOTSTRAP_SERVERS']}",
    store="memory://",
    topic_partitions=PARTITIONS,
    topic_replication_factor=1,
    table_standby_replicas=0,
    consumer_auto_offset_reset="earliest",
    producer_linger=5,
    producer_max_batch_size=256 * 1024,
    web_enabled=False,
)
events = app.topic(
    HOUSEHOLD_EVENTS, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw", internal=False
)
alerts = app.topic(
    ALERTS, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw", partitions=PARTITIONS
)
households = app.Table("households", key_type=bytes, value_type=bytes, partitions=PARTITIONS)
decision = Decision()
progress = Progress()


@app.agent(events)  # type: ignore[untyped-decorator]  # faust is untyped here
async def correlate(stream: Any) -> None:
    """Judge each household at each of its events."""
    async for event in stream.events():
        message = event.message
        key, value = message.key, event.value
        if decision.stands_alone(key):
            decision.turn(message.partition, message.offset, int(message.timestamp * 1000), value)
        else:
            stored, alert = decision.take(message.partition, key, value, households.get(key))
            households[key] = stored
            if alert is not None:
                await alerts.send(key=key, value=alert)
        progress.done += 1


if __name__ == "__main__":
    Worker(app, loglevel="WARNING").execute_from_commandline()
