"""`alertbus status`: programs, lag and counts of a running bus."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypedDict

from kafka.errors import KafkaError

from consumers.funnel import lines_in, records_line, steps
from consumers.notify_log import GROUP as NOTIFY
from deploy.counts import Series, counts_in, scrape_all
from schemas.bus import STATE_FILE, Bus
from schemas.topics import ALERTS, AREA_ALERTS
from streams.lag import INPUTS, Positions, lag_of, published_in, read_positions

_GROUPS = {**INPUTS, NOTIFY: (ALERTS, AREA_ALERTS)}
_FUNNEL = "alertbus_funnel"
_LATE = "alertbus_feed_days_late"
_WAITING = {"deliveries": "alertbus_deliveries_pending", "answers": "alertbus_outbox_actions"}


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
        waiting: messages that still have to reach a township, answers that still have to reach the bus; as far as
            notify and inbox say.
        funnel: wholes and their parts, from records to verdicts; as far as notify says.
        errors: what could not be asked.
        feeds_late: days by department, of those that are late; as far as a clock says.

    """

    ready: bool
    programs: tuple[ProgramRow, ...]
    lag: dict[str, dict[str, int]]
    counts: dict[str, int]
    waiting: dict[str, int]
    errors: tuple[str, ...] = ()
    funnel: dict[str, int] = field(default_factory=dict)
    feeds_late: dict[str, int] = field(default_factory=dict)


def read_status(bus: Bus) -> Status:
    """Ask the supervisor's file, the cluster and the programs."""
    programs = _programs(bus)
    counts = counts_in(_metrics_of(programs, "assign-"))
    of_others = _metrics_of(programs, "notify", "inbox", "clock")
    waiting, late = _waiting_in(of_others), late_in(of_others)
    try:
        positions = read_positions(bus.bootstrap_servers, _GROUPS)
    except KafkaError as error:
        errors = (f"broker {bus.bootstrap_servers}: {error}",)
        return Status(False, programs, {}, {"published": 0, **counts}, waiting, errors)
    ready = bool(programs) and all(p["state"] == "ready" for p in programs)
    lag = lag_shown(positions, notify_runs=any(p["name"] == NOTIFY for p in programs))
    published = published_in(positions)
    funnel = steps([records_line(published, counts)]) | _funnel_in(of_others)
    return Status(ready, programs, lag, {"published": published, **counts}, waiting, (), funnel, late)


def _metrics_of(programs: Iterable[ProgramRow], *names: str) -> dict[Series, float]:
    """Metrics of the programs whose names begin so."""
    return scrape_all(p["metrics_port"] for p in programs if p["metrics_port"] and p["name"].startswith(names))


def _waiting_in(metrics: Mapping[Series, float]) -> dict[str, int]:
    return {what: int(metrics[name, ()]) for what, name in _WAITING.items() if (name, ()) in metrics}


def late_in(metrics: Mapping[Series, float]) -> dict[str, int]:
    """Days by department, of those whose feed is late."""
    return {labels[0][1]: int(days) for (name, labels), days in metrics.items() if name == _LATE and days > 0}


def _funnel_in(metrics: Mapping[Series, float]) -> dict[str, int]:
    return {labels[0][1]: int(value) for (name, labels), value in metrics.items() if name == _FUNNEL}


def lag_shown(positions: Positions, *, notify_runs: bool) -> dict[str, dict[str, int]]:
    """Lag of every group; of notify only where somebody notifies: a bus may run without."""
    lag = lag_of(positions, _GROUPS)
    return lag if notify_runs or positions.committed[NOTIFY] else {group: lag[group] for group in INPUTS}


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
    lines += [f"  {line}" for line in lines_in(status.funnel)]
    lines += [f"  {what + ' waiting':<19} {count}" for what, count in status.waiting.items()]
    lines += [f"  late feed {code:<17} {days} days" for code, days in sorted(status.feeds_late.items())]
    return "\n".join([*lines, *(f"  {error}" for error in status.errors)])
