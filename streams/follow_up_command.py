"""`alertbus relocated`: relocated households without any measure, to be looked after."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from schemas.beijing import day_of
from schemas.bus import BusNotFoundError, find_bus

if TYPE_CHECKING:
    from streams.follow_up import FollowUp


@click.command()
@click.option("--township", help="List only this township, by its 9-digit code.")
@click.option("--json", "as_json", is_flag=True, help="One object.")
@click.option("--data-dir", envvar="ALERTBUS_DATA_DIR", type=click.Path(path_type=Path, file_okay=False))
def relocated(township: str | None, data_dir: Path | None, *, as_json: bool) -> None:
    """List relocated households of which no measure is known; each is to have at least one."""
    try:
        servers = find_bus(os.environ, data_dir).bootstrap_servers
    except BusNotFoundError as error:
        print(f"alertbus relocated: {error}", file=sys.stderr)
        sys.exit(2)
    found = read_follow_up(servers, day_of(time.time_ns() // 1_000_000))
    listed = [each for each in found.without if township in (None, each[1].township)]
    said = as_object(found._replace(without=listed))
    print(json.dumps(said, ensure_ascii=False) if as_json else "\n".join(in_words(said)))


def read_follow_up(servers: str, day: int) -> FollowUp:
    """Read the sources, as reconcile does; the measures are those of the rule set that is active.

    Raises:
        KafkaError: the bus does not answer.

    """
    from streams.follow_up import follow_up  # kafka-python: not paid for by --help
    from streams.rule_set import shipped
    from streams.sources import read_sources

    reading = read_sources(servers)
    rules = next(iter(reading.history.rule_sets.values()), None)
    return follow_up(reading.history, reading.live, rules or shipped(), day)


def as_object(found: FollowUp) -> dict[str, Any]:
    """What `--json` prints."""
    return {
        "households": found.households,
        "listed": [
            {"household_id": home, "township_code": at.township, "village_code": at.village, "grid_code": at.grid}
            for home, at in found.without
        ],
    }


def in_words(said: dict[str, Any]) -> list[str]:
    """What the county monitor reads."""
    lines = [f"易地搬迁户{said['households']}户，其中{len(said['listed'])}户没有任何帮扶措施的记录，请至少落实一项。"]
    return [*lines, *(f"户 {e['household_id']}  村 {e['village_code']}  网格 {e['grid_code']}" for e in said["listed"])]
