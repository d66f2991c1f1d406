"""A township says that a department's data is wrong: which row it is, since when, and how it ended. Pure.

The answer names a page of an alert, the page the events on it, and an event its batch and row. A department ends an
objection by what it sends: a correction or a retraction of the event, or the same again under a higher revision, which
says that it was right. The same wrong row sent again ends nothing and is counted.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from producers.results.came_of import CameOf, Dispute, Sent

CORRECTED, RETRACTED, UPHELD = "corrected", "retracted", "upheld"


class Objection(NamedTuple):
    """One event, as it was reported, that a township calls wrong.

    Attributes:
        batch_id: and `row`: where the department sent it.
        since: of the first answer that says so, ms.
        again: how often the same was sent after that.
        ended_at: ms; None while it is open, as `how`.

    """

    since: int
    event_id: str
    batch_id: str
    row: int | None
    again: int = 0
    ended_at: int | None = None
    how: str | None = None


def objections(came_of: CameOf) -> list[Objection]:
    """All of a department, oldest first; several answers about one event as it was reported are one."""
    found: dict[tuple[str, object], Objection] = {}
    for known in came_of.alerts.values():
        for dispute in known.disputes:
            for event_id in known.seen(dispute.version_seen):
                sent = sorted(came_of.events.get(event_id, ()))
                if sent:
                    said, objection = _objection(event_id, sent, dispute)
                    key = event_id, said
                    found[key] = min(found.get(key, objection), objection)
    return sorted(found.values())


def _objection(event_id: str, sent: list[Sent], dispute: Dispute) -> tuple[object, Objection]:
    before = [each for each in sent if each.at <= dispute.acted_at] or sent[:1]
    said = max(each.said for each in before)
    first = next(each for each in before if each.said == said)
    after = sent[len(before) :]
    end = next((each for each in after if each.said > said), None)
    again = sum(each.said <= said and (end is None or each < end) for each in after)
    known = Objection(dispute.acted_at, event_id, first.batch_id, first.row, again)
    return said, known if end is None else known._replace(ended_at=end.at, how=_how(said, end.said))


def _how(was: tuple[int, bool, bytes], now: tuple[int, bool, bytes]) -> str:
    if now[1]:
        return RETRACTED
    return UPHELD if now[2] == was[2] else CORRECTED


def open_ones(found: Iterable[Objection]) -> list[Objection]:
    """Those that the department has not ended."""
    return [each for each in found if each.ended_at is None]
