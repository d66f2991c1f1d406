"""`alertbus explain HOUSEHOLD`: why it was, or was not, flagged, as of any day."""

from __future__ import annotations

import os
import sys
from datetime import datetime
from pathlib import Path

import click

from schemas.beijing import date_of, day_number
from schemas.bus import BusNotFoundError, find_bus


@click.command()
@click.argument("household")
@click.option("--at", type=click.DateTime(["%Y-%m-%d"]), help="End of this Beijing day; without it, now.")
@click.option("--json", "as_json", is_flag=True, help="One object.")
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False), help="Write a printable page to this file.")
@click.option("--data-dir", envvar="ALERTBUS_DATA_DIR", type=click.Path(path_type=Path, file_okay=False))
def explain(household: str, at: datetime | None, html: Path | None, data_dir: Path | None, *, as_json: bool) -> None:
    """Say of a household what had arrived, and every rule with its figures against its lines."""
    from streams.explain import canonical
    from streams.explain_log import explain_household  # kafka-python: not paid for by --help
    from streams.explain_words import as_text

    try:
        servers = find_bus(os.environ, data_dir).bootstrap_servers
    except BusNotFoundError as error:
        print(f"alertbus explain: {error}", file=sys.stderr)
        sys.exit(2)
    answer, heard = explain_household(servers, household, None if at is None else day_number(at.date()))
    if not heard.over:
        day = date_of(heard.day)
        print(f"alertbus explain: {day} is not over on this bus; what still comes then belongs to it", file=sys.stderr)
    if html is not None:
        from streams.explain_page import as_page

        html.write_text(as_page(answer), encoding="utf-8")
    print(canonical(answer) if as_json else as_text(answer), end="")
