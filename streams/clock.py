"""Which ticks are due: one per Beijing calendar day, none missed, none twice. No clock in here: the day is given."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from schemas.beijing import day_of
from schemas.departments import BY_CODE

LARGEST_JUMP = 30


class JumpTooLargeError(Exception):
    """More days were missed than a clock may catch up by itself; the message says what to do."""


def days_due(last: int | None, today: int) -> list[int]:
    """Days to tick after `last` up to `today`; the first tick of a bus is today's.

    Raises:
        JumpTooLargeError: more than 30 days are missing.

    """
    if last is None:
        return [today]
    if today - last > LARGEST_JUMP:
        message = (
            f"the last tick is {today - last} days ago: check this machine's date, then write the next tick by hand "
            "with `alertbus tick --at DATE`"
        )
        raise JumpTooLargeError(message)
    return list(range(last + 1, today + 1))


def positions_after(positions: dict[str, int], deliveries: Iterable[dict[str, Any]]) -> dict[str, int]:
    """How far each department's feed has come: the greatest day its deliveries cover.

    A delivery that states no day covers the day on which it was delivered; an empty one counts. The register's
    deliveries are no department's feed.
    """
    after = dict(positions)
    for delivery in deliveries:
        if delivery["department"] not in BY_CODE:
            continue
        covers = delivery["covers_to"]
        day = day_of(delivery["delivered_at"]) if covers is None else covers
        department = delivery["department"]
        after[department] = max(after.get(department, day), day)
    return after
