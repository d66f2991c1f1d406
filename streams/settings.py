"""Settings of the stream programs: name, default, meaning. Read once in __main__."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from schemas.bus import data_dir_of


class Setting(NamedTuple):
    """An environment variable."""

    name: str
    default: str
    help: str


SETTINGS: tuple[Setting, ...] = (
    Setting("KAFKA_BOOTSTRAP_SERVERS", "", "host:port, comma-separated; required"),
    Setting("ALERTBUS_DATA_DIR", "var", "where this bus keeps its files"),
    Setting("ALERTBUS_METRICS_PORT", "0", "port of /metrics on the loopback address; 0 picks a free one"),
    Setting("ALERTBUS_PROGRAM", "", "name in logs and metrics, e.g. correlate-1"),
    Setting("ALERTBUS_SESSION_TIMEOUT", "15", "seconds until a silent worker loses its partitions"),
    Setting("ALERTBUS_COMMIT_INTERVAL", "1", "seconds between offset commits"),
    Setting("ALERTBUS_WATCHDOG_SECONDS", "120", "a worker with lag and no progress for so long ends itself"),
    Setting("ALERTBUS_FAILPOINTS", "", "tests only: folder whose files stop the program at named points"),
)


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of one program."""

    bootstrap_servers: str
    data_dir: Path
    metrics_port: int
    program: str
    session_timeout: float
    commit_interval: float
    watchdog_seconds: float
    failpoints: Path | None


def read_settings(program: str, environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings of a program from the environment.

    Raises:
        ValueError: KAFKA_BOOTSTRAP_SERVERS is missing, or a number is none.

    """
    value = {s.name: environ.get(s.name) or s.default for s in SETTINGS}
    if not value["KAFKA_BOOTSTRAP_SERVERS"]:
        message = "KAFKA_BOOTSTRAP_SERVERS is not set: start programs with `alertbus up`"
        raise ValueError(message)
    failpoints = value["ALERTBUS_FAILPOINTS"]
    return Settings(
        bootstrap_servers=value["KAFKA_BOOTSTRAP_SERVERS"],
        data_dir=data_dir_of(environ),
        metrics_port=int(value["ALERTBUS_METRICS_PORT"]),
        program=value["ALERTBUS_PROGRAM"] or program,
        session_timeout=float(value["ALERTBUS_SESSION_TIMEOUT"]),
        commit_interval=float(value["ALERTBUS_COMMIT_INTERVAL"]),
        watchdog_seconds=float(value["ALERTBUS_WATCHDOG_SECONDS"]),
        failpoints=Path(failpoints) if failpoints else None,
    )
