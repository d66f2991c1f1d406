"""Where a report stands: from what became of its event, and from the alerts that list it. No clock, no I/O."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from typing import NamedTuple

from producers.report.report import Report
from producers.report.thread import Answer, Thread, answer_to, looked_at, stands
from schemas.beijing import day_of
from schemas.working_days import WorkingDays

VISIT_DAYS, DECIDE_DAYS = 5, 15
"""Working days: for the visit, and for the answer (Gansu 一键报贫; the documents give no figure of their own)."""
ACCEPTED, UNREGISTERED, VERIFYING, CONCLUDED = "accepted", "unregistered", "verifying", "concluded"
RESULTS = ("CONFIRMED", "REJECTED", "ALREADY_COVERED", "WITHDRAWN")


class Arrival(NamedTuple):
    """What became of a report's event, so far."""

    parked_now: int = 0
    dead_lettered: int = 0


class Standing(NamedTuple):
    """Where a report stands.

    Attributes:
        state: accepted, unregistered, verifying, concluded.
        answer: of a concluded one.
        looked_at: when somebody went to look, ms.

    """

    state: str
    answer: Answer | None = None
    looked_at: int | None = None


class Due(NamedTuple):
    """Days by which something is to be done: days since 1970-01-01."""

    visit: int
    decision: int


def standing_of(
    number: str, arrival: Arrival, threads: Collection[Thread], withdrawn_at: int | None = None
) -> Standing:
    """Where a report stands; exactly one answer, the first, and nothing after it changes it."""
    answers = [answer for thread in threads if (answer := answer_to(thread, number))]
    if withdrawn_at is not None:
        answers.append(Answer(withdrawn_at, 0, withdrawn_at, "WITHDRAWN"))
    looked = min((at for thread in threads if (at := looked_at(thread, number)) is not None), default=None)
    if answers:
        return Standing(CONCLUDED, min(answers), looked)
    if any(number in thread.listed and stands(thread) for thread in threads):
        return Standing(VERIFYING, None, looked)
    waits = arrival.parked_now or arrival.dead_lettered
    return Standing(UNREGISTERED if waits else ACCEPTED, None, looked)


def due_of(report: Report, calendar: WorkingDays) -> Due:
    """Until when a report is to be looked at and answered."""
    return _due_of(day_of(report.accepted_at), calendar)


@lru_cache(maxsize=1000)
def _due_of(day: int, calendar: WorkingDays) -> Due:
    return Due(calendar.after(day, VISIT_DAYS), calendar.after(day, DECIDE_DAYS))


def overdue(due: Due, standing: Standing, today: int) -> str | None:
    """`decision` or `visit`, which should have been there by now; None where nothing is late."""
    if standing.state == CONCLUDED:
        return None
    if today > due.decision:
        return "decision"
    return "visit" if today > due.visit and standing.looked_at is None else None
