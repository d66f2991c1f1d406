"""What the processors propose to people: reopen, clear, close. They never do it themselves. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from streams.case_state import WATCH
from streams.case_states import CLEARED_TRACKING, HELPING, REOPENED, UNDER_WAY, WITHDRAWN
from streams.finding import Finding, Handled

Standing = Sequence[tuple[Finding, int | None]]
"""Findings that stand open, with the last day on which they do (streams.clearing)."""


def proposals_of(
    status: str, handled: Handled, tick: int | None, standing: Callable[[], Standing], hindered: Callable[[], bool]
) -> tuple[list[str], int]:
    """Codes of schemas.actions.PROPOSALS, and the day whose tick may change them (0 for none).

    `standing` is asked only where it matters, and so is `hindered`: whether the household may not be cleared.
    """
    if status == REOPENED or (status in UNDER_WAY and handled.rest != WITHDRAWN):
        return ["reopen"], 0
    if status == CLEARED_TRACKING and handled.tracking_until is not None:
        over = tick is not None and tick > handled.tracking_until
        return (["close"], 0) if over else ([], handled.tracking_until + 1)
    if status == HELPING:
        waiting = [last for finding, last in standing() if finding.level != WATCH]
        if not waiting:
            return ([] if hindered() else ["clear"]), 0
        return [], min((last + 1 for last in waiting if last is not None), default=0)
    return [], 0
