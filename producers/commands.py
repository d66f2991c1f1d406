"""The commands of this package: publish and register. What is heavy is imported when a command runs."""

from __future__ import annotations

import gc
import json
import os
import sys
import time
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from schemas.beijing import day_number
from schemas.departments import BY_CODE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from producers.publish import Outcome, Run
    from schemas.readers import NumberedRow, Source

EX_REJECTED = 1
EX_UNUSABLE = 2
_SHORTEST_KEY = 16

_data_dir = click.option(
    "--data-dir",
    envvar="ALERTBUS_DATA_DIR",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where the bus keeps its data; ./var if not given.",
)
_check = click.option("--check", is_flag=True, help="Look at the file and send nothing; needs no bus.")
_json = click.option("--json", "as_json", is_flag=True, help="For programs.")


@click.command()
@click.argument("department", type=click.Choice(sorted(BY_CODE)))
@click.argument("file", type=click.Path(path_type=Path))
@_check
@click.option("--covers-to", type=click.DateTime(["%Y-%m-%d"]), help="The file is complete up to this day.")
@_json
@_data_dir
def publish(
    department: str, file: Path, check: bool, covers_to: datetime | None, as_json: bool, data_dir: Path | None
) -> None:
    """Publish a department's FILE: its rows become events."""
    day = day_number(covers_to.date()) if covers_to else None
    _run(department, file, covers_to=day, check=check, as_json=as_json, data_dir=data_dir)


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@_check
@_json
@_data_dir
def register(file: Path, check: bool, as_json: bool, data_dir: Path | None) -> None:
    """Publish rows of the household register."""
    from producers.publish import REGISTER

    _run(REGISTER, file, covers_to=None, check=check, as_json=as_json, data_dir=data_dir)


def _run(sender: str, file: Path, *, covers_to: int | None, check: bool, as_json: bool, data_dir: Path | None) -> None:
    from producers.publish import REGISTER, Run
    from producers.send import BusError
    from schemas.bus import BusNotFoundError
    from schemas.event_columns import event_columns, titles_by_column
    from schemas.faults import FileError
    from schemas.readers.apart import open_outside
    from schemas.readers.headings import REGISTER_COLUMNS

    try:
        source = open_outside(file, REGISTER_COLUMNS if sender == REGISTER else event_columns(sender))
        run = Run(sender, time.time_ns() // 1_000_000, source.sha256, covers_to)
        source = _watched(source)
        outcome = _checked(source, run) if check else _published(source, run, data_dir)
    except (FileError, BusError, BusNotFoundError) as error:
        if as_json:
            print(json.dumps({"accepted": 0, "rejected": [], "error": str(error)}, ensure_ascii=False))
        print(f"未发送：{error}", file=sys.stderr)
        sys.exit(EX_UNUSABLE)
    _show(outcome, {} if sender == REGISTER else titles_by_column(sender), as_json=as_json, check=check)
    sys.exit(EX_REJECTED if outcome.rejected else 0)


def _watched(source: Source) -> Source:
    """Let people at a terminal see how far it is."""
    if not sys.stderr.isatty():
        return source

    def rows() -> Iterator[NumberedRow]:
        total = sum(1 for _ in source.rows())
        often = max(total // 200, 1)
        with click.progressbar(
            source.rows(), total, "推送", file=sys.stderr, show_pos=True, update_min_steps=often
        ) as shown:
            yield from shown

    return replace(source, rows=rows)


def _hurry() -> None:
    """Let the two threads, which make and send, change over less often, and look less for cycles: none is made.

    That saves a tenth of the CPU and more (docs/decisions/0022).
    """
    sys.setswitchinterval(0.02)
    gc.set_threshold(100_000, 50, 100)


def _checked(source: Source, run: Run) -> Outcome:
    """Any key will do where nothing is sent."""
    from producers.publish import check_rows, messages_of

    return check_rows(source.rows(), messages_of(run, b"check"))


def _published(source: Source, run: Run, data_dir: Path | None) -> Outcome:
    from producers.makers import made_beside
    from producers.publish import publish_results, topics_of
    from producers.send import connect
    from schemas.bus import find_bus

    bus = find_bus(os.environ, data_dir)
    key = county_key(bus.county_key_file)
    _hurry()
    with connect(bus.bootstrap_servers) as sender:
        sender.expect_topics(topics_of(run.sender))
        return publish_results(made_beside(source.rows(), run, key), run, sender)


def county_key(path: Path) -> bytes:
    """Key of person ids.

    Raises:
        BusError: it cannot be read, or is too short to protect anybody.

    """
    from producers.send import BusError

    try:
        key = path.read_bytes().strip()
    except OSError as error:
        raise BusError(f"读不到县级密钥 {path}：请用 ALERTBUS_COUNTY_KEY_FILE 指明密钥文件") from error
    if len(key) < _SHORTEST_KEY:
        raise BusError(f"县级密钥 {path} 太短：至少 {_SHORTEST_KEY} 字节")
    return key


def _show(outcome: Outcome, titles: Mapping[str, str], *, as_json: bool, check: bool) -> None:
    if as_json:
        print(f'{{"accepted": {outcome.accepted}, "rejected": [', end="")
        for place, found in enumerate(outcome.rejected):  # one by one: there may be a million
            print(", " if place else "", json.dumps(found._asdict(), ensure_ascii=False), sep="", end="")
        print("]}")
        return
    done = "可以接收" if check else "已接收"
    print(f"{done} {outcome.accepted} 行，退回 {len(outcome.rejected)} 行")
    for found in outcome.rejected:
        called = f"（{titles[found.field]}）" if found.field in titles else ""
        print(f"第 {found.row} 行 {found.field}{called}：{found.reason}")


COMMANDS = (publish, register)
