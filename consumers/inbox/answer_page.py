"""What an officer answers: checked, then written with its note and its way to the bus in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from consumers.inbox.action_form import Fields, action_of, first, problem_in, version_in
from consumers.inbox.alert import Alert, alert_from
from consumers.inbox.alert_page import cadres, find, show_alert
from consumers.inbox.help_words import yuan
from consumers.inbox.offers import allowed
from consumers.inbox.standing import moved_on
from consumers.inbox.visit import Answer, Visit, redirect
from consumers.store.alert_lists import versions_of
from consumers.store.database import writing
from consumers.store.fund import reserve
from consumers.store.notes import Note, put_note
from consumers.store.outbox import Outgoing, actions_of, put_action
from schemas.actions import AMOUNT, fen_of
from schemas.codec import encode

NOT_NOW = "现在不能做这一步：预警的状态已经变了，请看最新情况。"


def answer(visit: Visit) -> Answer:
    """Take an answer and go back to the alert; where that cannot be, the page says why and keeps what was written."""
    with writing(visit.office.engine) as conn:
        alert = find(conn, visit).alert
        problem = _take(conn, visit, alert) if alert else None
    if alert is None:
        return show_alert(visit)
    if problem:
        return show_alert(visit, problem, status=409)
    visit.office.something_to_send()
    return redirect(f"/alerts/{alert.alert_id}")


def _take(conn: Connection, visit: Visit, alert: Alert) -> str | None:
    """Write the answer down; what is wrong with it, if anything."""
    version = version_in(visit.fields)
    if version is None or version > alert.version:
        return "表单不完整，请再答复一次。"
    if problem := problem_in(visit.fields, cadres(conn, alert), visit.today):
        return problem
    action = action_of(visit.actor, alert, version, visit.fields, visit.now)
    if any(sent.action_id == action["action_id"] for sent in actions_of(conn, alert.household_id)):
        return None  # a double tap, another tab, the back button: it is on its way already
    if news := _news(conn, visit, alert, version):
        return f"您打开这一页之后，预警有了变化：{'；'.join(news)}。请看过最新情况再答复。"
    is_offered = allowed(alert, visit.me.role, action["action"])
    if problem := _over_the_pool(conn, visit, action) if is_offered else NOT_NOW:
        return problem
    if put_action(conn, Outgoing(action["action_id"], alert.household_id, encode("action", action), visit.now)):
        _note(conn, visit, visit.fields, action["action_id"])
    return None


def _over_the_pool(conn: Connection, visit: Visit, action: Mapping[str, Any]) -> str | None:
    """Put aside what a fund is said to have paid; what to say where it has not got that much."""
    asked = fen_of(action["details"].get(AMOUNT, ""))
    left = reserve(conn, action["action_id"], asked, visit.office.fund_pool) if asked else None
    return None if left is None else f"基金可用余额{yuan(left)}，不够这笔{yuan(asked)}。"


def _news(conn: Connection, visit: Visit, alert: Alert, version: int) -> list[str]:
    versions = (alert_from(stored.content) for stored in versions_of(conn, alert.alert_id))
    seen = next((known for known in versions if known.version == version), None)
    return moved_on(seen, alert, visit.me.id) if seen else ["所看的版本已不存在"]


def _note(conn: Connection, visit: Visit, fields: Fields, action_id: str) -> None:
    text = first(fields, "note").strip()
    if text:
        put_note(conn, Note(action_id, visit.params["alert_id"], visit.me.id, text, visit.now))
