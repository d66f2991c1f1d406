"""`alertbus status`: programs, lag and counts of a running bus."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TypedDict

from kafka.errors import KafkaError

from deploy.counts import counts_in, scrape_all
from schemas.bus import STATE_FILE, Bus
from streams.lag import lag_of, published_in, read_positions


class ProgramRow(TypedDict):
    """A supervised program as bus.json has it."""

    name: str
    pid: int | None
    state: str
    restarts: int
    metrics_port: int | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Status:
    """What a bus is doing.

    Attributes:
        programs: as the supervisor sees them; none where no supervisor runs on the data directory.
        lag: records still to be read, by group and `topic-partition`.
        counts: published, applied, duplicate, parked, dead_lettered.
        errors: what could not be asked.

    """

    ready: bool
    programs: tuple[ProgramRow, ...]
    lag: dict[str, dict[str, int]]
    counts: dict[str, int]
    errors: tuple[str, ...] = ()


def read_status(bus: Bus) -> Status:
    """Ask the supervisor's file, the cluster and the assign programs."""
    programs = _programs(bus)
    counts = counts_in(
        scrape_all(p["metrics_port"] for p in programs if p["name"].startswith("assign-") and p["metrics_port"])
    )
    try:
        positions = read_positions(bus.bootstrap_servers)
    except KafkaError as error:
        return Status(False, programs, {}, {"published": 0, **counts}, (f"broker {bus.bootstrap_servers}: {error}",))
    ready = bool(programs) and all(p["state"] == "ready" for p in programs)
    return Status(ready, programs, lag_of(positions), {"published": published_in(positions), **counts})


def _programs(bus: Bus) -> tuple[ProgramRow, ...]:
    try:
        state = json.loads((bus.data_dir / STATE_FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return ()
    return tuple(state["programs"])


def in_words(status: Status) -> str:
    """Lines for people."""
    lines = ["ready" if status.ready else "not ready"]
    for row in status.programs:
        restarts = f", restarted {row['restarts']} times" if row["restarts"] else ""
        reason = f": {row['reason']}" if row["reason"] else ""
        lines.append(f"  {row['name']:<14} {row['state']:<9} pid {row['pid'] or '-'}{restarts}{reason}")
    lines += [f"  behind {group:<12} {sum(lag.values())} records" for group, lag in status.lag.items()]
    lines += [f"  {name:<14} {count}" for name, count in status.counts.items()]
    return "\n".join([*lines, *(f"  {error}" for error in status.errors)])
