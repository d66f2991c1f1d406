"""Signing in: an invitation becomes a password, a password a session. No page tells whether an account exists."""

from __future__ import annotations

import re
from dataclasses import replace

import msgspec

from consumers.inbox.access import LOCKED_MS, TRIES, is_locked, locked_after
from consumers.inbox.action_form import Fields, first
from consumers.inbox.alert_page import show_alert
from consumers.inbox.passwords import SHORTEST, hash_of, matches, weakness
from consumers.inbox.sight import COUNTY
from consumers.inbox.visit import Answer, Visit, redirect
from consumers.store.accounts import Account, accept, account_named, account_of, invited, note_failure, note_success
from consumers.store.database import reading, writing
from consumers.store.sessions import end_session, end_sessions, start_session

WRONG = f"账号或密码不对。连续{TRIES}次不对，账号会锁定{LOCKED_MS // 60_000}分钟。"
NO_INVITATION = "这个链接已经用过或者过期了，请向县里再要一个。"
STILL_THERE = "您已重新登录。刚才填写的内容还在，请检查后再提交一次。"
NOT_EQUAL = "两次输入的密码不一样。"
_OWN_PATH = re.compile(r"/(?!/)[A-Za-z0-9_./?=&-]*")
_LONGEST_NAME = 100


def start(visit: Visit) -> Answer:
    """To where the work is."""
    if visit.account is None:
        return redirect("/sign-in")
    return redirect("/county" if visit.account.role == COUNTY else "/tasks")


def sign_in_page(visit: Visit) -> Answer:
    """Form for account and password."""
    return ask(visit, visit.query.get("next", ""))


def ask(visit: Visit, then: str, message: str = "", kept: str = "", status: int = 200) -> Answer:
    """Ask to sign in; `then` is where to go after it, `kept` a form that was being filled in (see `keep`)."""
    values = {"then": own_path(then), "message": message, "kept": kept, "name": first(visit.fields, "name")}
    return Answer("sign_in.html", values, status)


def own_path(path: str) -> str:
    """The path if it leads to a page of ours, else the start."""
    return path if _OWN_PATH.fullmatch(path) else "/"


class KeptForm(msgspec.Struct, frozen=True):
    """An answer to an alert that was carried through signing in."""

    alert_id: str
    fields: dict[str, list[str]]


def keep(alert_id: str, fields: Fields) -> str:
    """A form as text, to be carried through signing in; its token is left behind."""
    given = {name: list(values) for name, values in fields.items() if name != "csrf"}
    return msgspec.json.encode(KeptForm(alert_id, given)).decode()


def kept_form(text: str, account_id: str) -> KeptForm | None:
    """Form that was carried; None if it is none, or somebody else filled it in."""
    try:
        form = msgspec.json.decode(text, type=KeptForm)
    except msgspec.DecodeError:
        return None
    return form if form.fields.get("account") == [account_id] else None


def sign_in(visit: Visit) -> Answer:
    """Check a password; then back to where the officer was, with what they had filled in."""
    then, kept = first(visit.fields, "then"), first(visit.fields, "kept")
    account = _who(visit)
    if account is None:
        return ask(visit, then, WRONG, kept, status=401)
    with writing(visit.office.engine) as conn:
        note_success(conn, account.id)
        token, session = start_session(conn, account.id, visit.now)
    form = kept_form(kept, account.id)
    if form is None:
        return redirect(own_path(then), token)
    signed_in = replace(visit, account=account, session=session, form_token=session.csrf, fields=form.fields)
    again = show_alert(replace(signed_in, params={"alert_id": form.alert_id}), STILL_THERE)
    return replace(again, session=token, values={**again.values, "me": account, "csrf": session.csrf})


def _who(visit: Visit) -> Account | None:
    """Whose name and password these are; a failure is counted. Costs the same where there is no such account."""
    name, password = first(visit.fields, "name").strip()[:_LONGEST_NAME], first(visit.fields, "password")
    with reading(visit.office.engine) as conn:
        account = account_named(conn, name)
    fits = matches(account.password_hash if account else None, password)
    if account is None or account.closed_at is not None or is_locked(account.locked_until, visit.now):
        return None
    if fits:
        return account
    with writing(visit.office.engine) as conn:
        known = account_of(conn, account.id) or account
        note_failure(conn, account.id, locked_after(known.failed_count + 1, visit.now))
    return None


def sign_out(visit: Visit) -> Answer:
    """End the session here."""
    if visit.session is not None:
        with writing(visit.office.engine) as conn:
            end_session(conn, visit.session)
    return redirect("/sign-in", session="")


def invitation_page(visit: Visit) -> Answer:
    """Form for the first password."""
    with reading(visit.office.engine) as conn:
        account = invited(conn, visit.params["token"], visit.now)
    return _invitation(visit, account)


def _invitation(visit: Visit, account: Account | None, message: str = "") -> Answer:
    if account is None:
        return Answer("notice.html", {"title": "链接无效", "text": NO_INVITATION}, 404)
    values = {"name": account.name, "message": message, "shortest": SHORTEST, "token": visit.params["token"]}
    return Answer("invitation.html", values, 422 if message else 200)


def take_invitation(visit: Visit) -> Answer:
    """Set the password and sign in; whoever was signed in under the account is signed out."""
    token, password = visit.params["token"], first(visit.fields, "password")
    with reading(visit.office.engine) as conn:
        account = invited(conn, token, visit.now)
    if account is None:
        return _invitation(visit, None)
    equal = password == first(visit.fields, "again")
    if problem := (weakness(password, account.name) if equal else NOT_EQUAL):
        return _invitation(visit, account, problem)
    hashed = hash_of(password)
    with writing(visit.office.engine) as conn:
        accepted = accept(conn, token, hashed, visit.now)
        if accepted is None:
            return _invitation(visit, None)
        end_sessions(conn, accepted.id)
        session_token, _ = start_session(conn, accepted.id, visit.now)
    return redirect("/", session_token)
