"""A fault run: load at a steady rate, faults one after the other, then everything is checked."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

from schemas.beijing import day_of
from streams.activation import publish_shipped_rules
from streams.lag import INPUTS
from streams.ticking import Ticker
from tests.chaos.checks import Verdict, afterwards
from tests.chaos.cluster import Cluster
from tests.chaos.faults import Fault, kill_broker, kill_worker, stop_worker
from tests.chaos.publisher import Publisher
from tests.kafka_hands import publish
from tests.made_up_load import NOW, Load


@dataclass(frozen=True, slots=True)
class Plan:
    """How much of what.

    Attributes:
        per_second: events, steadily; slow enough to last for all faults.
        away_seconds: how long a killed broker is away.

    """

    events: int
    households: int
    per_second: float
    kills: int
    stops: int
    broker_kills: int
    away_seconds: float = 2
    workers: int = 2
    seed: int = 1


def faults_of(plan: Plan) -> list[str]:
    """All faults in a shuffled order."""
    kills = [f"kill {group}" for group in islice(cycle(INPUTS), plan.kills)]
    stops = [f"stop {group}" for group in islice(cycle(("correlate", "area", "assign")), plan.stops)]
    faults = [*kills, *stops, *["broker"] * plan.broker_kills]
    random.Random(plan.seed).shuffle(faults)
    return faults


def run(plan: Plan, folder: Path) -> tuple[list[Fault], Verdict]:
    """Carry a plan out; every fault is printed as it happens."""
    cluster = Cluster(folder, plan.workers)
    try:
        publish_shipped_rules(cluster.servers)
        load = Load(plan.households, plan.seed)
        publish(cluster.servers, load.register())
        cluster.start()
        publisher = Publisher(cluster.servers, load.events(plan.events), plan.per_second)
        publisher.start()
        faults = _carry_out(cluster, plan, publisher)
        sent = publisher.finish(600)
        print(f"{sent} events published, {len(faults)} faults", flush=True)
        verdict = afterwards(cluster, load)
        print(verdict, flush=True)
        return faults, verdict
    finally:
        cluster.close()


def _carry_out(cluster: Cluster, plan: Plan, publisher: Publisher) -> list[Fault]:
    rnd = random.Random(plan.seed)
    faults: list[Fault] = []
    names = faults_of(plan)
    for place, name in enumerate(names):
        publisher.allowed = plan.events * (place + 1) // (len(names) + 1)
        began = time.monotonic()
        if name.startswith("kill "):
            fault = kill_worker(cluster, name.removeprefix("kill "), rnd)
        elif name == "broker":
            fault = kill_broker(cluster, rnd, plan.away_seconds)
        else:
            fault = stop_worker(cluster, name.removeprefix("stop "), rnd)
        faults.append(fault)
        print(f"{place + 1:>3} {fault}; {publisher.sent} sent, {time.monotonic() - began:.0f} s", flush=True)
        cluster.revive()
        cluster.wait_ready()
        if place == 1:
            tick(cluster.servers, day_of(NOW) + 1)
    publisher.allowed = plan.events
    return faults


def tick(servers: str, day: int) -> None:
    """Write a day's tick to every partition in the middle of it all."""
    ticker = Ticker(servers)
    try:
        ticker.write(day)
    finally:
        ticker.close()
