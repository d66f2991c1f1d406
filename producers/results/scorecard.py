"""A department's month in counts: were deliveries on time, what became of rows, what came of them, objections. Pure.

Counts only: no household, no person, nothing of other departments. The department's own batches, rows and event ids
are named where it has to look something up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from producers.results.deliveries import Line, Read, days_of
from producers.results.objections import Objection, objections
from schemas.beijing import date_of, day_of, instant
from schemas.conservation import Batch
from schemas.departments import BY_CODE
from schemas.feed_calendar import FeedCalendar, period_ends

ON_TIME, IN_GRACE, LATE, OWED, AWAITED = "on_time", "in_grace", "late", "owed", "awaited"
_LOOK_BACK = 200
"""Days by which a period may end before the month in which it is due."""
_PARTS = ("applied", "duplicate", "parked", "dead_lettered", "waiting", "repeated")
UNKNOWN = ""
"""Stands for the reason of rows that were refused before deliveries said why."""


def scorecard(read: Read, month: date, calendar: FeedCalendar, now: int) -> Line:
    """The shape of `alertbus scorecard --json`.

    Args:
        read: all that is known of the department.
        month: its first day.
        calendar: when deliveries are due.
        now: milliseconds; of what comes later nothing is said.

    """
    batches = read.batches(month)
    by_batch = read.came_of.by_batch()
    alerts = set[str]().union(*(by_batch.get(batch.batch_id, set()) for batch in batches))
    return {
        "department": read.department,
        "name": BY_CODE[read.department].name,
        "month": f"{month:%Y-%m}",
        "as_of": _time(now),
        "feed": list(_feed(read, month, calendar, day_of(now))),
        "deliveries": _deliveries(batches),
        "rows": _rows(batches),
        "rejected_by": _by_count(_rejections(batches)),
        "dead_letters_by": _by_count(_letters(read, batches, days_of(month))),
        "came_of_it": read.came_of.verdicts(alerts)._asdict(),
        "objections": _objections(read, days_of(month), now),
    }


def _feed(read: Read, month: date, calendar: FeedCalendar, today: int) -> Iterator[Line]:
    """A line for each period that is due in the month; what ended before the bus's first delivery is nobody's."""
    code, days = read.department, days_of(month)
    feed = calendar.feeds[code]
    begun = min((day_of(found.delivered_at) for found in read.books.delivered.values()), default=today)
    own = [found for (department, _), found in read.books.delivered.items() if department == code]
    for end in period_ends(feed, max(days.start - _LOOK_BACK, begun), days.stop):
        due, borne = calendar.due(code, end), calendar.borne_until(code, end)
        if due not in days:
            continue
        done = min((day_of(found.delivered_at) for found in own if feed.covers(found.covers, end)), default=None)
        came = today if done is None else done
        yield {
            "period": feed.period_name(end),
            "due": _day(due),
            "delivered": None if done is None else _day(done),
            "state": _state(came, due, borne, is_there=done is not None),
            "days_late": max(came - borne, 0),
        }


def _state(came: int, due: int, borne: int, *, is_there: bool) -> str:
    if came > borne:
        return LATE if is_there else OWED
    if not is_there:
        return AWAITED
    return ON_TIME if came <= due else IN_GRACE


def _deliveries(batches: list[Batch]) -> Line:
    ended = [batch for batch in batches if batch.delivered]
    off = [batch.batch_id for batch in ended if not batch.became.adds_up]
    return {"delivered": len(ended), "unfinished": len(batches) - len(ended), "not_adding_up": off}


def _rows(batches: list[Batch]) -> Line:
    ended = [(batch.delivered, batch.became) for batch in batches if batch.delivered]
    counts = {part: sum(getattr(became, part) for _, became in ended) for part in _PARTS}
    rejected = sum(found.rejected for found, _ in ended)
    return {"rows": sum(found.accepted for found, _ in ended) + rejected, "rejected": rejected, **counts}


def _rejections(batches: list[Batch]) -> Counter[str]:
    found: Counter[str] = Counter()
    for delivered in (batch.delivered for batch in batches if batch.delivered):
        found.update(dict(delivered.rejected_by))
        found[UNKNOWN] += delivered.rejected - sum(count for _, count in delivered.rejected_by)
    return found


def _letters(read: Read, batches: list[Batch], days: range) -> Counter[str]:
    """Letters of the month's batches, and of those of no batch what came in the month."""
    ours = {batch.batch_id for batch in batches}
    letters = read.letters.open()
    return Counter(
        each.reason for each in letters if each.batch_id in ours or (not each.batch_id and day_of(each.at) in days)
    )


def _by_count(found: Counter[str]) -> list[Line]:
    return [{"reason": reason, "count": n} for reason, n in sorted(found.items(), key=lambda e: (-e[1], e[0])) if n]


def _objections(read: Read, days: range, now: int) -> Line:
    """All that are open, and of the ended ones those that ended in the month, by how."""
    known = objections(read.came_of)
    ended = Counter(each.how for each in known if each.ended_at is not None and day_of(each.ended_at) in days)
    return {
        "raised": sum(day_of(each.since) in days for each in known),
        "ended": {str(how): count for how, count in sorted(ended.items(), key=str)},
        "open": list(_open(known, read, now)),
    }


def _open(known: Iterable[Objection], read: Read, now: int) -> Iterator[dict[str, Any]]:
    for each in known:
        if each.ended_at is None:
            delivered = read.books.delivered.get((read.department, each.batch_id))
            yield {
                "event_id": each.event_id,
                "batch_id": each.batch_id,
                "row": each.row,
                "content_sha256": delivered.sha256 if delivered else None,
                "since": _time(each.since),
                "days": day_of(now) - day_of(each.since),
                "again": each.again,
            }


def _time(at: int) -> str:
    return instant(at).isoformat(timespec="seconds")


def _day(day: int) -> str:
    return date_of(day).isoformat()
