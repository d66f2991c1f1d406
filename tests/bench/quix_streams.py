"""Peer: Quix Streams as its documentation shows it. A stateful `apply`, its RocksDB state and its changelog topic.

quix.io/docs: "Stateful Processing". State and values are bytes, so that Quix pays for no codec. Run by
tests/bench/correlate.py.
"""

from __future__ import annotations

import os

from quixstreams import Application, State, message_context

from schemas.topics import HOUSEHOLD_EVENTS
from tests.bench.decision import Decision
from tests.bench.progress import Progress

GROUP = "bench-quix"
ALERTS = "bench.alerts.quix"


def main() -> None:
    """Run until SIGTERM."""
    decision, progress = Decision(), Progress()

    def judge(value: bytes, key: bytes, timestamp: int, _headers: object, state: State) -> bytes | None:
        context = message_context()
        progress.done += 1
        if decision.stands_alone(key):
            decision.turn(context.partition, context.offset, timestamp, value)
            return None
        stored, alert = decision.take(context.partition, key, value, state.get_bytes("household"))
        state.set_bytes("household", stored)
        return alert

    app = Application(
        os.environ["KAFKA_BOOTSTRAP_SERVERS"],
        consumer_group=GROUP,
        auto_offset_reset="earliest",
        state_dir=os.environ["BENCH_STATE_DIR"],
        loglevel="WARNING",
        producer_extra_config={"linger.ms": 20, "batch.size": 500_000},
    )
    events = app.topic(HOUSEHOLD_EVENTS, key_deserializer="bytes", value_deserializer="bytes")
    alerts = app.topic(ALERTS, key_serializer="bytes", value_serializer="bytes")
    frame = app.dataframe(events).apply(judge, stateful=True, metadata=True)
    frame.filter(lambda alert: alert is not None).to_topic(alerts)
    app.run()


if __name__ == "__main__":
    main()
