"""Remembers how far alerts have come, in the transaction that takes their versions in."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import Connection

from consumers.notify_changes import changes
from consumers.stages import Reached, answered, reached, told
from consumers.store.alert_stages import Progress, remember_stages, stages_of
from consumers.store.alerts import Seen


class News(NamedTuple):
    """A version that the store did not have yet, and what it knew before.

    Attributes:
        is_new: False: it was told before the store was wiped, and measured then.
        published_at: when it came onto the bus, ms.

    """

    alert: Mapping[str, Any]
    is_new: bool
    published_at: int
    before: Seen


def note_stages(conn: Connection, news: Iterable[News], told_now: Collection[str], now: int) -> list[Reached]:
    """Remember what versions bring, in their order; the stages that are reached now.

    `told_now` are the alerts of which somebody has a message in this transaction already; others are sent theirs.
    """
    arrived = list(news)
    remembered = stages_of(conn, {each.alert["alert_id"] for each in arrived})
    known, found = dict(remembered), []
    for each in arrived:
        name = each.alert["alert_id"]
        before = known.get(name, Progress())
        known[name] = after = _after(before, each, now if name in told_now else None)
        if each.is_new:
            found += reached(before, after)
    remember_stages(conn, {name: each for name, each in known.items() if each != remembered.get(name, Progress())})
    return found


def _after(before: Progress, news: News, now: int | None) -> Progress:
    after = answered(before, news.alert)
    if not changes(news.before.content if news.before.version else None, news.alert):
        return after
    return told(after, news.published_at, now if news.is_new else news.published_at)
