"""The 12317 operators' pages: sign in with a key, fill in for a caller, read out the number and its code."""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime

from producers.gateway.keys_store import key_of
from producers.gateway.words import REFUSALS, RefusedError
from producers.report import sessions
from producers.report.pages import asked_in, form_values, receipt_page
from producers.report.receipt import Receipt
from producers.report.refusals import TurnedAwayError
from producers.report.report import HOTLINE, OPERATORS, SELF, Asked
from producers.report.sessions import Session
from producers.report.visit import Answer, Values, Visit
from producers.report.words import AMISS
from producers.store_file import reading, writing
from schemas.beijing import instant, milliseconds

_START = "/hotline"
_MINUTES = "%Y-%m-%dT%H:%M"


def hotline_page(visit: Visit) -> Answer:
    """An empty form for an operator, or the question who it is."""
    if visit.session is None:
        return Answer("sign_in.html", {"wrong": ""})
    asked = Asked("", SELF, "", (), "hotline", consent=False, channel=HOTLINE)
    return Answer("form.html", _values(visit, visit.session, asked))


def sign_in(visit: Visit) -> Answer:
    """Begin a session with a key."""
    try:
        key, _ = visit.office.door.key(f"Bearer {visit.first('key')[:200]}", visit.address)
    except RefusedError as error:
        return Answer("sign_in.html", {"wrong": REFUSALS[error.code].zh}, error.status, error.headers)
    if key.sender != OPERATORS:
        return Answer("sign_in.html", {"wrong": "此密钥不是话务员的密钥，请核对。"}, 403)
    token = secrets.token_urlsafe(32)
    with writing(visit.office.engine) as conn:
        sessions.begin(conn, token, key.id, visit.now)
    return Answer(None, to=_START, status=303, cookie=token)


def sign_out(visit: Visit) -> Answer:
    """End the session."""
    _operator(visit)
    with writing(visit.office.engine) as conn:
        sessions.end(conn, visit.cookie)
    return Answer(None, to=_START, status=303, cookie="")


def send_for_caller(visit: Visit) -> Answer:
    """Take what a caller said."""
    session = _operator(visit)
    called_at = _called_at(visit.first("called_at"))
    asked = asked_in(visit, HOTLINE, called_at)
    token = visit.first("token")
    if called_at is None:
        faults = {"called_at": AMISS["called_at"]}
        return Answer("form.html", _values(visit, session, asked, faults, token), 422)
    taken = visit.office.desk.take(asked, token, OPERATORS, visit.address, visit.now)
    if not isinstance(taken, Receipt):
        return Answer("form.html", _values(visit, session, asked, taken, token), 422)
    return receipt_page(taken, hotline=True)


def session_of(visit: Visit) -> Session | None:
    """Session of a visit's cookie, while it and its key still hold."""
    if not visit.cookie:
        return None
    with reading(visit.office.engine) as conn:
        session = sessions.session_of(conn, visit.cookie, visit.now)
    if session is None:
        return None
    with reading(visit.office.keys) as conn:
        key = key_of(conn, session.key_id)
    return session if key is not None and key.state(visit.now) == "active" else None


def _operator(visit: Visit) -> Session:
    """Who sends a form; raises TurnedAwayError where it is not theirs."""
    if visit.session is None or not hmac.compare_digest(visit.session.csrf.encode(), visit.first("csrf").encode()):
        raise TurnedAwayError("sign_in")
    return visit.session


def _called_at(typed: str) -> int | None:
    """When a call came, ms; None where that is no time."""
    try:
        return milliseconds(datetime.strptime(typed, _MINUTES))  # noqa: DTZ007  # Beijing's, as people write it
    except (ValueError, OverflowError):
        return None


def _values(
    visit: Visit, session: Session, asked: Asked, faults: dict[str, str] | None = None, token: str = ""
) -> Values:
    called = visit.first("called_at")[:20] or f"{instant(visit.now):{_MINUTES}}"
    more = {"hotline": True, "csrf": session.csrf, "called_at": called}
    return form_values(asked, faults, token) | more
