"""`alertbus alerts`: the newest version of each household's alert."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import click

from schemas.actions import ACTIONS, OUTCOMES, REFUSALS, STATUSES
from schemas.beijing import date_of, instant
from schemas.bus import BusNotFoundError, find_bus
from schemas.codec import decode
from schemas.topics import ALERTS

_INSTANTS = ("first_occurred_at", "raised_at", "known_at")
_OF_A_CAUSE = ("first_occurred_at", "last_occurred_at")
_HIDDEN = ("source_topic", "source_partition", "source_offset")


def newest_alerts(servers: str) -> dict[str, dict[str, Any]]:
    """Newest version of every alert by alert id, withdrawn ones included, as decoded."""
    from streams.log_reader import read_all

    newest: dict[str, dict[str, Any]] = {}
    for record in read_all(servers, [ALERTS]):
        alert = decode(record.value)[1]
        known = newest.get(alert["alert_id"])
        if known is None or alert["version"] > known["version"]:
            newest[alert["alert_id"]] = alert
    return newest


def for_people(alert: dict[str, Any]) -> dict[str, Any]:
    """The shape of `alertbus alerts`: times in ISO 8601 with Beijing's offset, days as dates."""
    shown = {key: value for key, value in alert.items() if key not in _HIDDEN}
    for key in _INSTANTS:
        shown[key] = _time(shown[key])
    shown["as_of"] = {code: date_of(day).isoformat() for code, day in sorted(alert["as_of"].items())}
    until = alert["tracking_until"]
    shown["tracking_until"] = None if until is None else date_of(until).isoformat()
    shown["causes"] = [{**cause, **{key: _time(cause[key]) for key in _OF_A_CAUSE}} for cause in alert["causes"]]
    shown["given_help"] = [{**given, "occurred_at": _time(given["occurred_at"])} for given in alert["given_help"]]
    shown["actions"] = [{**done, "acted_at": _time(done["acted_at"])} for done in alert["actions"]]
    return shown


def _time(milliseconds: int | None) -> str | None:
    return None if milliseconds is None else instant(milliseconds).isoformat(timespec="seconds")


def in_words(alert: dict[str, Any]) -> str:
    """A few readable lines."""
    place = alert["village_code"] or "所在村未登记"
    heading = f"{alert['alert_id']}  第{alert['version']}版  户 {alert['household_id']}  村 {place}"
    done = [f"{_time(each['acted_at'])}  {_deed(each)}" for each in alert["actions"]]
    return "\n".join([f"{heading}  {STATUSES[alert['status']]}", alert["text"], *done, ""])


def _deed(done: dict[str, Any]) -> str:
    title, outcome = ACTIONS[done["action"]].title, OUTCOMES[done["outcome"]]
    return f"{title}（{outcome}）" if done["why"] is None else f"{title}（{outcome}：{REFUSALS[done['why']]}）"


@click.command()
@click.option("--household", help="Only this household.")
@click.option("--township", help="Only this township, by its 9-digit code.")
@click.option("--json", "as_json", is_flag=True, help="One object per line.")
@click.option("--data-dir", envvar="ALERTBUS_DATA_DIR", type=click.Path(path_type=Path, file_okay=False))
def alerts(household: str | None, township: str | None, data_dir: Path | None, *, as_json: bool) -> None:
    """Show the newest version of each alert, withdrawn ones included."""
    try:
        bus = find_bus(os.environ, data_dir)
    except BusNotFoundError as error:
        print(f"alertbus alerts: {error}", file=sys.stderr)
        sys.exit(2)
    found = sorted(newest_alerts(bus.bootstrap_servers).values(), key=lambda alert: str(alert["household_id"]))
    for alert in found:
        if household not in (None, alert["household_id"]) or township not in (None, alert["township_code"]):
            continue
        print(json.dumps(for_people(alert), ensure_ascii=False) if as_json else in_words(alert))
