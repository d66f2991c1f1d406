"""Area alerts: what concerns no single household is told to the county. Taken in as alerts are: each change once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from consumers.notify_intake import Arrival, Taken, pass_on
from consumers.roster import COUNTY
from consumers.store.area_alerts import apply_area_alert, is_open
from consumers.store.tasks import AREA_KINDS
from consumers.wording import Page, area_message_of

AREA_RAISED, AREA_SETTLED = AREA_KINDS


def area_change(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> str | None:
    """What the county must be told when an area alert goes from one decoded version to a later one, if anything.

    The same situation reported again, as a monthly full list does, is told to nobody.
    """
    stood = before is not None and is_open(before)
    if not is_open(after):
        return AREA_SETTLED if stood else None
    known = before["subjects"] if before is not None and stood else ()
    return None if stood and set(after["subjects"]) <= set(known) else AREA_RAISED


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
            routes = page.roster.routes[COUNTY]
            messages += [(area_message_of(alert, kind, route.recipient, now, page), route) for route in routes]
    pass_on(conn, messages, taken)
