"""Which ticks are due: one per Beijing calendar day, none missed, none twice. No clock in here: the day is given."""

from __future__ import annotations

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
