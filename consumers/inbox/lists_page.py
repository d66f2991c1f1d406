"""Lists of alerts: a township's tasks, its messages, and the lists into which the county's figures lead."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from sqlalchemy import Connection

from consumers.inbox.alert import Alert, alert_from
from consumers.inbox.deadline import moment
from consumers.inbox.sight import COUNTY
from consumers.inbox.task_list import PAGE, TAB_TITLES, TABS, Line, line_of, merged, tab_counts, urgency
from consumers.inbox.visit import Answer, Visit
from consumers.inbox.words import LEVELS, MESSAGES, number_of
from consumers.store.alert_lists import Place, Wanted, count_alerts, list_alerts
from consumers.store.database import reading
from consumers.store.tasks import Received, messages_for

_AFTER = re.compile(r"(\d)-(\d{1,15})-([A-Za-z0-9_]{1,64})")
_TOWNSHIP = re.compile(r"[0-9]{1,12}")
_MOST_UNREAD, _SHOWN_MESSAGES = 200, 50
_WAITING = "waiting"
_ALERTED = ("ALERTED",)
UNACKNOWLEDGED = "unacknowledged"
_PUSHED = frozenset(("level_up", "new_cause", "withdrawn", "handed_over", "taken_over"))
"""Messages that say more than the list of tasks itself."""


class MessageLine(NamedTuple):
    """A message in words; `is_new` until somebody of the township opened the alert."""

    at: str
    alert_id: str
    number: str
    level: str
    text: str
    is_new: bool


def tasks_page(visit: Visit) -> Answer:
    """The township's own alerts, the most urgent first."""
    tab = visit.query.get("tab", _WAITING)
    tab = tab if tab in TABS else _WAITING
    township = visit.me.township_code or ""
    with reading(visit.office.engine) as conn:
        messages = messages_for(conn, township, _MOST_UNREAD)
        counts = tab_counts((c.status, c.alerts) for c in count_alerts(conn, township))
        found, more = _page(conn, township, TABS[tab], None, _after(visit))
    unread = [message for message in messages if message.read_at is None]
    values = {
        "tab": tab,
        "tabs": [(code, title, counts[code]) for code, title in TAB_TITLES.items()],
        "lines": _lines(visit, found, frozenset(m.message.alert_id for m in unread)),
        "more": more,
        "messages": [_message_line(m) for m in unread if m.message.kind in _PUSHED][:3],
        "unread": len(unread),
    }
    return Answer("tasks.html", values)


def messages_page(visit: Visit) -> Answer:
    """What the township was told, the newest first."""
    with reading(visit.office.engine) as conn:
        messages = messages_for(conn, visit.me.township_code or "", _SHOWN_MESSAGES)
    return Answer("messages.html", {"messages": [_message_line(message) for message in messages]})


def county_list_page(visit: Visit) -> Answer:
    """Alerts of one township or all, as the county's figures lead here."""
    given = visit.query.get("township", "")
    township = given if _TOWNSHIP.fullmatch(given) else None
    level = visit.query.get("level") if visit.query.get("level") in LEVELS else None
    tab = visit.query.get("tab", _WAITING)
    states = _ALERTED if tab == UNACKNOWLEDGED else TABS.get(tab, TABS[_WAITING])
    with reading(visit.office.engine) as conn:
        found, more = _page(conn, township, states, level, _after(visit))
    where = visit.office.places.get(township or "", township or "全县")
    what = "未签收" if tab == UNACKNOWLEDGED else TAB_TITLES.get(tab, TAB_TITLES[_WAITING])
    title = "，".join(filter(None, (where, LEVELS.get(level or ""), what)))
    chosen = {"township": township or "", "level": level or "", "tab": tab if what else _WAITING}
    return Answer("county_list.html", {"title": title, "lines": _lines(visit, found), "more": more, "chosen": chosen})


def _page(
    conn: Connection, township: str | None, states: tuple[str, ...], level: str | None, after: Place | None
) -> tuple[list[Alert], str | None]:
    """One page of alerts in any of these states, and where the next one begins."""
    parts = [list_alerts(conn, Wanted(township, status, level=level), PAGE + 1, after) for status in states]
    found = merged(([alert_from(stored.content) for stored in part] for part, _ in parts), PAGE + 1)
    if len(found) <= PAGE:
        return found, None
    return found[:PAGE], "-".join(map(str, urgency(found[PAGE - 1])))


def _after(visit: Visit) -> Place | None:
    given = _AFTER.fullmatch(visit.query.get("after", ""))
    return Place(int(given[1]), int(given[2]), given[3]) if given else None


def _lines(visit: Visit, alerts: list[Alert], unread: frozenset[str] = frozenset()) -> list[Line]:
    places: Any = visit.office.places
    if visit.me.role != COUNTY:  # an officer knows the own township
        places = {**places, visit.me.township_code or "": ""}
    return [line_of(alert, places, unread, visit.now) for alert in alerts]


def _message_line(received: Received) -> MessageLine:
    message = received.message
    step = f"：{LEVELS.get(message.level_before, '')}→{LEVELS.get(message.level, '')}" if message.level_before else ""
    text = MESSAGES.get(message.kind, message.kind) + step
    at = moment(message.created_at)
    return MessageLine(at, message.alert_id, number_of(message.alert_id), message.level, text, received.read_at is None)
