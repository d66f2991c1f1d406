"""Working days of China: the State Council's holidays and the weekend days worked in exchange."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import chinese_calendar

from schemas.beijing import date_of

_FRIDAY = 4
_KNOWN: frozenset[int] = frozenset(day.year for day in chinese_calendar.holidays)


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """Which days are worked.

    Attributes:
        off: days off that the library's years do not have yet (days since 1970-01-01); `worked` likewise. They
            win over the library.

    """

    off: Collection[int] = ()
    worked: Collection[int] = ()

    def is_worked(self, day: int) -> bool:
        """Whether a day is worked; in years that were not published yet all weekdays are, but those said to be off."""
        if day in self.off or day in self.worked:
            return day not in self.off
        date = date_of(day)
        if not published(date.year):
            return date.weekday() <= _FRIDAY
        return bool(chinese_calendar.is_workday(date))

    def after(self, day: int, number: int) -> int:
        """The working day that is so many after a day; the day itself for 0."""
        for _ in range(number):
            day += 1
            while not self.is_worked(day):
                day += 1
        return day


def published(year: int) -> bool:
    """Whether the library has the holidays of a year."""
    return year in _KNOWN
