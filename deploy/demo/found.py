"""What is on the bus at the end, asked with the commands that people use, and from the programs' metrics."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field

from kafka import KafkaConsumer, TopicPartition

from deploy.counts import OUTCOMES, Series, scrape_all
from deploy.demo.bus import DemoBus, DemoError
from deploy.demo.told import Told, changes_on, messages_in, versions_on
from producers.county_book import places
from schemas.bus import STATE_FILE
from schemas.departments import DEPARTMENTS
from schemas.topics import ALERTS, AREA_ALERTS, PARTITIONS

Alert = dict[str, object]


@dataclass(frozen=True, slots=True)
class Found:
    """What became of what was handed in.

    Attributes:
        departments: department -> outcome -> events; released ones are applied.
        alerts: newest version of each, withdrawn ones included.
        dead_letters: reason -> messages.
        reconcile: what the recomputation said.
        to_tell: changes of which townships must be told, by the log of alerts.
        told: messages in their inboxes.
        first_alert_at: seconds since 1970, by the broker; None without alerts.
        restarts: of programs that died, which should not happen here.
        areas: newest version of each area alert, withdrawn ones included.
        funnel: wholes and their parts, as `alertbus status` says.

    """

    departments: dict[str, dict[str, int]]
    alerts: list[Alert]
    dead_letters: dict[str, int]
    reconcile: dict[str, object]
    to_tell: Counter[Told]
    told: Counter[Told]
    first_alert_at: float | None
    restarts: int = 0
    funnel: dict[str, int] = field(default_factory=dict)
    areas: list[Alert] = field(default_factory=list)


def find(bus: DemoBus) -> Found:
    """Wait until all is read, then look.

    Raises:
        DemoError: a command failed.

    """
    bus.settle()
    letters = Counter(str(letter["reason"]) for letter in _lines(bus, "dead-letters", "list"))
    reconciled = bus.run("reconcile", "--json")
    if not reconciled.out:
        raise DemoError(f"reconcile: {reconciled.err}")
    programs = _programs(bus)
    assign_ports = [int(str(row["metrics_port"])) for row in programs if str(row["name"]).startswith("assign-")]
    return Found(
        outcomes_by_department(scrape_all(assign_ports)),
        _lines(bus, "alerts"),
        dict(sorted(letters.items())),
        json.loads(reconciled.out),
        changes_on(bus.bootstrap_servers, places()),
        messages_in(bus.data_dir, places()),
        _first_alert_at(bus.bootstrap_servers),
        sum(int(str(row["restarts"])) for row in programs),
        json.loads(bus.run("status", "--json").out)["funnel"],
        list({str(alert["alert_id"]): alert for alert in versions_on(bus.bootstrap_servers, AREA_ALERTS)}.values()),
    )


def _lines(bus: DemoBus, *command: str) -> list[Alert]:
    answer = bus.run(*command, "--json")
    if answer.exit_code:
        raise DemoError(f"{' '.join(command)}: {answer.err}")
    return [json.loads(line) for line in answer.out.splitlines()]


def _programs(bus: DemoBus) -> list[dict[str, object]]:
    state = json.loads((bus.data_dir / STATE_FILE).read_text(encoding="utf-8"))
    return list(state["programs"])


def outcomes_by_department(metrics: dict[Series, float]) -> dict[str, dict[str, int]]:
    """Counts of design 10's metrics as people mean them: what was released is applied, parked is what is parked now."""
    found = {d.code: dict.fromkeys(OUTCOMES, 0) for d in DEPARTMENTS}
    for (name, pairs), value in metrics.items():
        labels = dict(pairs)
        counts = found.get(labels.get("department", ""))
        if counts is None:
            continue
        outcome = labels.get("outcome")
        if name == "alertbus_events_total" and outcome in counts and outcome != "parked":
            counts[outcome] += int(value)
        elif name == "alertbus_released_events_total":
            counts["applied"] += int(value)
        elif name == "alertbus_parked_events":
            counts["parked"] += int(value)
    return found


def _first_alert_at(servers: str) -> float | None:
    """When the broker took the first alert."""
    partitions = [TopicPartition(ALERTS, number) for number in range(PARTITIONS)]
    consumer = KafkaConsumer(bootstrap_servers=servers)
    try:
        found = consumer.offsets_for_times(dict.fromkeys(partitions, 0))
    finally:
        consumer.close()
    times = [entry.timestamp for entry in found.values() if entry is not None]
    return min(times) / 1000 if times else None
