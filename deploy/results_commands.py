"""`alertbus deliveries`, `alertbus scorecard`: what became of a department's rows, and what came of them."""

from __future__ import annotations

import json
import os
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from schemas.bus import BusNotFoundError, find_bus
from schemas.departments import BY_CODE

if TYPE_CHECKING:
    from producers.results.deliveries import Read

EX_UNUSABLE = 2
_department = click.argument("department", type=click.Choice(sorted(BY_CODE)))
_month = click.DateTime(["%Y-%m"])
_json = click.option("--json", "as_json", is_flag=True, help="For programs.")
_data_dir = click.option("--data-dir", envvar="ALERTBUS_DATA_DIR", type=click.Path(path_type=Path, file_okay=False))


@click.command()
@_department
@click.option("--month", type=_month, help="Only deliveries of this month, as 2026-03.")
@_json
@_data_dir
def deliveries(department: str, month: datetime | None, data_dir: Path | None, *, as_json: bool) -> None:
    """Show a DEPARTMENT's deliveries: rows, what became of each, alerts and confirmations that came of them.

    Exit code 1 where the rows of one that is delivered do not add up, or not yet.
    """
    from producers.results.deliveries import in_words, lines

    found = list(lines(_read(department, data_dir), month and month.date()))
    for line in found:
        print(json.dumps(line, ensure_ascii=False) if as_json else in_words(line))
    sys.exit(any(line["state"] == "delivered" and not line["adds_up"] for line in found))


@click.command()
@_department
@click.option("--month", type=_month, required=True, help="As 2026-03.")
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False), help="Write a printable page to this file.")
@_json
@_data_dir
def scorecard(department: str, month: datetime, html: Path | None, data_dir: Path | None, *, as_json: bool) -> None:
    """Show a DEPARTMENT's month in counts, and the rows that townships call wrong."""
    from producers.results.scorecard import scorecard as card_of
    from producers.results.words import as_text
    from schemas.feed_calendar import shipped_calendar

    read = _read(department, data_dir)
    card = card_of(read, month.date(), shipped_calendar(), time.time_ns() // 1_000_000)
    if html is not None:
        from producers.results.page import as_page

        html.write_text(as_page(card), encoding="utf-8")
    print(json.dumps(card, ensure_ascii=False) + "\n" if as_json else as_text(card), end="")


def _read(department: str, data_dir: Path | None) -> Read:
    from deploy.results import read_results

    try:
        servers = find_bus(os.environ, data_dir).bootstrap_servers
    except BusNotFoundError as error:
        print(f"alertbus: {error}", file=sys.stderr)
        sys.exit(EX_UNUSABLE)
    return read_results(servers, department)


COMMANDS = (deliveries, scorecard)
