"""Posts messages to a receiver as Standard Webhooks 1.0 says: id, timestamp, HMAC-SHA256 under one secret or two.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
A receiver may be slow, endless or hostile: an attempt ends after ATTEMPT_SECONDS whatever it does, and no more than
MOST_READ of its answer is read. Redirects are not followed.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import ssl
import time
from contextlib import suppress
from email.utils import parsedate_to_datetime
from functools import cache

import httpx
from sqlalchemy import Connection

from consumers.channels import Address, Channel, Message, Refused, Unreachable
from schemas.beijing import instant

ATTEMPT_SECONDS = 10.0
MOST_READ = 64 * 1024
_DRAIN_SECONDS = 1.0
_NEVER = frozenset((400, 410, 413, 415, 422))
"""Understood and not wanted. Others, 401 and 404 too, are mended by people on the receiver's side within the day."""


class Webhook:
    """One receiver's endpoint; its connection is kept between messages."""

    def __init__(self, address: Address, seconds: float = ATTEMPT_SECONDS) -> None:
        """Prepare; nothing is connected yet. `seconds`: the longest that an attempt may take."""
        self._address = address
        self._seconds = seconds
        self._runner = asyncio.Runner(loop_factory=asyncio.new_event_loop)
        self._client: httpx.AsyncClient | None = None

    def send(self, message: Message) -> None:
        """Post it; a status of 200 to 299 says that the receiver has it, whatever follows."""
        self._runner.run(self._post(message))

    async def _post(self, message: Message) -> None:
        body = body_of(message)
        headers = headers_of(message.id, int(time.time()), body, self._address.secrets)
        client = self._client = self._client or _client()
        arrived = False
        try:
            async with (
                asyncio.timeout(self._seconds),
                client.stream("POST", self._address.url, content=body, headers=headers) as answer,
            ):
                _judge(answer)
                arrived = True
                await _drain(answer)
        except (TimeoutError, httpx.HTTPError) as error:  # its text may hold the address: only a code goes on
            if not arrived:
                raise Unreachable(_code_of(error)) from None


def open_channel(address: Address, _conn: Connection | None) -> Channel:
    """Open for a receiver."""
    return Webhook(address)


def body_of(message: Message) -> bytes:
    """JSON of a message: the same bytes whenever it is sent."""
    data = {
        "alert_id": message.alert_id,
        "version": message.version,
        "level": message.level,
        "level_before": message.level_before,
        "village": message.village,
        "text": message.text,
        "link": message.link,
    }
    timestamp = instant(message.happened_at).isoformat(timespec="milliseconds")
    whole = {"type": f"alert.{message.kind}", "timestamp": timestamp, "data": data}
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()


def headers_of(message_id: str, timestamp: int, body: bytes, secrets: tuple[bytes, ...]) -> dict[str, str]:
    """Headers of an attempt; `timestamp` is its time, in seconds."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    signatures = (base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode() for secret in secrets)
    return {
        "content-type": "application/json; charset=utf-8",
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }


def _judge(answer: httpx.Response) -> None:
    if answer.is_success:
        return
    code = "redirect" if answer.is_redirect else f"http_{answer.status_code}"
    if answer.status_code in _NEVER:
        raise Refused(code)
    raise Unreachable(code, retry_after(answer.headers.get("retry-after", ""), time.time()))


def retry_after(header: str, now: float) -> float | None:
    """Seconds that a Retry-After header asks for, given in seconds or as a date; None where it says nothing usable."""
    if header.isascii() and header.isdigit():
        return float(header[:9])
    try:
        return max(parsedate_to_datetime(header).timestamp() - now, 0.0)
    except (ValueError, OverflowError):
        return None


async def _drain(answer: httpx.Response) -> None:
    """Read a short answer to its end, so that the connection can be used again; a long or slow one is cut off."""
    read = 0
    with suppress(httpx.HTTPError, TimeoutError):
        async with asyncio.timeout(_DRAIN_SECONDS):
            async for chunk in answer.aiter_raw():
                read += len(chunk)
                if read > MOST_READ:
                    return


def _code_of(error: BaseException) -> str:
    if isinstance(error, TimeoutError | httpx.TimeoutException):
        return "timeout"
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return "tls"
        cause = cause.__cause__ or cause.__context__
    return "no_connection" if isinstance(error, httpx.ConnectError) else "cut_off"


def _client() -> httpx.AsyncClient:
    return httpx.AsyncClient(
        verify=_trusted(),
        timeout=ATTEMPT_SECONDS,
        follow_redirects=False,
        trust_env=False,
        limits=httpx.Limits(max_connections=1),
        headers={"user-agent": "household-alert-bus"},
    )


@cache
def _trusted() -> ssl.SSLContext:
    """Authorities that this machine trusts; SSL_CERT_FILE names others, as everywhere with OpenSSL."""
    return ssl.create_default_context()
