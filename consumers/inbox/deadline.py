"""By when a township must have taken note of an alert, or looked into it."""

from __future__ import annotations

from dataclasses import dataclass

from schemas.beijing import date_of, day_of, instant
from schemas.working_days import WorkingDays

RED_HOURS = 24
WORKING_DAYS = {"orange": 3, "yellow": 5}
"""As the alert's own text says."""
_HOUR_MS = 3_600_000
_CALENDAR = WorkingDays()
WAITING = ("LEAD", "ALERTED", "ACKED", "VERIFYING", "REOPENED")
"""States in which the township has not yet said whether it is so; the first three of a list by urgency."""
_UNSEEN = frozenset(("ALERTED", "REOPENED"))


@dataclass(frozen=True, slots=True)
class Deadline:
    """What stands beside a task; `is_over` once it was left too long."""

    text: str
    is_over: bool = False


def deadline_of(level: str, status: str, since: int, now: int) -> Deadline | None:
    """By when something is due, in words; None where nothing is. Times in ms.

    Red is due by the clock, `since` it became red. The others are due at the end of a working day; in a year whose
    holidays are not published yet every weekday is one.
    """
    if status not in WAITING:
        return None
    if level == "red":
        return _of_red(since + RED_HOURS * _HOUR_MS, now) if status in _UNSEEN else Deadline("已签收，请立即入户")
    if level == "watch":
        return Deadline("列入关注，暂不需要专门入户")
    if level not in WORKING_DAYS:
        return None
    until = _CALENDAR.after(day_of(since), WORKING_DAYS[level])
    if day_of(now) > until:
        return Deadline(f"核实已超时：限{_date(until)}", is_over=True)
    return Deadline(f"请在{_date(until)}前核实")


def _of_red(until: int, now: int) -> Deadline:
    if now > until:
        return Deadline(f"签收已超时：限{moment(until)}", is_over=True)
    return Deadline(f"请在{moment(until)}前签收")


def moment(at: int) -> str:
    """`11月24日 09:40` of an instant in ms, Beijing time."""
    local = instant(at)
    return f"{local.month}月{local.day}日 {local:%H:%M}"


def day(at: int) -> str:
    """`11月24日` of an instant in ms, Beijing time."""
    return _date(day_of(at))


def _date(number: int) -> str:
    date = date_of(number)
    return f"{date.month}月{date.day}日"
