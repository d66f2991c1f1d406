"""The SDK against a gateway in this process: what travels between them is kept, and may be lost on purpose."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from producers import Limits, Publisher
from tests.gateways import GatewayHere

URL = "https://gateway.example"
QUICK = Limits(linger_seconds=0.02, retry_seconds=0.01, most_seconds=0.02, full_seconds=0, close_seconds=60)
Answer = Callable[[httpx.Request], httpx.Response | None]


class Wire(httpx.BaseTransport):
    """Carries requests to a gateway; its Retry-After becomes 0, for tests do not wait.

    Attributes:
        requests: all that were sent.
        away: nobody answers.
        losing: so many answers are lost on their way back, as when the gateway is killed before it gives them.
        instead: asked first; what it answers counts.

    """

    def __init__(self, gateway: GatewayHere) -> None:
        self.gateway = gateway
        self.requests: list[httpx.Request] = []
        self.away = False
        self.losing = 0
        self.instead: Answer = lambda _: None
        self._one = threading.Lock()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        with self._one:
            self.requests.append(request)
            if self.away:
                raise httpx.ConnectError("away", request=request)
            if (said := self.instead(request)) is not None:
                return said
            answer = self.gateway.request(
                request.method, str(request.url.raw_path, "ascii"), content=request.content, headers=_headers(request)
            )
            if self.losing:
                self.losing -= 1
                raise httpx.ReadError("gone", request=request)
        headers = {name: "0" if name == "retry-after" else value for name, value in answer.headers.items()}
        return httpx.Response(answer.status_code, headers=headers, content=answer.content)

    def close(self) -> None:
        pass

    @property
    def keys(self) -> list[str]:
        """Idempotency keys of what was posted."""
        return [request.headers["idempotency-key"] for request in self.requests if request.method == "POST"]


def _headers(request: httpx.Request) -> dict[str, str]:
    return {name: value for name, value in request.headers.items() if name not in {"host", "content-length"}}


def body_of(request: httpx.Request) -> bytes:
    """What was posted, unpacked."""
    packed = request.headers.get("content-encoding") == "gzip"
    return gzip.decompress(request.content) if packed else request.content


def refusing(status: int, code: str, **headers: str) -> httpx.Response:
    """A refusal in the gateway's shape."""
    said = {"error": code, "message": "不行：请改正", "message_en": "no: correct it"}
    return httpx.Response(status, json=said, headers={name.replace("_", "-"): v for name, v in headers.items()})


def publisher(wire: Wire, folder: Path, **changes: Any) -> Publisher:
    """A publisher of education's rows, with a key of its own unless one is given."""
    given = {"department": "education", "spool": folder / "education.spool", "limits": QUICK, **changes}
    key = given.pop("key", None) or wire.gateway.key(given["department"]).text
    return Publisher(URL, key=key, transport=wire, **given)


def arrived(wire: Wire) -> list[str]:
    """Event ids of education's rows on the bus, in their order."""
    return [str(event["event_id"]) for event in wire.gateway.bus.records("events.education")]


def names(*numbers: int) -> list[str]:
    """Event ids of the rows `fee(number)`."""
    return [f"XF-{number}" for number in numbers]
