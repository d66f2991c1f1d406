"""All reports counted: accepted = concluded + open, and which are late. No clock, no I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from producers.report.reports import Kept
from producers.report.standing import ACCEPTED, RESULTS, UNREGISTERED, VERIFYING, due_of, overdue
from schemas.working_days import WorkingDays

OPEN = (ACCEPTED, UNREGISTERED, VERIFYING)
STEPS = ("visit", "decision")


class Late(NamedTuple):
    """An open report for which a day has passed.

    Attributes:
        step: `visit` or `decision`.
        by: the day, days since 1970-01-01.

    """

    number: str
    state: str
    step: str
    by: int


class Tally(NamedTuple):
    """How many reports stand where.

    Attributes:
        accepted: receipts given.
        open: state -> how many have no answer yet.
        concluded: result -> how many.
        late: those for which a day has passed, the longest first.

    """

    accepted: int
    open: Mapping[str, int]
    concluded: Mapping[str, int]
    late: list[Late]

    @property
    def adds_up(self) -> bool:
        """Whether every report accepted stands in exactly one place."""
        return self.accepted == sum(self.open.values()) + sum(self.concluded.values())


def tally_of(accepted: int, counts: Mapping[str, int], waiting: Iterable[Kept], today: int) -> Tally:
    """Tally of counts by state and result, and of the open reports one by one."""
    late = [found for kept in waiting if (found := _late(kept, today))]
    return Tally(
        accepted,
        {state: counts.get(state, 0) for state in OPEN},
        {result: counts.get(result, 0) for result in RESULTS},
        sorted(late, key=lambda each: (each.by, each.number)),
    )


def _late(kept: Kept, today: int) -> Late | None:
    due = due_of(kept.report, _CALENDAR)
    step = overdue(due, kept.standing, today)
    if step is None:
        return None
    return Late(kept.report.number, kept.standing.state, step, due.decision if step == "decision" else due.visit)


_CALENDAR = WorkingDays()
