"""`alertbus reports`: how many of the public's reports were accepted, are being verified, concluded, late."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from producers.settings import report_store_of
from schemas.beijing import date_of
from schemas.bus import data_dir_of

if TYPE_CHECKING:
    from producers.report.tally import Tally

EX_DIFFERENT, EX_UNUSABLE = 1, 2
_STEPS = {"visit": "应已上门核实", "decision": "应已答复"}


@click.command()
@click.option(
    "--data-dir",
    envvar="ALERTBUS_DATA_DIR",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where the bus keeps its data; ./var if not given.",
)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def reports(data_dir: Path | None, *, as_json: bool) -> None:
    """Count the public's reports by where they stand, and list those for which a day has passed.

    Exit code 1 where accepted is not open + concluded.
    """
    found, unsent = _read(data_dir)
    if as_json:
        late = [each._asdict() | {"by": date_of(each.by).isoformat()} for each in found.late]
        said = {"accepted": found.accepted, "open": found.open, "concluded": found.concluded}
        print(json.dumps({**said, "adds_up": found.adds_up, "unsent": unsent, "late": late}, ensure_ascii=False))
    else:
        _show(found, unsent)
    sys.exit(0 if found.adds_up else EX_DIFFERENT)


def _read(data_dir: Path | None) -> tuple[Tally, int]:
    from producers.report.store import open_store
    from producers.report.tallying import tally
    from producers.store_file import StoreError

    file = report_store_of(os.environ, data_dir_of(os.environ, data_dir))
    if not file.exists():
        print(f"还没有申报库 {file}：请先用 alertbus up --report 启动申报页面", file=sys.stderr)
        sys.exit(EX_UNUSABLE)
    try:
        engine = open_store(file)
        found, unsent, _ = tally(engine, time.time_ns() // 1_000_000)
        engine.dispose()
    except StoreError as error:
        print(f"未完成：申报库不可用（{error}）", file=sys.stderr)
        sys.exit(EX_UNUSABLE)
    return found, unsent


def _show(found: Tally, unsent: int) -> None:
    from producers.report.words import RESULTS, STATES

    concluded = sum(found.concluded.values())
    equal = "相符" if found.adds_up else "不相符"
    print(f"受理 {found.accepted} 件 = 办结 {concluded} + 在办 {found.accepted - concluded}，{equal}")
    for codes, words in ((found.open, STATES), (found.concluded, RESULTS)):
        print("  " + "，".join(f"{words[code]} {number}" for code, number in codes.items()))
    if unsent:
        print(f"  尚未送上总线 {unsent} 件：请查看总线是否在运行")
    for late in found.late:
        print(f"逾期 {late.number}  {STATES[late.state]}，{date_of(late.by)} 前{_STEPS[late.step]}")


COMMANDS = (reports,)
