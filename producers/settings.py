"""Settings of the producer programs: name, default, meaning. Read once in __main__."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from schemas.bus import county_key_file_of, data_dir_of
from schemas.listening import Listening, listening_of


class Setting(NamedTuple):
    """An environment variable."""

    name: str
    default: str
    help: str


SETTINGS: tuple[Setting, ...] = (
    Setting("KAFKA_BOOTSTRAP_SERVERS", "", "host:port, comma-separated; required"),
    Setting("ALERTBUS_DATA_DIR", "var", "where this bus keeps its files"),
    Setting("ALERTBUS_METRICS_PORT", "0", "port of /metrics on the loopback address; 0 picks a free one"),
    Setting("ALERTBUS_PROGRAM", "", "name in logs and metrics"),
    Setting("ALERTBUS_GATEWAY_HOST", "127.0.0.1", "address on which the gateway listens"),
    Setting("ALERTBUS_GATEWAY_PORT", "8001", "port of the gateway"),
    Setting("ALERTBUS_GATEWAY_CERT", "", "PEM file of the gateway's certificate and its chain"),
    Setting("ALERTBUS_GATEWAY_CERT_KEY", "", "PEM file of the certificate's private key"),
    Setting(
        "ALERTBUS_GATEWAY_STORE", "", "file of keys and receipts; gateway.db in the data directory where not given"
    ),
    Setting("ALERTBUS_GATEWAY_REQUESTS", "600", "requests a minute that one key may make"),
    Setting("ALERTBUS_GATEWAY_BODY_MB", "16", "MiB that a body may have, unpacked"),
    Setting("ALERTBUS_REPORT_HOST", "127.0.0.1", "address on which the self-report page listens"),
    Setting("ALERTBUS_REPORT_PORT", "8002", "port of the self-report page"),
    Setting("ALERTBUS_REPORT_CERT", "", "PEM file of the page's certificate and its chain"),
    Setting("ALERTBUS_REPORT_CERT_KEY", "", "PEM file of the certificate's private key"),
    Setting("ALERTBUS_REPORT_URL", "", "the page as people open it; its own address where not given"),
    Setting("ALERTBUS_REPORT_PROXIES", "", "addresses of proxies in front, whose X-Forwarded-For is believed"),
    Setting("ALERTBUS_REPORT_STORE", "", "file of reports; report.db in the data directory where not given"),
    Setting("ALERTBUS_REPORT_PER_ADDRESS", "20", "reports that one address may send in an hour"),
)


@dataclass(frozen=True, slots=True)
class ReportPage:
    """Settings of the self-report page.

    Attributes:
        url: as people open it.
        proxies: whose word on where a request comes from is believed; empty: nobody's.
        from_address: reports an hour.

    """

    listening: Listening
    url: str
    proxies: str
    store: Path
    from_address: int


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of one program."""

    bootstrap_servers: str
    data_dir: Path
    county_key_file: Path
    metrics_port: int
    program: str
    listening: Listening
    store: Path
    per_minute: int
    body_bytes: int
    report: ReportPage


def read_settings(program: str, environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings of a program from the environment.

    Raises:
        ValueError: KAFKA_BOOTSTRAP_SERVERS is missing, or a number is none.

    """
    value = {s.name: environ.get(s.name) or s.default for s in SETTINGS}
    if not value["KAFKA_BOOTSTRAP_SERVERS"]:
        raise ValueError("KAFKA_BOOTSTRAP_SERVERS is not set: start programs with `alertbus up`")
    data_dir = data_dir_of(environ)
    return Settings(
        bootstrap_servers=value["KAFKA_BOOTSTRAP_SERVERS"],
        data_dir=data_dir,
        county_key_file=county_key_file_of(environ, data_dir),
        metrics_port=int(value["ALERTBUS_METRICS_PORT"]),
        program=value["ALERTBUS_PROGRAM"] or program,
        listening=listening_of("gateway", value),
        store=gateway_store_of(environ, data_dir),
        per_minute=int(value["ALERTBUS_GATEWAY_REQUESTS"]),
        body_bytes=int(value["ALERTBUS_GATEWAY_BODY_MB"]) << 20,
        report=_report_page(environ, value, data_dir),
    )


def _report_page(environ: Mapping[str, str], value: Mapping[str, str], data_dir: Path) -> ReportPage:
    listening = listening_of("report", value)
    return ReportPage(
        listening,
        value["ALERTBUS_REPORT_URL"] or listening.url,
        value["ALERTBUS_REPORT_PROXIES"],
        report_store_of(environ, data_dir),
        int(value["ALERTBUS_REPORT_PER_ADDRESS"]),
    )


def listening_on(program: str, environ: Mapping[str, str], port: int | None) -> Listening | None:
    """Where `gateway` or `report` listens, on this port; None without one."""
    if port is None:
        return None
    value = {s.name: environ.get(s.name) or s.default for s in SETTINGS}
    return listening_of(program, {**value, f"ALERTBUS_{program.upper()}_PORT": str(port)})


def gateway_store_of(environ: Mapping[str, str], data_dir: Path) -> Path:
    """Where keys and receipts are: ALERTBUS_GATEWAY_STORE, or gateway.db in the data directory."""
    return Path(environ.get("ALERTBUS_GATEWAY_STORE") or data_dir / "gateway.db")


def report_store_of(environ: Mapping[str, str], data_dir: Path) -> Path:
    """Where reports are: ALERTBUS_REPORT_STORE, or report.db in the data directory."""
    return Path(environ.get("ALERTBUS_REPORT_STORE") or data_dir / "report.db")
