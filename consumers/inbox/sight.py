"""Who sees what of an alert: a township its own, the county all, and who had it before that it was handed over."""

from __future__ import annotations

from enum import Enum

COUNTY, TOWNSHIP = "county", "township"


class Sight(Enum):
    """How much of an alert somebody sees."""

    ALL = "all"
    HANDED_OVER = "handed_over"
    NOTHING = "nothing"


def sight_of(role: str, own: str | None, township: str | None, previous: str | None) -> Sight:
    """What an account of a township (`own`) sees of an alert that is in `township` and was in `previous`."""
    if role == COUNTY:
        return Sight.ALL
    if role != TOWNSHIP or not own:
        return Sight.NOTHING
    if township == own:
        return Sight.ALL
    return Sight.HANDED_OVER if previous == own else Sight.NOTHING
