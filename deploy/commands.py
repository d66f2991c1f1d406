"""The commands of this package: up, status and departments. What is heavy is imported when a command runs."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, Unpack

import click

from deploy.department_commands import departments
from schemas.bus import BusNotFoundError, county_key_file_of, data_dir_of, find_bus

if TYPE_CHECKING:
    from deploy.up.settings import InboxPage, UpSettings

EX_CONFIG = 78
"""Exit code of what a person must mend first."""

_data_dir = click.option(
    "--data-dir",
    envvar="ALERTBUS_DATA_DIR",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where the bus keeps its data; ./var if not given.",
)


class Tuning(TypedDict):
    """Options that are settings of `up` under the same name."""

    broker_port: int
    broker_heap: str
    metrics_port: int
    replication: int
    min_in_sync: int


@click.command()
@_data_dir
@click.option(
    "--workers", default=1, show_default=True, type=click.IntRange(1), help="Processes each of assign, correlate."
)
@click.option("--no-clock", is_flag=True, help="Write no ticks; `alertbus tick` does.")
@click.option("--no-township-side", is_flag=True, help="Start no notify and no inbox page.")
@click.option(
    "--inbox-port",
    envvar="ALERTBUS_INBOX_PORT",
    default=8000,
    show_default=True,
    type=click.IntRange(1, 65535),
    help="Of the inbox page, on the loopback address.",
)
@click.option(
    "--inbox-url",
    envvar="ALERTBUS_INBOX_URL",
    help="As people open the page; http://127.0.0.1:PORT if not given.",
)
@click.option(
    "--gateway",
    envvar="ALERTBUS_GATEWAY_PORT",
    is_flag=False,
    flag_value=8001,
    type=click.IntRange(1, 65535),
    metavar="[PORT]",
    help="Start the HTTP gateway, too; on port 8001 if none is given.",
)
@click.option(
    "--report",
    envvar="ALERTBUS_REPORT_PORT",
    is_flag=False,
    flag_value=8002,
    type=click.IntRange(1, 65535),
    metavar="[PORT]",
    help="Start the public's self-report page, too; on port 8002 if none is given.",
)
@click.option("--bootstrap-servers", envvar="KAFKA_BOOTSTRAP_SERVERS", help="Use this cluster and start no broker.")
@click.option("--broker-port", envvar="ALERTBUS_BROKER_PORT", default=0, help="0: a free port, kept from then on.")
@click.option("--broker-heap", envvar="ALERTBUS_BROKER_HEAP", default="1g", show_default=True, help="As -Xmx takes it.")
@click.option(
    "--first-metrics-port", "metrics_port", envvar="ALERTBUS_FIRST_METRICS_PORT", default=0, help="0: free ports."
)
@click.option("--replication", envvar="ALERTBUS_REPLICATION", default=1, show_default=True, help="Of each topic.")
@click.option("--min-in-sync", envvar="ALERTBUS_MIN_IN_SYNC", default=1, show_default=True, help="Of each topic.")
def up(
    data_dir: Path | None,
    workers: int,
    no_clock: bool,
    no_township_side: bool,
    inbox_port: int,
    inbox_url: str | None,
    gateway: int | None,
    report: int | None,
    bootstrap_servers: str | None,
    **tuning: Unpack[Tuning],
) -> None:
    """Run everything in the foreground; prints `ready {addresses}`."""
    from deploy.up.settings import UpSettings, shipped_programs
    from producers.database.config import FILE as DATABASE_FILE
    from producers.settings import listening_on

    folder = data_dir_of(os.environ, data_dir).absolute()
    programs = shipped_programs(
        workers,
        clock=not no_clock,
        township_side=not no_township_side,
        gateway=bool(gateway),
        report=bool(report),
        database=(folder / DATABASE_FILE).exists(),
    )
    page = None if no_township_side else _page(inbox_port, inbox_url)
    where = {name: listening_on(name, os.environ, port) for name, port in (("gateway", gateway), ("report", report))}
    key = county_key_file_of(os.environ, folder).absolute()
    _run(UpSettings(folder, key, bootstrap_servers or None, programs, **tuning, inbox=page, **where))


def _run(settings: UpSettings) -> None:
    from deploy.topics import TopicError
    from deploy.up.broker import BrokerError
    from deploy.up.run import PortTakenError, run
    from deploy.up.state import AlreadyRunningError
    from streams.activation import publish_shipped_rules

    try:
        run(settings, publish_shipped_rules)
    except (AlreadyRunningError, BrokerError, PortTakenError, TopicError) as error:
        print(f"alertbus up: {error}", file=sys.stderr)
        sys.exit(EX_CONFIG)


def _page(port: int, url: str | None) -> InboxPage:
    from deploy.up.ports import HOST
    from deploy.up.settings import InboxPage

    return InboxPage(port, url or f"http://{HOST}:{port}")


@click.command()
@_data_dir
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def status(data_dir: Path | None, as_json: bool) -> None:
    """Programs, lag and what became of the events."""
    from deploy.status import in_words, read_status

    try:
        found = read_status(find_bus(os.environ, data_dir))
    except BusNotFoundError as error:
        print(f"alertbus status: {error}", file=sys.stderr)
        sys.exit(1)
    print(json.dumps(asdict(found), ensure_ascii=False) if as_json else in_words(found))


COMMANDS = (up, status, departments)
