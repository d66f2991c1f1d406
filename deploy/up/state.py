"""What `alertbus up` tells others in its data directory: bus.json, the scrape targets, and the lock.

AlreadyRunningError     another `up` runs on this data directory
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.up.atomic import write_text
from deploy.up.ports import HOST
from deploy.up.program import Program
from schemas.bus import STATE_FILE

TARGETS_FILE = "scrape-targets.json"


class AlreadyRunningError(Exception):
    """Another `alertbus up` runs on this data directory."""


@dataclass(frozen=True, slots=True)
class Place:
    """What stays the same while one `up` runs.

    Attributes:
        inbox: address of the inbox page, as people open it; None where it is not run.
        gateway: address of the HTTP gateway; likewise. `report`: of the self-report page.

    """

    data_dir: Path
    bootstrap_servers: str
    county_key_file: Path
    metrics_port: int
    inbox: str | None
    gateway: str | None = None
    report: str | None = None


@contextmanager
def sole_owner(data_dir: Path) -> Iterator[None]:
    """Hold the data directory; released by the kernel when this process ends, however it ends.

    Raises:
        AlreadyRunningError: another process holds it.

    """
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / "up.lock").open("w", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyRunningError(
                f"`alertbus up` already runs on {data_dir}: stop it, or choose another --data-dir",
            ) from error
        yield


def write_state(place: Place, programs: Sequence[Program]) -> None:
    """Replace bus.json and the file from which Prometheus takes its targets (file_sd)."""
    rows = [
        {
            "name": program.spec.name,
            "pid": program.pid,
            "state": program.state,
            "restarts": program.restarts,
            "metrics_port": program.spec.metrics_port,
            "reason": program.reason,
        }
        for program in programs
    ]
    state = {
        "bootstrap_servers": place.bootstrap_servers,
        "pid": os.getpid(),
        "metrics_port": place.metrics_port,
        "county_key_file": str(place.county_key_file),
        "inbox": place.inbox,
        "gateway": place.gateway,
        "report": place.report,
        "programs": rows,
    }
    write_text(place.data_dir / STATE_FILE, json.dumps(state, indent=1) + "\n")
    ports = {"supervisor": place.metrics_port} | {
        p.spec.name: p.spec.metrics_port for p in programs if p.spec.metrics_port
    }
    targets = [{"targets": [f"{HOST}:{port}"], "labels": {"program": name}} for name, port in ports.items()]
    write_text(place.data_dir / TARGETS_FILE, json.dumps(targets, indent=1) + "\n")


def remove_state(data_dir: Path) -> None:
    """Forget the bus: it ended in order."""
    for name in (STATE_FILE, TARGETS_FILE):
        (data_dir / name).unlink(missing_ok=True)
