"""ASGI middleware around everything: security headers, answers counted, the unexpected logged without what was sent."""

from __future__ import annotations

import logging
import traceback

from starlette.datastructures import MutableHeaders
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from producers.report.metrics import REQUESTS
from producers.report.refusals import TurnedAwayError
from producers.report.rendering import render
from producers.report.visit import Office

_ALWAYS = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; "
        "base-uri 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
_NOT_KEPT, _STATIC_KEPT = "no-store", "public, max-age=86400"
_API = "/v1/"
log = logging.getLogger(__name__)


class Watched:
    """Wraps an application."""

    def __init__(self, app: ASGIApp, office: Office) -> None:
        """`office` knows whether people come over TLS."""
        self._app = app
        tls = {"strict-transport-security": "max-age=31536000"} if office.is_secure else {}
        self._always = _ALWAYS | tls

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and its answer back."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = False
        kept = _STATIC_KEPT if scope["path"].startswith("/static/") else _NOT_KEPT

        async def counted(message: Message) -> None:
            nonlocal began
            if message["type"] == "http.response.start":
                began = True
                REQUESTS.labels(str(message["status"])).inc()
                MutableHeaders(scope=message).update({**self._always, "cache-control": kept})
            await send(message)

        try:
            await self._app(scope, receive, counted)
        except Exception as error:  # noqa: BLE001  # its text may repeat what was sent: only its name and place are logged
            log.error("unexpected %s\n%s", type(error).__name__, "".join(traceback.format_tb(error.__traceback__)))  # noqa: TRY400
            if not began:
                await told(scope["path"], TurnedAwayError("broken"))(scope, receive, counted)


def told(path: str, error: TurnedAwayError) -> Response:
    """Say at an address why somebody is turned away: as a page, or to a program."""
    if path.startswith(_API):
        return JSONResponse(error.body(), error.words.status, error.headers)
    page = render("notice.html", {"title": "没有办成", "text": error.words.zh})
    return HTMLResponse(page, error.words.status, error.headers)
