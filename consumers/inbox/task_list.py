"""A list of alerts as the pages show it: lines in the order of urgency, merged from several states."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from heapq import merge
from typing import NamedTuple

from consumers.inbox.alert import Alert
from consumers.inbox.deadline import WAITING, Deadline, day, deadline_of
from consumers.inbox.words import CAUSES, LEVELS, number_of
from schemas.actions import STATUSES

TABS: Mapping[str, tuple[str, ...]] = {
    "waiting": tuple(status for status in WAITING if status != "LEAD"),
    "helping": ("CONFIRMED", "REVIEWED", "INCLUDED", "PLANNED", "HELPING", "CLEAR_PROPOSED", "CLEARED_TRACKING"),
    "watch": ("LEAD",),
    "ended": ("REJECTED", "ALREADY_COVERED", "CLOSED", "WITHDRAWN"),
}
"""Which states stand under which heading."""
TAB_TITLES: Mapping[str, str] = {"waiting": "待核实", "helping": "帮扶中", "watch": "关注", "ended": "已结"}
PAGE = 30
_RANKS = {level: rank for rank, level in enumerate(LEVELS)}


class Line(NamedTuple):
    """One alert in a list, in words."""

    alert_id: str
    number: str
    level: str
    level_name: str
    place: str
    causes: tuple[str, ...]
    status: str
    since: str
    deadline: Deadline | None
    news: str


def line_of(alert: Alert, places: Mapping[str, str], news: Mapping[str, str], now: int) -> Line:
    """How an alert stands in a list. `news`: by alert id, what nobody there has read yet; `now` in ms."""
    causes = dict.fromkeys(cause.title or CAUSES.get(cause.cause, cause.cause) for cause in alert.causes)
    return Line(
        alert_id=alert.alert_id,
        number=number_of(alert.alert_id),
        level=alert.level,
        level_name=LEVELS.get(alert.level, alert.level),
        place=place_of(alert.township_code, alert.village_code, places) + _grid(alert),
        causes=tuple(causes) or ("目前没有预警原因",),
        status=STATUSES.get(alert.status, alert.status),
        since=day(alert.raised_at),
        deadline=deadline_of(alert.level, alert.status, alert.red_since or alert.raised_at, now),
        news=news.get(alert.alert_id, ""),
    )


def place_of(township_code: str | None, village_code: str | None, places: Mapping[str, str]) -> str:
    """Where a household is, as far as names are known; codes where they are not."""
    township = places.get(township_code or "", township_code or "")
    village = places.get(village_code or "", village_code or "")
    if village.isdigit():
        village = f"{village[-3:]}村"
    return f"{township} {village}".strip() or "未登记乡镇"


def _grid(alert: Alert) -> str:
    """The grid within its village: it tells households of one village apart."""
    village, grid = alert.village_code or "", alert.grid_code or ""
    return f" {grid.removeprefix(village)}网格" if village and grid.startswith(village) and grid != village else ""


def urgency(alert: Alert) -> tuple[int, int, str]:
    """Place in a list: the highest level first, among them the oldest."""
    return _RANKS.get(alert.level, len(_RANKS)), alert.raised_at, alert.alert_id


def merged(parts: Iterable[Iterable[Alert]], limit: int) -> list[Alert]:
    """First of several lists, each in the order of urgency."""
    return [alert for _, alert in zip(range(limit), merge(*parts, key=urgency), strict=False)]


def tab_counts(counts: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Alerts under each heading, of (state, number)."""
    found = dict.fromkeys(TABS, 0)
    for status, number in counts:
        for tab, states in TABS.items():
            if status in states:
                found[tab] += number
    return found
