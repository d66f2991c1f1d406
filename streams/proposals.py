"""What the processors propose to people: reopen, clear, close. They never do it themselves. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from streams.case_state import WATCH
from streams.case_states import CLEARED_TRACKING, HELPING, INCLUDED, REOPENED, UNDER_WAY, WITHDRAWN
from streams.finding import Finding, Handled


class Today(NamedTuple):
    """Day of the last tick, and the days in which a household that was included is to have a plan."""

    tick: int | None
    plan_days: int | None


Standing = Sequence[tuple[Finding, int | None]]
"""Findings that stand open, with the last day on which they do (streams.clearing)."""


def proposals_of(
    status: str,
    handled: Handled,
    today: Today,
    standing: Callable[[], Standing],
    hindered: Callable[[], bool],
) -> tuple[list[str], int]:
    """Codes of schemas.actions.PROPOSALS, and the day whose tick may change them (0 for none).

    `standing` is asked only where it matters, and so is `hindered`: whether the household may not be cleared.
    """
    tick = today.tick
    if status == REOPENED or (status in UNDER_WAY and handled.rest != WITHDRAWN):
        return ["reopen"], 0
    if status == CLEARED_TRACKING and handled.tracking_until is not None:
        over = tick is not None and tick > handled.tracking_until
        return (["close"], 0) if over else ([], handled.tracking_until + 1)
    if status == INCLUDED and handled.included_on is not None and today.plan_days is not None:
        due = handled.included_on + today.plan_days + 1
        return (["plan"], 0) if tick is not None and tick >= due else ([], due)
    if status == HELPING:
        waiting = [last for finding, last in standing() if finding.level != WATCH]
        if not waiting:
            return ([] if hindered() else ["clear"]), 0
        return [], min((last + 1 for last in waiting if last is not None), default=0)
    return [], 0
