"""A gateway in this process: a real store, a bus that keeps what it is sent, keys, a clock that tests turn."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from httpx import ASGITransport, AsyncClient, Response

from producers.gateway.api_key import Token, new_token
from producers.gateway.app import Gateway, create_app
from producers.gateway.desk import Desk, Limits
from producers.gateway.door import Door
from producers.gateway.keys_store import add_key
from producers.gateway.store import open_store, writing
from producers.message import Message
from producers.publish import Outcome, Run, ToMessages, publish_rows
from producers.send import BusError
from schemas.codec import Record, decode
from schemas.readers import Source
from schemas.topics import DELIVERIES
from tests.rows import KEY

NOW = 1_790_000_000_000
"""September 2026."""


@dataclass
class KeepingBus:
    """Keeps what it is sent; `fails_after` so many messages it confirms nothing any more."""

    sent: list[Message] = field(default_factory=list)
    fails_after: int | None = None

    def publish(self, source: Source, to_messages: ToMessages, run: Run) -> Outcome:
        return publish_rows(source, to_messages, run, self)

    def send(self, message: Message) -> None:
        if self.fails_after is not None and len(self.sent) >= self.fails_after:
            raise BusError("no confirmation")
        self.sent.append(message)

    def confirm_all(self) -> None:
        pass

    def records(self, topic: str) -> list[Record]:
        return [decode(message.value)[1] for message in self.sent if message.topic == topic]

    def deliveries(self) -> list[Record]:
        return self.records(DELIVERIES)


class GatewayHere:
    """What tests speak to.

    Attributes:
        now: milliseconds; tests move it.
        app: the ASGI application.

    """

    def __init__(self, folder: Path, limits: Limits | None = None) -> None:
        limits = limits or Limits()
        self.now = NOW
        self.bus = KeepingBus()
        self.engine = open_store(folder / "gateway.db")
        desk = Desk(self.engine, self.bus, KEY, limits)
        door = Door(self.engine, limits.per_minute, lambda: self.now)
        self.app = create_app(Gateway(self.engine, desk, door, limits, lambda: self.now))
        self._loop = asyncio.Runner()
        self._http = AsyncClient(
            transport=ASGITransport(self.app, raise_app_exceptions=False), base_url="http://gateway"
        )
        self._keys = 0

    def key(self, sender: str, *, signed: bool = False, expires_at: int | None = None) -> Token:
        """Key of a sender, just made."""
        self._keys += 1
        token = new_token(self._keys.to_bytes(5, "big") + bytes([self._keys]) * 32)
        with writing(self.engine) as conn:
            add_key(conn, token, sender, self.now, expires_at=expires_at, signed=signed)
        return token

    def post(
        self,
        path: str,
        content: bytes | str,
        token: Token | str | None,
        media: str = "application/json",
        **headers: str,
    ) -> Response:
        """Send a body; header names have `_` for `-`."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.request("POST", path, content=content, headers={"content-type": media, **bearer(token), **given})

    def get(self, path: str, token: Token | str | None) -> Response:
        return self.request("GET", path, headers=bearer(token))

    def request(self, method: str, path: str, **more: Any) -> Response:
        """Send anything."""
        return self._loop.run(self._http.request(method, path, **more))

    def close(self) -> None:
        self._loop.run(self._http.aclose())
        self._loop.close()
        self.engine.dispose()


def bearer(token: Token | str | None) -> dict[str, str]:
    text = token.text if isinstance(token, Token) else token
    return {} if text is None else {"authorization": f"Bearer {text}"}


def lines_of(rows: Iterable[Mapping[str, Any]]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
