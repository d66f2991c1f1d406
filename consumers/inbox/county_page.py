"""The county's view: what waits for it, how far events come, where alerts stand, whose feed is silent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from consumers.funnel import Line, alert_lines, records_line
from consumers.inbox.deadline import WAITING, moment
from consumers.inbox.feeds import Feeds, feed_lines, never_delivered, periods_owed
from consumers.inbox.help_words import yuan
from consumers.inbox.lists_page import COUNTY_LISTS, NO_PLAN, NOT_MINE
from consumers.inbox.visit import Answer, Visit
from consumers.inbox.words import LEVELS
from consumers.rates import in_words
from consumers.store.alert_lists import Count, count_alerts, count_not_mine
from consumers.store.area_alerts import count_area_alerts, open_area_alerts
from consumers.store.database import reading
from consumers.store.fund import Paid, paid
from consumers.store.funnel import disowned_by_state, sums
from consumers.store.marks import NOT_ENROLLED, count_marks, count_not_enrolled
from consumers.store.monitored import count_monitored
from consumers.store.tasks import unread
from schemas.beijing import day_of

_UNCONFIRMED = frozenset((*WAITING, "WITHDRAWN", "REJECTED", "ALREADY_COVERED"))
_OPEN = frozenset(WAITING) - {"LEAD"}
_TO_DO = (NOT_MINE, "include", "clear", NO_PLAN, "fund_referral", "insurer_nudge", "without_follow_up", NOT_ENROLLED)
_MOST = 100


class Row(NamedTuple):
    """One township: how many alerts wait for an answer by level, and how many nobody has acknowledged."""

    code: str
    name: str
    levels: tuple[tuple[str, int], ...]
    unacknowledged: int


class ToDo(NamedTuple):
    """Something that waits for the county, and where it is done."""

    title: str
    number: str
    link: str


class Step(NamedTuple):
    """One step of the funnel; `number` is None while it cannot be read."""

    title: str
    number: int | None


def county_page(visit: Visit) -> Answer:
    """The county's view."""
    with reading(visit.office.engine) as conn:
        counts = count_alerts(conn, None)
        new, areas = unread(conn, visit.inbox, _MOST), count_area_alerts(conn, _MOST)
        not_mine, monitored = count_not_mine(conn), count_monitored(conn)
        summed, disowned = sums(conn), disowned_by_state(conn)
        marked, spent = count_marks(conn) | {NOT_ENROLLED: count_not_enrolled(conn)}, paid(conn)
        owed = periods_owed(open_area_alerts(conn, "feed_late"))
    feeds = visit.office.feeds()
    values = {
        "unread": min(new, _MOST - 1),
        "to_do": [
            *_counted("未读消息", new, "/messages"),
            *_counted("登记冲突、推送迟到和村镇预警", areas, "/county/area"),
            *to_do(counts, marked | {NOT_MINE: not_mine}),
        ],
        "funnel": funnel(counts, feeds.published, feeds.applied),
        "lines": [str(line) for line in lines(feeds, counts, summed, disowned)],
        "rates": [*in_words(counts, monitored, marked[NOT_ENROLLED]), *_fund(spent, visit.office.fund_pool)],
        "rows": rows(counts, visit.office.places),
        "level_names": list(LEVELS.values())[:3],
        "feeds": feed_lines(feeds, owed, day_of(visit.now)),
        "silent": never_delivered(feeds, owed),
        "read_at": moment(feeds.read_at) if feeds.read_at else "",
    }
    return Answer("county.html", values)


def funnel(counts: Iterable[Count], published: int | None, applied: int | None) -> list[Step]:
    """Events published, those that count for a household, alerts, and alerts that people confirmed."""
    counted = list(counts)
    confirmed = sum(c.alerts for c in counted if c.status not in _UNCONFIRMED)
    alerts = sum(c.alerts for c in counted if c.status != "WITHDRAWN")
    return [
        Step("部门推送", published),
        Step("归到农户", applied),
        Step("产生预警", alerts),
        Step("核实属实", confirmed),
    ]


def lines(feeds: Feeds, counts: Iterable[Count], summed: Mapping[str, int], disowned: Mapping[str, int]) -> list[Line]:
    """The funnel line by line; that of records only where both ends of it could be read, none of nothing."""
    states = Counter[str]()
    for count in counts:
        states[count.status] += count.alerts
    of_alerts = alert_lines(summed, states, disowned)
    known = feeds.published is not None and feeds.outcomes is not None
    records = [records_line(feeds.published or 0, feeds.outcomes or {})] if known else []
    return [line for line in (*records, *of_alerts) if line.whole]


def to_do(counts: Iterable[Count], known: Mapping[str, int]) -> list[ToDo]:
    """Which lists of alerts wait for the county; those in which nothing stands are left out.

    `known`: list -> how many, of lists that states do not tell.
    """
    numbers = {code: known.get(code, 0) for code in _TO_DO}
    for count in counts:
        for code in _TO_DO:
            numbers[code] += count.alerts if count.status in COUNTY_LISTS[code].states else 0
    return [ToDo(COUNTY_LISTS[c].title, f"{n:,}", f"/county/alerts?tab={c}") for c, n in numbers.items() if n]


def _fund(spent: Paid, pool: int) -> list[str]:
    """What the fund paid and has left; nothing where there is none."""
    if not pool and not spent.cases:
        return []
    left = max(0, pool - spent.amount - spent.waiting)
    return [f"救助基金：已支付{spent.cases}笔{yuan(spent.amount)}，规模{yuan(pool)}，可用{yuan(left)}。"]


def _counted(title: str, number: int, link: str) -> list[ToDo]:
    """Something of which no more than so many are counted; nothing where there is none."""
    return [ToDo(title, f"{number}" if number < _MOST else f"{_MOST - 1}+", link)] if number else []


def rows(counts: Iterable[Count], places: Mapping[str, str]) -> list[Row]:
    """One row for each township that has alerts waiting, by name; alerts without township last."""
    found: dict[str, dict[str, int]] = {}
    unseen: dict[str, int] = {}
    for count in counts:
        code = count.township_code or ""
        if count.status in _OPEN:
            of = found.setdefault(code, dict.fromkeys(LEVELS, 0))
            of[count.level] = of.get(count.level, 0) + count.alerts
        if count.status == "ALERTED":
            unseen[code] = unseen.get(code, 0) + count.alerts
    pushed = [level for level in LEVELS if level != "watch"]
    return [
        Row(
            code, places.get(code, code) or "未登记", tuple((lv, found[code][lv]) for lv in pushed), unseen.get(code, 0)
        )
        for code in sorted(found, key=lambda code: (not code, code))
    ]
