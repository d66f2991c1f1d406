"""The tracking year: one calendar year from the day on which a household was cleared."""

from __future__ import annotations

from schemas.beijing import date_of, day_number

_FEBRUARY_29 = (2, 29)


def last_day_of_tracking(cleared_on: int) -> int:
    """Last day of the year that begins on a day, both as days since 1970-01-01.

    2023-03-01 gives 2024-02-29. A year begun on 29 February ends with the last day of the next February.
    """
    began = date_of(cleared_on)
    if (began.month, began.day) == _FEBRUARY_29:
        return day_number(began.replace(year=began.year + 1, day=28))
    return day_number(began.replace(year=began.year + 1)) - 1
