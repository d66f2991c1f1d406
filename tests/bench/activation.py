"""How long live events take while 100 000 households are judged anew: python -m tests.bench.activation.

Every household has bills, one in a hundred a red alert. The set that is activated halves the lines and makes houses of
grade D orange, so that each of those alerts gets another version.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import threading
import time
from pathlib import Path

from confluent_kafka import Producer

from streams.activation import RuleWriter
from streams.rule_set import RuleSet, shipped
from tests.bench.latency import Load, figures_of, measure
from tests.bench.made_up_events import bill, register_rows, unsafe_house
from tests.running_bus import RunningBus

_ALERTED = 100


def other_rules() -> RuleSet:
    """The shipped set with other lines and levels, without the combinations that name them."""
    content = json.loads(shipped().content)
    content["rules"] = [rule for rule in content["rules"] if "parts" not in rule["condition"]]
    for rule in content["rules"]:
        if rule["condition"].get("kind") == "housing.inspection":
            rule["levels"] = [{"level": "orange", "says": "C级、D级", "where": {"grade": ["C", "D"]}}]
        for line in rule.get("thresholds", []):
            line |= {name: fen // 2 for name, fen in line.items() if name not in {"region", "year"}}
    return RuleSet.from_content(json.dumps(content))


def prepare(servers: str, households: int, fresh: range) -> None:
    """Register everybody; three bills for each of the households, a bad house for some."""
    producer = Producer({"bootstrap.servers": servers, "linger.ms": 20, "queue.buffering.max.messages": 500_000})
    now = time.time_ns() // 1_000_000
    messages = (row for numbers in (range(households), fresh) for row in register_rows(numbers, now))
    bills = (bill(n + households * k, n, now) for k in range(3) for n in range(households))
    houses = (unsafe_house(n, now) for n in range(0, households, _ALERTED))
    for each in (messages, bills, houses):
        for topic, partition, key, value in each:
            producer.produce(topic, value, key, partition)
            producer.poll(0)
        producer.flush()


def activate_in(servers: str, seconds: float, rules: RuleSet) -> None:
    """Publish a set now and activate it a while later."""
    writer = RuleWriter(servers)
    writer.publish(rules)
    time.sleep(seconds)
    writer.activate(rules.hash, "a bench")
    writer.close()


def main() -> int:
    """Measure without an activation, then with one, then how long it took until everybody was judged."""
    options = _options()
    first, rules = 10**6, other_rules()
    loads = [Load(options.rate, options.seconds, 20, first * (1 + at)) for at in range(3)]
    with tempfile.TemporaryDirectory(prefix="alertbus-activation-") as folder:
        bus = RunningBus(Path(folder) / "data")
        bus.start()
        try:
            for load in loads:
                prepare(bus.bootstrap_servers, options.households if load is loads[0] else 0, load.fresh)
            bus.settle(600)
            measure(bus.bootstrap_servers, loads[0])  # the broker compiles itself
            print({"quiet": figures_of(loads[1], measure(bus.bootstrap_servers, loads[1]))}, flush=True)
            activating = threading.Thread(target=activate_in, args=(bus.bootstrap_servers, 5, rules))
            activating.start()
            taken = measure(bus.bootstrap_servers, loads[2])
            activating.join()
            began = time.monotonic()
            print({"activated": figures_of(loads[2], taken)}, flush=True)
            bus.judged_anew(600)
            print({"judged_anew_s_after_the_load": round(time.monotonic() - began, 1)}, flush=True)
        finally:
            bus.stop()
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--households", type=int, default=100_000)
    parser.add_argument("--rate", type=int, default=500, help="live events a second")
    parser.add_argument("--seconds", type=int, default=60)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
