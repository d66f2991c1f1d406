"""What townships must have been told, by the log of alerts, and what they were: what stands in their inboxes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from consumers.notify_area import area_change
from consumers.quiet import heed
from consumers.roster import COOL_DOWN_DAYS, DAY_MS
from consumers.settings import store_url_of
from consumers.store.area_alerts import concerns
from consumers.store.database import open_store, reading
from consumers.store.tasks import KINDS, messages_for
from consumers.store.told import Memory
from schemas.codec import decode
from schemas.topics import ALERTS, AREA_ALERTS
from streams.log_reader import read_all

COUNTY = "county"
"""Whose inbox hears of a household that has no place."""
_MOST = 1_000_000
_COOL_DOWN = COOL_DOWN_DAYS * DAY_MS
"""The demo's roster says nothing else."""


class Told(NamedTuple):
    """A change of an alert of which a township is told once."""

    alert_id: str
    version: int
    township: str
    kind: str


def changes_in(versions: Iterable[Mapping[str, Any]]) -> Counter[Told]:
    """Changes in a log of alert versions; a version at or below one that came before changes nothing."""
    newest: dict[str, Mapping[str, Any]] = {}
    known = Memory()
    found: Counter[Told] = Counter()
    for alert in versions:
        before = newest.get(alert["alert_id"])
        if before is not None and alert["version"] <= before["version"]:
            continue
        newest[alert["alert_id"]] = alert
        told = known.setdefault(alert["household_id"], {})
        heeded = heed(before, alert, told, _COOL_DOWN)
        told |= heeded.told
        for change in heeded.say:
            found[Told(alert["alert_id"], alert["version"], change.township or COUNTY, change.kind)] += 1
    return found


def area_changes_in(versions: Iterable[Mapping[str, Any]], townships: Collection[str]) -> Counter[Told]:
    """The same of area alerts, which townships that they concern are told of, and always the county."""
    newest: dict[str, Mapping[str, Any]] = {}
    found: Counter[Told] = Counter()
    for alert in versions:
        before = newest.get(alert["alert_id"])
        if before is not None and alert["version"] <= before["version"]:
            continue
        newest[alert["alert_id"]] = alert
        kind = area_change(before, alert)
        told = [COUNTY, *(code for code in townships if concerns(alert, code))] if kind else []
        found.update(Told(alert["alert_id"], alert["version"], whom, kind or "") for whom in told)
    return found


def changes_on(servers: str, townships: Collection[str]) -> Counter[Told]:
    """Changes in all that the bus says of alerts."""
    return changes_in(versions_on(servers, ALERTS)) + area_changes_in(versions_on(servers, AREA_ALERTS), townships)


def versions_on(servers: str, topic: str) -> Iterator[dict[str, Any]]:
    """Every version of every alert that a topic holds, each alert's in order."""
    return (decode(record.value)[1] for record in read_all(servers, [topic]))


def messages_in(data_dir: Path, townships: Iterable[str]) -> Counter[Told]:
    """Messages about alerts in the inboxes of townships and county."""
    engine = open_store(store_url_of({}, data_dir))
    with reading(engine) as conn:
        found = [received.message for place in (*townships, COUNTY) for received in messages_for(conn, place, _MOST)]
    engine.dispose()
    return Counter(Told(m.alert_id, m.version, m.township_code, m.kind) for m in found if m.kind in KINDS)
