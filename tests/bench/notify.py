"""From publishing an alert to its signed webhook at the township, at so many alerts a second.

The publisher is open-loop: alert i is due at start + i / rate whatever happens, and time counts from then. Every
alert goes into the store, into an inbox and to a webhook; one receiver stands for all townships' systems.

    python tests/bench/notify.py [--rate 100] [--seconds 30] [--database postgresql://…]
"""

from __future__ import annotations

import argparse
import base64
import json
import multiprocessing
import sys
import tempfile
import time
from pathlib import Path

from confluent_kafka import Producer

from deploy.up.program import Deadline
from schemas.partition import partition_of
from schemas.topics import ALERTS
from tests.alerts import alert, encoded
from tests.live_broker import LiveBroker
from tests.live_webhook import LiveWebhook
from tests.notifiers import Notifier

TOWNSHIPS = 15
_SECRET = b"s" * 32
_GRACE_S = 30


def townships() -> list[str]:
    """Codes of the made-up townships."""
    return [f"2203020{number:02}" for number in range(1, TOWNSHIPS + 1)]


def roster(url: str) -> str:
    """All townships with an inbox and a webhook."""
    key = "whsec_" + base64.b64encode(_SECRET).decode()
    ways = f'[{{ channel = "inbox" }}, {{ channel = "webhook", url = "{url}", secrets = ["{key}"] }}]'
    return "\n".join(f"[townships.{code}]\nchannels = {ways}" for code in townships())


def publish(servers: str, first: int, count: int, rate: float, start: float) -> None:
    """Publish on time; `start` is of time.time."""
    producer = Producer({"bootstrap.servers": servers, "linger.ms": 1, "acks": "all"})
    for number in range(first, first + count):
        name, household = f"a_{number:07}", f"H{number}".encode()
        value = encoded(alert(alert_id=name, household_id=household.decode(), township_code=_township(number)))
        early = start + (number - first) / rate - time.time()
        if early > 0:
            time.sleep(early)
        producer.produce(ALERTS, value, household, partition_of(household))
        producer.poll(0)
    producer.flush()


def _township(number: int) -> str:
    return townships()[number % TOWNSHIPS]


def measure(servers: str, receiver: LiveWebhook, first: int, rate: float, seconds: int) -> list[float]:
    """Publish and wait for every webhook; seconds from due to arrived, sorted.

    Raises:
        RuntimeError: webhooks are missing.

    """
    receiver.forget()
    count, start = int(rate * seconds), time.time() + 2
    arguments = (servers, first, count, rate, start)
    child = multiprocessing.get_context("spawn").Process(target=publish, args=arguments)
    child.start()
    if not Deadline(2 + seconds + _GRACE_S).reached(lambda: len(receiver.received) >= count):
        raise RuntimeError(f"{count - len(receiver.received)} webhooks never came")
    child.join()
    due = {f"a_{number:07}": start + (number - first) / rate for number in range(first, first + count)}
    return sorted(
        request.arrived_at - due[json.loads(request.body)["data"]["alert_id"]] for request in receiver.received
    )


def figures(rate: float, taken: list[float]) -> dict[str, float]:
    """What is said of a run."""

    def at(share: float) -> float:
        return round(taken[min(len(taken) - 1, int(len(taken) * share))] * 1000, 1)

    return {
        "alerts_per_second": rate,
        "alerts": len(taken),
        "p50_ms": at(0.5),
        "p99_ms": at(0.99),
        "max_ms": at(1),
    }


def main() -> int:
    """Measure after a warm-up."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="alertbus-notify-") as folder:
        broker, receiver = LiveBroker(Path(folder) / "data"), LiveWebhook(_SECRET).start()
        broker.start()
        notifier = Notifier("notify", broker.declared(), Path(folder) / "n", roster(receiver.url), options.database)
        try:
            notifier.start_ready()
            measure(broker.bootstrap_servers, receiver, 0, options.rate, options.warm_up)
            taken = measure(broker.bootstrap_servers, receiver, 1_000_000, options.rate, options.seconds)
            print(json.dumps(figures(options.rate, taken)))
            print(
                f"CPU of notify: {notifier.metric('alertbus_cpu_seconds_total', program='notify'):.1f} s",
                file=sys.stderr,
            )
        finally:
            notifier.end()
            broker.stop()
            receiver.stop()
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=100)
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--warm-up", type=int, default=15, help="seconds: the broker compiles itself")
    parser.add_argument("--database", help="URL of the store; SQLite in a temporary folder where not given")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
