"""`alertbus reconcile`: recompute from the sources and list every difference from the live alerts."""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from schemas.bus import BusNotFoundError, find_bus
from schemas.feed_calendar import shipped_calendar
from streams.reconcile import Difference, area_differences, differences, lasting
from streams.recount import place_facts, verdicts
from streams.recount_area import expected_areas, expected_conflicts
from streams.recount_feeds import KIND, feed_differences

if TYPE_CHECKING:
    from streams.sources import Reading

WAIT_SECONDS = 60
_PAUSE_SECONDS = 1


@dataclass(frozen=True, slots=True)
class Report:
    """What a reconciliation found.

    Attributes:
        areas: alerts of places that must stand.
        facts: that count in a household, or were published of places.
        removed: whose source is no longer kept; their households are not compared where they differ.
        lag: records the processors had still to read at the last reading.

    """

    households: int
    areas: int
    facts: int
    removed: int
    lag: int
    differences: list[Difference]


def reconcile_bus(servers: str, wait_seconds: float = WAIT_SECONDS) -> Report:
    """Read and compare; what differs is read again, until the processors are done or the time is over.

    Raises:
        KafkaError: the bus does not answer.

    """
    from streams.sources import read_sources

    end = time.monotonic() + wait_seconds
    report = _compare(read_sources(servers))
    while report.differences:
        time.sleep(_PAUSE_SECONDS)
        again = _compare(read_sources(servers))
        report = replace(again, differences=lasting(again.differences, report.differences))
        if report.lag == 0 or time.monotonic() > end:
            break
    return report


def _compare(reading: Reading) -> Report:
    due, areas = verdicts(reading.history), reading.areas
    alerts = {household_id: verdict.alert for household_id, verdict in due.items()}
    of_areas = expected_areas(areas, due) | expected_conflicts(reading.history.rows)
    unknown = areas.left_out | {due[home].place.township for home in reading.removed if home in due}
    found = [d for d in differences(reading.live, alerts) if d.household_id not in reading.removed]
    of_feeds = {alert_id: alert for alert_id, alert in reading.live_areas.items() if alert["kind"] == KIND}
    live_areas = {alert_id: alert for alert_id, alert in reading.live_areas.items() if alert_id not in of_feeds}
    found += [d for d in area_differences(live_areas, of_areas) if d.place_code not in unknown]
    found += feed_differences(of_feeds, reading.feeds, shipped_calendar())
    facts = sum(map(len, place_facts(reading.history).values())) + len(areas.events)
    removed = len(areas.removed.union(*reading.removed.values()))
    return Report(len(due), len(of_areas), facts, removed, reading.lag, found)


def in_words(report: Report) -> str:
    """What the county monitor reads."""
    counted = f"{report.households} 户、{report.areas} 条村镇预警、{report.facts} 条事实"
    lines = [f"核对 {counted}，差异 {len(report.differences)} 处。"]
    if report.removed:
        lines.append(f"另有 {report.removed} 条事实的原始记录已过保存期，相关户和村镇的差异不计。")
    if report.lag:
        lines.append(f"处理程序还有 {report.lag} 条记录未读完，请稍后再核对。")
    lines += [f"{_whose(d)}  {d.what}：现为 {d.live}，应为 {d.expected}" for d in report.differences]
    return "\n".join(lines)


def _whose(difference: Difference) -> str:
    if difference.household_id is not None:
        return f"户 {difference.household_id}"
    if difference.place_code is None:
        return f"部门推送  预警 {difference.alert_id or ''}"
    return f"村镇 {difference.place_code or '（户籍登记）'}  预警 {difference.alert_id}"


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One object.")
@click.option("--data-dir", envvar="ALERTBUS_DATA_DIR", type=click.Path(path_type=Path, file_okay=False))
def reconcile(data_dir: Path | None, *, as_json: bool) -> None:
    """Recompute every alert from the sources and list each difference; exit 1 if there is any."""
    try:
        servers = find_bus(os.environ, data_dir).bootstrap_servers
    except BusNotFoundError as error:
        print(f"alertbus reconcile: {error}", file=sys.stderr)
        sys.exit(2)
    report = reconcile_bus(servers)
    print(json.dumps(asdict(report), ensure_ascii=False) if as_json else in_words(report))
    sys.exit(1 if report.differences else 0)
