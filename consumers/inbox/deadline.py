"""By when a township must have taken note of an alert."""

from __future__ import annotations

from dataclasses import dataclass

from schemas.beijing import instant

RED_HOURS = 24
WORKING_DAYS = {"orange": 3, "yellow": 5}
"""As the alert's own text says."""
_HOUR_MS = 3_600_000
WAITING = ("LEAD", "ALERTED", "ACKED", "VERIFYING", "REOPENED")
"""States in which the township has not yet said whether it is so; the first three of a list by urgency."""
_UNSEEN = frozenset(("ALERTED", "REOPENED"))


@dataclass(frozen=True, slots=True)
class Deadline:
    """What stands beside a task; `is_over` once a red one was left too long."""

    text: str
    is_over: bool = False


def deadline_of(level: str, status: str, since: int, now: int) -> Deadline | None:
    """By when something is due, in words; None where nothing is. Times in ms.

    Red is due by the clock, `since` it became red. The others are due in working days, and no calendar of holidays is
    kept yet: so the rule is said, and no date is made up.
    """
    if status not in WAITING:
        return None
    if level == "red":
        return _of_red(since + RED_HOURS * _HOUR_MS, now) if status in _UNSEEN else Deadline("已签收，请立即入户")
    if level == "watch":
        return Deadline("列入关注，暂不需要专门入户")
    if level not in WORKING_DAYS:
        return None
    return Deadline(f"{day(since)}起{WORKING_DAYS[level]}个工作日内核实")


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
    local = instant(at)
    return f"{local.month}月{local.day}日"
