"""Run the demo: python -m deploy.demo [--seed N] [--households N] [--once]."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

import click

from deploy.demo.bus import DemoBus, DemoError, fresh
from deploy.demo.compare import differences
from deploy.demo.found import find
from deploy.demo.play import load_book, play, write_plan
from deploy.demo.prometheus import prometheus
from deploy.demo.summary import summary
from deploy.demo.township_side import invite, most_urgent, unopened, write_roster
from producers.county import LEAST_HOUSEHOLDS, Plan, make_county
from schemas.beijing import BEIJING

_DATA_DIR = Path("var/demo")
_AT_LEAST = click.IntRange(LEAST_HOUSEHOLDS)
T = TypeVar("T")


@click.command()
@click.option("--seed", envvar="SEED", default=1, show_default=True, help="Chooses the county.")
@click.option(
    "--households", envvar="HOUSEHOLDS", default=5000, show_default=True, type=click.IntRange(LEAST_HOUSEHOLDS)
)
@click.option("--once", envvar="ONCE", is_flag=True, help="End by itself; exit 0 only if everything is accounted for.")
@click.option("--data-dir", default=_DATA_DIR, show_default=True, type=click.Path(path_type=Path, file_okay=False))
def demo(seed: int, households: int, data_dir: Path, *, once: bool) -> None:
    """Everything on this machine: broker, programs, a made-up county's year, and a summary of it."""
    started = time.time()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # so that the bus is stopped, too
    yesterday = (datetime.now(BEIJING) - timedelta(days=1)).date()
    try:
        fresh(data_dir)
        plan = make_county(seed, households, yesterday)
        write_plan(plan, data_dir)
        write_roster(data_dir)
        _say(f"虚构县：{plan.truth.households} 户 {plan.truth.people} 人，截至 {yesterday} 的 12 个月（种子 {seed}）")
        with DemoBus(data_dir) as bus, prometheus(data_dir) as operations:
            _say(f"消息总线已就绪，用时 {time.time() - started:.1f} 秒")
            _say(f"Prometheus：{operations}")
            good = _run(plan, bus, started)
            if not once:
                _say(f"按 Ctrl-C 结束；另开终端可用 alertbus status、alertbus alerts --data-dir {data_dir}")
                bus.wait()
        if once:
            _say(f"演示已结束；要打开页面：alertbus up --no-clock --data-dir {data_dir}")
    except DemoError as error:
        sys.exit(f"演示中止 / demo stopped: {error}")
    sys.exit(0 if good or not once else 1)


def _run(plan: Plan, bus: DemoBus, started: float) -> bool:
    """Play the year and look at what came of it; whether everything is accounted for."""
    _say(f"住户簿已加载 {load_book(bus)} 户（虚构）")
    played = _timed("推送", lambda: play(plan, bus, _say))
    found = _timed("核对", lambda: find(bus))
    print(summary(plan.truth, played, found, started))
    links = invite(bus, most_urgent(found.alerts))
    wrong = [*differences(plan.truth, played, found), *unopened(links)]
    for line in wrong:
        _say(f"不一致：{line}")
    if not wrong:
        _say("全部对得上：每一条都有去向，重算无差异，与注入的真相一致 / everything is accounted for")
    _say(f"待办页面 {bus.inbox}，登录链接（各用一次，打开后自己设密码）/ sign-in links, each works once:")
    for link in links:
        _say(f"  {link.whose}：{link.address}")
    return not wrong


def _timed(what: str, work: Callable[[], T]) -> T:
    begun = time.time()
    result = work()
    _say(f"{what}完成，用时 {time.time() - begun:.1f} 秒")
    return result


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    demo()
