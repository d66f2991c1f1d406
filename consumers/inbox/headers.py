"""What every response carries besides its page: security headers and cookies."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SESSION, VISITOR = "session", "visitor"
_ALWAYS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
_NOT_KEPT = "no-store"
_STATIC_KEPT = "public, max-age=86400"


def is_secure(url: str) -> bool:
    """Whether people open the page over TLS."""
    return url.startswith("https://")


def cookie_name(url: str, kind: str) -> str:
    """Name of a cookie; over TLS one that no other host can set."""
    return f"__Host-alertbus-{kind}" if is_secure(url) else f"alertbus-{kind}"


def set_cookie(response: Response, url: str, kind: str, value: str, seconds: int) -> None:
    """Keep a value in a cookie that scripts and other sites cannot use; empty text removes it."""
    response.set_cookie(
        cookie_name(url, kind),
        value,
        max_age=seconds if value else 0,
        path="/",
        secure=is_secure(url),
        httponly=True,
        samesite="lax",
    )


class Headers:
    """ASGI middleware that adds the security headers to every response."""

    def __init__(self, app: ASGIApp, url: str) -> None:
        """`url`: as people open the page."""
        self._app = app
        tls = {"strict-transport-security": "max-age=31536000"} if is_secure(url) else {}
        self._always = {**_ALWAYS, **tls}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and its response back with the headers."""
        kept = _STATIC_KEPT if scope.get("path", "").startswith("/static/") else _NOT_KEPT

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update({**self._always, "cache-control": kept})
            await send(message)

        await self._app(scope, receive, with_headers)
