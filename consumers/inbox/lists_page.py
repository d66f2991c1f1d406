"""Lists of alerts: a township's tasks, and the lists into which the county's figures lead."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import Connection

from consumers.inbox.alert import Alert, alert_from
from consumers.inbox.area_page import areas_of
from consumers.inbox.messages_page import message_line
from consumers.inbox.task_list import PAGE, TAB_TITLES, TABS, Line, line_of, merged, tab_counts, urgency
from consumers.inbox.visit import Answer, Visit
from consumers.inbox.words import LEVELS, NEWS
from consumers.store.alert_lists import Place, Wanted, count_alerts, list_alerts
from consumers.store.database import reading
from consumers.store.marks import NOT_ENROLLED
from consumers.store.tasks import messages_for

_AFTER = re.compile(r"(\d)-(\d{1,15})-([A-Za-z0-9_]{1,64})")
_TOWNSHIP = re.compile(r"[0-9]{1,12}")
_MOST_UNREAD = 200
_MOST_AREAS = 3
_WAITING = "waiting"


class Listed(NamedTuple):
    """What a list of the county holds: alerts in these states, or with a mark, or those that their townships disowned.

    `monitored`: only those of households that the county ever included.
    """

    title: str
    states: tuple[str, ...] = ()
    mark: str | None = None
    monitored: bool = False


NOT_MINE, NO_PLAN = "not_mine", "no_plan"
COUNTY_LISTS: Mapping[str, Listed] = {
    **{tab: Listed(title, TABS[tab]) for tab, title in TAB_TITLES.items()},
    "unacknowledged": Listed("未签收", ("ALERTED",)),
    "include": Listed("等待复核或纳入监测", ("CONFIRMED", "REVIEWED")),
    "clear": Listed("等待同意风险消除", ("CLEAR_PROPOSED",)),
    NO_PLAN: Listed("已纳入监测，还没有帮扶计划", ("INCLUDED",)),
    "insurer_nudge": Listed("提醒保险公司理赔", mark="insurer_nudge"),
    "fund_referral": Listed("可申请防返贫救助基金", mark="fund_referral"),
    "without_follow_up": Listed("易地搬迁户还没有帮扶措施", mark="without_follow_up"),
    NOT_ENROLLED: Listed("监测户有人未参加医保", mark=NOT_ENROLLED, monitored=True),
    NOT_MINE: Listed("乡镇反映不是本乡镇的户"),
}


def tasks_page(visit: Visit) -> Answer:
    """The township's own alerts, the most urgent first."""
    tab = visit.query.get("tab", _WAITING)
    tab = tab if tab in TABS else _WAITING
    township = visit.me.township_code or ""
    with reading(visit.office.engine) as conn:
        messages = messages_for(conn, township, _MOST_UNREAD)
        areas = areas_of(conn, visit, _MOST_AREAS)
        counts = tab_counts((c.status, c.alerts) for c in count_alerts(conn, township))
        found, more = _page(conn, [Wanted(township, status) for status in TABS[tab]], _after(visit))
    unread = [received for received in messages if received.read_at is None]
    news = {r.message.alert_id: NEWS[r.message.kind] for r in reversed(unread) if r.message.kind in NEWS}
    values = {
        "tab": tab,
        "tabs": [(code, title, counts[code]) for code, title in TAB_TITLES.items()],
        "lines": _lines(visit, found, news),
        "more": more,
        "areas": areas,
        "messages": [message_line(r) for r in unread if r.message.kind not in NEWS][:3],
        "unread": min(len(unread), 99),
    }
    return Answer("tasks.html", values)


def county_list_page(visit: Visit) -> Answer:
    """Alerts of one township or all, as the county's figures lead here."""
    given = visit.query.get("township", "")
    township = given if _TOWNSHIP.fullmatch(given) else None
    level = visit.query.get("level") if visit.query.get("level") in LEVELS else None
    code = visit.query.get("tab", _WAITING)
    code = code if code in COUNTY_LISTS else _WAITING
    listed = COUNTY_LISTS[code]
    wanted = [Wanted(township, status, level=level) for status in listed.states]
    other = Wanted(township, level=level, not_mine=listed.mark is None, mark=listed.mark, monitored=listed.monitored)
    with reading(visit.office.engine) as conn:
        found, more = _page(conn, wanted or [other], _after(visit))
    where = visit.office.places.get(township or "", township or "全县")
    title = "，".join(filter(None, (where, LEVELS.get(level or ""), listed.title)))
    chosen = {"township": township or "", "level": level or "", "tab": code}
    return Answer(
        "county_list.html", {"title": title, "lines": _lines(visit, found, {}), "more": more, "chosen": chosen}
    )


def _page(conn: Connection, wanted: list[Wanted], after: Place | None) -> tuple[list[Alert], str | None]:
    """One page of several lists in one, and where the next one begins."""
    parts = [list_alerts(conn, each, PAGE + 1, after) for each in wanted]
    found = merged(([alert_from(stored.content, stored.red_since) for stored in part] for part, _ in parts), PAGE + 1)
    if len(found) <= PAGE:
        return found, None
    return found[:PAGE], "-".join(map(str, urgency(found[PAGE - 1])))


def _after(visit: Visit) -> Place | None:
    given = _AFTER.fullmatch(visit.query.get("after", ""))
    return Place(int(given[1]), int(given[2]), given[3]) if given else None


def _lines(visit: Visit, alerts: list[Alert], news: Mapping[str, str]) -> list[Line]:
    return [line_of(alert, visit.places, news, visit.now) for alert in alerts]
