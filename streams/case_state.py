"""State of a case, from what people did and from what counts now. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from streams.case_states import ALERTED, CLOSED, LEAD, REOPENED, UNDER_WAY, WITHDRAWN
from streams.finding import Handled
from streams.wording import LEVELS

WATCH = LEVELS[-1]


def state_of(handled: Handled, levels: Sequence[str], relapsed: Callable[[], bool]) -> str:
    """State of a case.

    `levels` are those of the findings that count; `relapsed` is asked of a closed case only: whether any of them rests
    on what happened in its tracking year.
    """
    step = handled.step
    if step and step not in UNDER_WAY:
        return step
    tracked = handled.rest != WITHDRAWN
    grave = any(level != WATCH for level in levels)
    if not grave and (tracked or not levels):
        return handled.rest
    if step:
        return step
    if tracked:
        return REOPENED if handled.rest != CLOSED or relapsed() else CLOSED
    return ALERTED if grave else LEAD
