"""What is on its way out, as the store keeps it: from a claimed delivery to its message, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, func, select

from consumers.channels import INBOX, ChannelError, Message, load
from consumers.delivery import GAVE_UP, RETRY, SENT, next_attempt
from consumers.notify_changes import Change, changes
from consumers.roster import COUNTY
from consumers.routing import is_county
from consumers.store.alerts import ALERT_VERSION
from consumers.store.area_alerts import area_alert_of
from consumers.store.deliveries import DELIVERY, PENDING, Delivery, give_up, plan, sent, try_again
from consumers.store.tasks import AREA_KINDS
from consumers.wording import Page, area_message_of, message_of


class Tried(NamedTuple):
    """An attempt; `error` is None where the message arrived."""

    delivery: Delivery
    error: ChannelError | None


class Untried(NamedTuple):
    """A delivery that was claimed and whose turn did not come."""

    delivery: Delivery
    next_at: int


def message_for(conn: Connection, delivery: Delivery, page: Page) -> Message:
    """What a delivery says: the same on every attempt, since it is worked out from the versions that it tells of.

    Of area alerts the store has the newest only: it tells of that one.
    """
    if delivery.kind in AREA_KINDS:
        area = area_alert_of(conn, delivery.alert_id)
        if area is None:
            raise LookupError("a delivery without its area alert")
        told = area.content | {"version": delivery.version}
        return area_message_of(told, delivery.kind, delivery.recipient, delivery.created_at, page)
    alert, change = _told(conn, delivery)
    return message_of(alert, change, delivery.recipient, delivery.created_at, page)


def _told(conn: Connection, delivery: Delivery) -> tuple[Mapping[str, Any], Change]:
    version = ALERT_VERSION.c.version
    found = select(ALERT_VERSION.c.content).where(ALERT_VERSION.c.alert_id == delivery.alert_id)
    newest = found.where(version <= delivery.version).order_by(version.desc()).limit(2)
    contents = [msgspec.json.decode(content, type=dict[str, Any]) for (content,) in conn.execute(newest)]
    after, before = contents[0], contents[1] if len(contents) > 1 else None
    plain = Change(delivery.kind, after["township_code"], after["level"], None, after["village_code"])
    return after, next((change for change in changes(before, after) if change.kind == delivery.kind), plain)


def note(conn: Connection, tried: Tried, now: int, page: Page) -> str | None:
    """Note an attempt; its outcome, or None where another notifier has claimed the delivery meanwhile.

    Of what is given up the county is told in the same transaction.
    """
    delivery, error = tried
    if error is None:
        return SENT if sent(conn, delivery, now) else None
    again = next_attempt(delivery.attempts, delivery.created_at, now, error)
    if again is not None:
        return RETRY if try_again(conn, delivery, again, error.code) else None
    if not give_up(conn, delivery, now, error.code):
        return None
    if not is_county(delivery.recipient):
        _tell_county(conn, delivery, now, page)
    return GAVE_UP


def _tell_county(conn: Connection, delivery: Delivery, now: int, page: Page) -> None:
    alert, change = _told(conn, delivery)
    for recipient, address in page.roster.routes[COUNTY]:
        if address.channel == INBOX:
            load(INBOX)(address, conn).send(message_of(alert, change, recipient, now, page))
        else:
            onward = Delivery(delivery.alert_id, delivery.version, recipient, address.channel, delivery.kind, now)
            plan(conn, (onward,))


def put_back(conn: Connection, untried: Untried) -> None:
    """Leave a delivery for later."""
    try_again(conn, untried.delivery, untried.next_at, "waiting")


def pending(conn: Connection) -> int:
    """How many messages still have to be sent."""
    return conn.execute(select(func.count()).select_from(DELIVERY).where(DELIVERY.c.state == PENDING)).scalar_one()
