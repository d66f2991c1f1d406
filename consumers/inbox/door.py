"""Between the web and the pages: who is it, may they, is the form theirs; and what every answer carries."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from consumers.inbox.access import LONGEST_MS, SEEN_EVERY_MS, form_token, is_alive, same
from consumers.inbox.action_form import Fields, first
from consumers.inbox.headers import SESSION, VISITOR, cookie_name, set_cookie
from consumers.inbox.rendering import render
from consumers.inbox.sign_in import ask, keep
from consumers.inbox.visit import Answer, Office, Page, Visit, not_found, notice, redirect
from consumers.store.accounts import account_of
from consumers.store.database import StoreError, reading, writing
from consumers.store.sessions import session_of, touch_session

LONGEST_BODY = 64 * 1024
MOST_FIELDS = 100
EXPIRED = "登录已过期，请重新登录。刚才填写的内容不会丢。"
log = logging.getLogger(__name__)


def endpoint(office: Office, page: Page) -> Callable[[Request], Awaitable[Response]]:
    """Page as Starlette calls it."""

    async def answered(request: Request) -> Response:
        fields = await _fields(request) if page.method == "POST" else {}
        if fields is None:
            return _response(
                office, notice("不能提交", "提交的内容太长或者不完整，请返回缩短后再试。", status=413), None, ""
            )
        return await run_in_threadpool(_respond, office, page, request, fields)

    return answered


async def _fields(request: Request) -> Fields | None:
    """Fields of a posted form; None where it is too long or no form."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LONGEST_BODY:
            return None
    try:
        text = body.decode().replace("%00", "").replace("\0", "")  # PostgreSQL keeps no NUL, and nobody types one
        return parse_qs(text, keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError:
        return None


def _respond(office: Office, page: Page, request: Request, fields: Fields) -> Response:
    visitor = request.cookies.get(cookie_name(office.url, VISITOR)) or secrets.token_urlsafe(32)
    visit = Visit(
        office=office,
        now=office.now(),
        account=None,
        session=None,
        form_token=form_token(visitor),
        path=request.url.path,
        params=request.path_params,
        query=request.query_params,
        fields=fields,
    )
    try:
        visit = _recognised(visit, request.cookies.get(cookie_name(office.url, SESSION), ""))
        answer = _refusal(page, visit, request) or page.show(visit)
        _note_use(page, visit)
    except StoreError as error:
        log.warning("store: %s", type(error).__name__)
        answer = _store_away(visit)
    return _response(office, answer, visit, visitor)


def _recognised(visit: Visit, token: str) -> Visit:
    """Whoever the cookie says, if the session still holds."""
    if not token:
        return visit
    with reading(visit.office.engine) as conn:
        session = session_of(conn, token)
        account = account_of(conn, session.account_id) if session else None
    if session is None or account is None or account.closed_at is not None:
        return visit
    if not is_alive(session.created_at, session.last_seen_at, visit.now):
        return visit
    return replace(visit, account=account, session=session, form_token=session.csrf)


def _refusal(page: Page, visit: Visit, request: Request) -> Answer | None:
    """Why the page is not for this visit, if so."""
    is_post = page.method == "POST"
    if is_post and not _from_here(visit.office, request):
        return notice("不能提交", "这次提交不是从本系统的页面发出的。", status=403)
    if page.roles and visit.account is None:
        return _sign_in_first(visit, is_post=is_post) if page.is_use else Answer(status=401)  # the page stays as it is
    if page.roles and visit.me.role not in page.roles:
        return not_found()
    if is_post and not same(first(visit.fields, "csrf"), visit.form_token):
        return (
            _sign_in_first(visit, is_post=True)
            if page.roles
            else notice("请再试一次", "页面已过期，请返回后刷新再试。", 403)
        )
    return None


def _from_here(office: Office, request: Request) -> bool:
    origin = request.headers.get("origin")
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        return False
    return origin is None or urlsplit(origin).netloc in {request.headers.get("host"), urlsplit(office.url).netloc}


def _sign_in_first(visit: Visit, *, is_post: bool) -> Answer:
    if not is_post:
        return redirect(f"/sign-in?next={visit.path}")
    if "alert_id" not in visit.params:
        return ask(visit, "/", EXPIRED, status=401)
    return ask(visit, visit.path, EXPIRED, keep(visit.params["alert_id"], visit.fields), status=401)


def _store_away(visit: Visit) -> Answer:
    """Say that the store does not answer; a posted form stands on the page, to be sent again."""
    again = [(name, value) for name, values in visit.fields.items() for value in values if name != "password"]
    text = "数据库暂时不能用，这一步还没有存进去。您填写的内容还在本页，请稍后点“再试一次”。"
    return Answer("away.html", {"text": text, "again": again, "path": visit.path}, 503)


def _note_use(page: Page, visit: Visit) -> None:
    session = visit.session
    if not page.is_use or session is None or visit.now - session.last_seen_at < SEEN_EVERY_MS:
        return
    with suppress(StoreError), writing(visit.office.engine) as conn:  # the page itself is done: noted next time
        touch_session(conn, session, visit.now)


def _response(office: Office, answer: Answer, visit: Visit | None, visitor: str) -> Response:
    response: Response
    if answer.template is None:
        response = Response(status_code=answer.status, headers={"location": answer.to} if answer.to else None)
    else:
        known = {"me": visit.account if visit else None, "csrf": visit.form_token if visit else ""}
        response = HTMLResponse(render(answer.template, {**known, **answer.values}), answer.status)
    if answer.session is not None:
        set_cookie(response, office.url, SESSION, answer.session, LONGEST_MS // 1000)
    elif visit and visit.account is None:
        set_cookie(response, office.url, VISITOR, visitor, LONGEST_MS // 1000)
    return response


def unknown_page(_: Request, __: Exception) -> Response:
    """Where there is no such page."""
    return _for_anybody(not_found())


def broken_page(_: Request, __: Exception) -> Response:
    """Where the program made a mistake; its log says which."""
    return _for_anybody(notice("出错了", "系统出了错，这一步没有存进去。请返回再试；还不行请告诉县里。", status=500))


def _for_anybody(answer: Answer) -> Response:
    return HTMLResponse(render("notice.html", {"me": None, "csrf": "", **answer.values}), answer.status)
