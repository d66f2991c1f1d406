"""Takes alert versions into the store, with all that has to be told of them: one transaction for all of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import Connection

from consumers.channels import INBOX, Message, load
from consumers.funnel import is_push, sums_of
from consumers.notify_stages import News, note_stages
from consumers.quiet import heed
from consumers.roster import Route
from consumers.routing import Notice, is_county, listed_for, notices
from consumers.stages import Reached
from consumers.store.alerts import Seen, apply_alerts
from consumers.store.deliveries import Delivery, plan
from consumers.store.funnel import add_sums
from consumers.store.told import Memory, remember_told, told_of
from consumers.wording import Page, message_of

Key = tuple[str, int, str, str]
"""Of a delivery: alert, version, recipient, channel."""


class Arrival(NamedTuple):
    """A decoded version, and whether people still have to hear of it: not if they did before the store was wiped.

    `published_at` is when it came onto the bus, ms.
    """

    alert: Mapping[str, Any]
    is_new: bool
    published_at: int


@dataclass(slots=True)
class Taken:
    """What a batch came to.

    Attributes:
        planned: deliveries to be sent when the transaction stands.
        put: inbox messages by kind.
        unroutable: changes of which the county was told for want of anybody else.
        reached: stages that alerts have come to.
        pushed: by who is listed for it, how many changes go out that were neither told before nor take back.
        sums: what all versions add to the funnel, also those of which nobody has to hear.

    """

    planned: list[Key] = field(default_factory=list)
    put: Counter[str] = field(default_factory=Counter)
    unroutable: int = 0
    reached: list[Reached] = field(default_factory=list)
    sums: Counter[str] = field(default_factory=Counter)
    pushed: Counter[str] = field(default_factory=Counter)


def take(conn: Connection, arrivals: Sequence[Arrival], page: Page, now: int) -> Taken:
    """Take versions in, in their order; those that the store knows already, or has a later one of, change nothing."""
    taken = Taken()
    messages: list[tuple[Message, Route]] = []
    seen = apply_alerts(conn, [arrival.alert for arrival in arrivals], now)
    newer = [(arrival, before) for arrival, before in zip(arrivals, seen, strict=True) if before is not None]
    told = told_of(conn, {arrival.alert["household_id"] for arrival, _ in newer})
    learnt = Memory()
    for arrival, before in newer:
        for change, route in _notices(arrival, before, page, taken, (told, learnt)):
            messages += [(message_of(arrival.alert, change, route.recipient, now, page), route)]
    remember_told(conn, learnt)
    add_sums(conn, taken.sums)
    told_now = pass_on(conn, messages, taken)
    taken.reached = note_stages(conn, (News(*arrival, before) for arrival, before in newer), told_now, now)
    return taken


def pass_on(conn: Connection, messages: Iterable[tuple[Message, Route]], taken: Taken) -> set[str]:
    """Put messages into inboxes, and plan those that go out on other ways; alerts of which an inbox tells now."""
    deliveries: list[Delivery] = []
    told_now: set[str] = set()
    for message, route in messages:
        if route.address.channel == INBOX:
            load(INBOX)(route.address, conn).send(message)
            taken.put[message.kind] += 1
            told_now.add(message.alert_id)
        else:
            deliveries.append(_delivery(message, route.address.channel))
    plan(conn, deliveries)
    taken.planned += [key_of(delivery) for delivery in deliveries]
    return told_now


def key_of(delivery: Delivery) -> Key:
    """What names a delivery."""
    return delivery.alert_id, delivery.version, delivery.recipient, delivery.channel


def _notices(
    arrival: Arrival, before: Seen, page: Page, taken: Taken, memory: tuple[Memory, Memory]
) -> Iterator[Notice]:
    """Who must hear what; `memory`: what townships were told before, and what of it changes in this transaction.

    What was told before the store was wiped is remembered as well, so that afterwards the same is held back.
    """
    told, learnt = memory
    known = told.setdefault(arrival.alert["household_id"], {})
    version_before = before.content if before.version else None
    found = heed(version_before, arrival.alert, known, page.roster.cool_down)
    taken.sums.update(sums_of(version_before, arrival.alert, found))
    if found.told:
        known |= found.told
        learnt.setdefault(arrival.alert["household_id"], {}).update(found.told)
    if arrival.is_new:
        taken.pushed.update(listed_for(c.township, page.roster) for c in found.say if is_push(c.kind))
        taken.unroutable += sum(is_county(listed_for(change.township, page.roster)) for change in found.say)
        yield from notices(found.say, page.roster)


def _delivery(message: Message, channel: str) -> Delivery:
    return Delivery(message.alert_id, message.version, message.recipient, channel, message.kind, message.created_at)
