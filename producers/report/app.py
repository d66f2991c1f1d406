"""The report program as a web application: its addresses, and the way of a request through them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

from anyio import to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from producers.gateway.words import RefusedError
from producers.report import api, hotline, pages
from producers.report.metrics import TURNED_AWAY
from producers.report.openapi import document
from producers.report.receipt import Receipt
from producers.report.refusals import TurnedAwayError
from producers.report.rendering import STATIC, render
from producers.report.shown import as_json
from producers.report.visit import Answer, Fields, Office, Visit
from producers.report.watched import Watched, told
from producers.store_file import StoreError

LONGEST_BODY = 16 * 1024
BODY_SECONDS = 15.0
_MOST_FIELDS = 60
_FORM = "application/x-www-form-urlencoded"


class Page(NamedTuple):
    """An address for people."""

    path: str
    method: str
    show: Callable[[Visit], Answer]


PAGES: tuple[Page, ...] = (
    Page("/", "GET", pages.form_page),
    Page("/", "POST", pages.send),
    Page("/status", "GET", pages.find_page),
    Page("/status", "POST", pages.status),
    Page("/appeal", "POST", pages.appeal),
    Page("/withdraw", "POST", pages.withdraw),
    Page("/hotline", "GET", hotline.hotline_page),
    Page("/hotline", "POST", hotline.send_for_caller),
    Page("/hotline/sign-in", "POST", hotline.sign_in),
    Page("/hotline/sign-out", "POST", hotline.sign_out),
)


def create_app(office: Office) -> Starlette:
    """Application of an office."""
    routes = [Route(page.path, _page(office, page), methods=[page.method]) for page in PAGES]
    programs = [
        Route("/v1/reports", _post(office), methods=["POST"]),
        Route("/v1/reports/{receipt}", _get(office), methods=["GET"]),
        Route("/openapi.json", _openapi, methods=["GET"]),
    ]
    return Starlette(
        routes=[*routes, *programs, Mount("/static", StaticFiles(directory=STATIC))],
        middleware=[Middleware(Watched, office=office)],
        exception_handlers={
            TurnedAwayError: _turned_away,
            RefusedError: _refused,
            StoreError: _store_away,
            HTTPException: _unknown,
        },
    )


def _page(office: Office, page: Page) -> Callable[[Request], Awaitable[Response]]:
    async def answered(request: Request) -> Response:
        fields = await _fields(office, request) if page.method == "POST" else {}
        cookie = request.cookies.get(cookie_name(office), "")
        visit = Visit(office, office.now(), _address(request), page.path, fields, cookie)
        return _response(office, await to_thread.run_sync(partial(_shown, page, visit)))

    return answered


def _shown(page: Page, visit: Visit) -> Answer:
    if page.show.__module__ == hotline.__name__:
        visit = replace(visit, session=hotline.session_of(visit))
    return page.show(visit)


def _response(office: Office, answer: Answer) -> Response:
    if answer.template is None:
        response = Response(status_code=answer.status, headers={"location": answer.to})
    else:
        response = HTMLResponse(render(answer.template, answer.values), answer.status, dict(answer.headers))
    if answer.cookie is not None:
        response.set_cookie(
            cookie_name(office),
            answer.cookie,
            path="/",
            secure=office.is_secure,
            httponly=True,
            samesite="strict",
            max_age=None if answer.cookie else 0,
        )
    return response


def cookie_name(office: Office) -> str:
    """Name of an operator's cookie; over TLS one that no other host can set."""
    return "__Host-alertbus-hotline" if office.is_secure else "alertbus-hotline"


async def _fields(office: Office, request: Request) -> Fields:
    """Fields of a posted form; raises TurnedAwayError."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise TurnedAwayError("unknown_type")
    if not _from_here(office, request):
        raise TurnedAwayError("not_from_here")
    try:
        text = (await _body(request)).decode()
        return parse_qs(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="strict")
    except ValueError as error:
        raise TurnedAwayError("bad_form") from error


def _from_here(office: Office, request: Request) -> bool:
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        return False
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc in {request.headers.get("host"), urlsplit(office.url).netloc}


async def _body(request: Request) -> bytes:
    content = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.stream():
                content += chunk
                if len(content) > LONGEST_BODY:
                    raise TurnedAwayError("too_large")
    except TimeoutError as error:
        raise TurnedAwayError("too_slow") from error
    except ClientDisconnect as error:
        raise TurnedAwayError("bad_form") from error
    return bytes(content)


def _post(office: Office) -> Callable[[Request], Awaitable[Response]]:
    async def post(request: Request) -> Response:
        sender = await _sender(office, request)
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            raise TurnedAwayError("unknown_type")
        content = await _body(request)
        token = request.headers.get("idempotency-key")
        taken = await to_thread.run_sync(partial(api.post, office, sender, content, token, _address(request)))
        if not isinstance(taken, Receipt):
            return JSONResponse({"error": "bad_report", "fields": taken}, 422)
        where = {"location": f"/v1/reports/{taken.kept.report.number}"}
        return JSONResponse(api.accepted(taken), 202, where)

    return post


def _get(office: Office) -> Callable[[Request], Awaitable[Response]]:
    async def get(request: Request) -> Response:
        sender = await _sender(office, request)
        number = request.path_params["receipt"]
        return JSONResponse(as_json(await to_thread.run_sync(office.desk.find, number, sender)))

    return get


async def _openapi(_request: Request) -> Response:
    return JSONResponse(document())


async def _sender(office: Office, request: Request) -> str:
    """Scope of a request's key; raises RefusedError."""
    authorization = request.headers.get("authorization")
    key, _ = await to_thread.run_sync(office.door.key, authorization, _address(request))
    if key.sender not in api.SENDERS:
        raise RefusedError("other_department")
    return key.sender


def _address(request: Request) -> str:
    return request.client.host if request.client else "?"


async def _turned_away(request: Request, error: Exception) -> Response:
    assert isinstance(error, TurnedAwayError)  # noqa: S101  # it is registered for these
    TURNED_AWAY.labels(error.code).inc()
    return told(request.url.path, error)


async def _refused(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RefusedError)  # noqa: S101  # it is registered for these
    return JSONResponse(error.body(), error.status, error.headers)


async def _store_away(request: Request, _error: Exception) -> Response:
    return await _turned_away(request, TurnedAwayError("store_away", 30))


async def _unknown(request: Request, error: Exception) -> Response:
    """An address or method that is not there."""
    headers = error.headers if isinstance(error, HTTPException) else None
    found = TurnedAwayError("no_page")
    found.headers.update(headers or {})
    return told(request.url.path, found)
