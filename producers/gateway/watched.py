"""ASGI middleware around everything: answers are counted, and what nobody expected is logged without what was sent."""

from __future__ import annotations

import logging
import traceback

from starlette.datastructures import MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from producers.gateway.words import RefusedError
from producers.metrics import REQUESTS

_ALWAYS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
log = logging.getLogger(__name__)


class Watched:
    """Wraps an application."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap it."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = False

        async def counted(message: Message) -> None:
            nonlocal began
            if message["type"] == "http.response.start":
                began = True
                REQUESTS.labels(str(message["status"])).inc()
                MutableHeaders(scope=message).update(_ALWAYS)
            await send(message)

        try:
            await self._app(scope, receive, counted)
        except Exception as error:  # noqa: BLE001  # its text may repeat what was sent: only its name and place are logged
            log.error("unexpected %s\n%s", type(error).__name__, "".join(traceback.format_tb(error.__traceback__)))  # noqa: TRY400
            if not began:
                refusal = RefusedError("broken")
                await JSONResponse(refusal.body(), refusal.status)(scope, receive, counted)
