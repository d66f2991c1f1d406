"""Area alerts: what concerns no single household is told to its township and the county, each change once.

One of a whole county is told to each of its townships. What only the register got wrong is told to the county alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from consumers.notify_intake import Arrival, Taken, pass_on
from consumers.roster import COUNTY, Roster, Route
from consumers.store.area_alerts import apply_area_alert, concerns, is_open
from consumers.store.tasks import AREA_KINDS
from consumers.wording import LEVEL_NAMES, Page, area_message_of

AREA_RAISED, AREA_SETTLED = AREA_KINDS


def area_change(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> str | None:
    """What people must be told when an area alert goes from one decoded version to a later one, if anything.

    The same situation reported again, as a monthly full list does, is told to nobody; a higher level is news.
    """
    stood = before is not None and is_open(before)
    if not is_open(after):
        return AREA_SETTLED if stood else None
    if before is None or not stood:
        return AREA_RAISED
    graver = _rank(after["level"]) < _rank(before["level"])
    return AREA_RAISED if graver or not set(after["subjects"]) <= set(before["subjects"]) else None


def recipients(alert: Mapping[str, Any], roster: Roster) -> tuple[Route, ...]:
    """Who is told of a decoded area alert: the townships that it concerns, and always the county."""
    townships = sorted(code for code in roster.routes if code != COUNTY and concerns(alert, code))
    return tuple(route for code in (*townships, COUNTY) for route in roster.routes[code])


def _rank(level: str) -> int:
    levels = list(LEVEL_NAMES)
    return levels.index(level) if level in levels else len(levels)


def take_area(conn: Connection, arrivals: Sequence[Arrival], page: Page, now: int, taken: Taken) -> None:
    """Take versions in, in their order, and note in `taken` what has to be told of them."""
    messages = []
    for arrival in arrivals:
        alert = arrival.alert
        applied = apply_area_alert(conn, alert, now)
        if not applied.is_newer or not arrival.is_new:
            continue
        kind = area_change(applied.before, alert)
        if kind is not None:
            routes = recipients(alert, page.roster)
            messages += [(area_message_of(alert, kind, route.recipient, now, page), route) for route in routes]
    pass_on(conn, messages, taken)
