"""Side by side, in one run, on one log: our correlate, Faust as its manual shows it, Quix Streams (`make bench`).

All take the decision with the same functions of `streams` and keep durable state in a changelog; each prints the
SHA-256 of its alerts, and no figure counts unless they are equal. All judge by four rules; at last ours processes the
same log once more with all rules that are shipped. With --peer-events the peers, and ours beside them, process the
log's beginning only; ours then processes the whole log once more, from nothing.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from itertools import chain
from pathlib import Path

from deploy.topics import ensure_topics
from schemas.topics import TOPICS, Topic
from streams.activation import RuleWriter
from streams.rule_set import RuleSet, shipped
from tests.bench.alert_set import AlertSet, read_alerts
from tests.bench.clean import forget
from tests.bench.contestants import FAUST, OURS, OURS_WITH_ALL, QUIX, Contestant, Result, run
from tests.bench.filling import fill
from tests.bench.four_rules import four
from tests.bench.made_up_log import Message, facts, opening
from tests.bench.table import table
from tests.live_broker import LiveBroker

_PEERS = {"quix": QUIX, "faust": FAUST}


class Bench:
    """A broker, a log on it, and what came out so far."""

    def __init__(self, folder: Path, broker: LiveBroker, rules: RuleSet) -> None:
        """Declare the topics, and judge by these rules from the log's start on."""
        self._folder = folder
        self._broker = broker
        self.servers = broker.declared()
        self.records = 0
        self.rows: list[tuple[Result, AlertSet]] = []
        outs = [Topic(peer.alerts, "alerts of a peer", retention_days=None) for peer in _PEERS.values()]
        ensure_topics(self.servers, topics=[*TOPICS, *outs])
        writer = RuleWriter(self.servers)
        writer.publish(rules)
        writer.activate(rules.hash, "a bench")
        writer.close()

    def fill(self, messages: Iterator[Message]) -> None:
        """Lengthen the log."""
        fill(self.servers, messages)

    def compete(self, contestant: Contestant, records: int, *, workers: int = 1) -> None:
        """Let one process the log of so many records."""
        if contestant.ours:
            forget(self.servers, contestant.module[1])
        folder = self._folder / f"{contestant.name}-{len(self.rows)}"
        result = run(contestant, self.servers, folder, records, self._broker.pid, workers=workers)
        alerts = read_alerts(self.servers, contestant.alerts)
        self.rows.append((result, alerts))
        print(f"{result.name:20} {result.rate:9.0f} events/s  alerts {alerts.alerts}  {alerts.digest}", flush=True)


def main() -> int:
    """Run; 1 where the alerts differ."""
    options = _options()
    first = min(options.peer_events or options.events, options.events)
    records = options.households + first + 24  # activations and ticks
    with tempfile.TemporaryDirectory(prefix="alertbus-bench-") as name:
        with _running(Path(name) / "four", four()) as bench:
            equal = _compare(bench, options, first, records)
        with _running(Path(name) / "all", shipped()) as wide:
            wide.fill(opening(options.households, first))
            wide.compete(OURS_WITH_ALL, records)
    found = [*bench.rows, *wide.rows]
    print(table([result for result, _ in found]))
    print(_of_all_rules([result for result, _ in found[: 1 + len(options.peers)]], found[-1][0]))
    if options.json:
        rows = [{**asdict(r), "events_per_second": r.rate, **asdict(a)} for r, a in found]
        Path(options.json).write_text(json.dumps({"alerts_equal": equal, "rows": rows}, indent=1) + "\n")
    print("alerts are equal" if equal else "ALERTS DIFFER: no figure counts", flush=True)
    return 0 if equal else 1


@contextmanager
def _running(folder: Path, rules: RuleSet) -> Iterator[Bench]:
    folder.mkdir()
    broker = LiveBroker(folder)
    broker.start()
    try:
        yield Bench(folder, broker, rules)
    finally:
        broker.stop()


def _of_all_rules(others: Sequence[Result], wide: Result) -> str:
    return f"with all rules: {', '.join(f'{wide.rate / other.rate:.2f} × {other.name}' for other in others)}"


def _compare(bench: Bench, options: argparse.Namespace, first: int, records: int) -> bool:
    bench.fill(opening(options.households, first))
    bench.compete(OURS, records)
    for peer in options.peers:
        bench.compete(_PEERS[peer], records)
    equal = len({alerts.digest for _, alerts in bench.rows}) == 1
    rest = options.events - first
    if rest:
        bench.fill(chain(facts(rest, options.households, 3)))
        bench.compete(OURS, records + rest)
    if options.workers > 1:
        bench.compete(OURS, records + rest, workers=options.workers)
        equal &= not rest or bench.rows[-1][1].digest == bench.rows[-2][1].digest
    return equal


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000, help="facts on the log")
    parser.add_argument("--households", type=int, default=100_000)
    parser.add_argument("--peer-events", type=int, default=0, help="facts that peers process; 0 for all")
    parser.add_argument("--peers", nargs="*", choices=sorted(_PEERS), default=["quix", "faust"])
    parser.add_argument("--workers", type=int, default=1, help="ours once more with so many processes")
    parser.add_argument("--json", help="write the figures to this file")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
