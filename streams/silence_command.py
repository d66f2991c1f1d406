"""`alertbus silent`: households of which no core department has spoken for a year, to be looked after."""

from __future__ import annotations

import json
import os
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from schemas.beijing import date_of, day_number
from schemas.bus import BusNotFoundError, find_bus
from schemas.departments import BY_CODE, CORE
from streams.silence import SILENT_DAYS, Silent, by_township

if TYPE_CHECKING:
    from streams.silence_log import Silence


@click.command()
@click.option("--at", type=click.DateTime(["%Y-%m-%d"]), help="Beijing calendar day; without it, the last tick's.")
@click.option("--township", help="List only this township, by its 9-digit code.")
@click.option("--json", "as_json", is_flag=True, help="One object.")
@click.option("--data-dir", envvar="ALERTBUS_DATA_DIR", type=click.Path(path_type=Path, file_okay=False))
def silent(at: datetime | None, township: str | None, data_dir: Path | None, *, as_json: bool) -> None:
    """List households of which no core department has spoken for a year: silence is not safety."""
    from streams.silence_log import read_silence  # kafka-python: not paid for by --help

    try:
        servers = find_bus(os.environ, data_dir).bootstrap_servers
    except BusNotFoundError as error:
        print(f"alertbus silent: {error}", file=sys.stderr)
        sys.exit(2)
    found = read_silence(servers, None if at is None else day_number(at.date()))
    if found is None:
        print("alertbus silent: there was no tick yet: say a day with --at", file=sys.stderr)
        sys.exit(1)
    listed = [each for each in found.silent if township in (None, each.where.township)]
    if as_json:
        print(json.dumps(as_object(found, listed), ensure_ascii=False))
    else:
        print("\n".join(in_words(found, listed)))


def as_object(found: Silence, listed: list[Silent]) -> dict[str, Any]:
    """What `--json` prints; `listed` are the silent households that are asked for."""
    shares = by_township(found.inhabited, found.silent)
    return {
        "day": str(date_of(found.day)),
        "silent_days": SILENT_DAYS,
        "as_of": {code: str(date_of(found.positions[code])) for code in CORE if code in found.positions},
        "households": len(found.inhabited),
        "silent": len(found.silent),
        "townships": {code: share._asdict() for code, share in shares.items()},
        "listed": [
            {
                "household_id": each.household_id,
                "township_code": each.where.township,
                "village_code": each.where.village,
                "grid_code": each.where.grid,
                "last_on": None if each.last is None else str(date_of(each.last)),
            }
            for each in listed
        ],
    }


def in_words(found: Silence, listed: list[Silent]) -> list[str]:
    """What the county monitor reads."""
    names = "、".join(BY_CODE[code].name for code in CORE)
    known = "，".join(
        f"{BY_CODE[code].name}{'至' + str(date_of(found.positions[code])) if code in found.positions else '从未推送'}"
        for code in CORE
    )
    sum_ = (
        f"截至{date_of(found.day)}，{len(found.inhabited)}户中有{len(found.silent)}户在此前{SILENT_DAYS}天里"
        f"没有任何核心部门（{names}）的数据。没有数据不等于没有风险，请入户排查。"
    )
    lines = [sum_, f"部门数据：{known}。数据迟到的部门，先请其推送。"]
    shares = by_township(found.inhabited, found.silent)
    lines += [f"乡镇 {code}  {share.silent}户（共{share.households}户）" for code, share in shares.items()]
    return [*lines, *(_line(each) for each in listed)]


def _line(each: Silent) -> str:
    last = "保存期内没有" if each.last is None else str(date_of(each.last))
    return f"户 {each.household_id}  村 {each.where.village}  网格 {each.where.grid}  最近一次数据：{last}"
