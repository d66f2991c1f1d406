"""Signatures of requests, Standard Webhooks: HMAC-SHA256 of `id.timestamp.body` under the bytes of the key's secret."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import NamedTuple

from producers.gateway.words import RefusedError

TOLERANCE_SECONDS = 300
_ID = re.compile(r"[!-~]{1,200}")
_TIMESTAMP = re.compile(r"[0-9]{1,12}")


class Signed(NamedTuple):
    """The three headers of a signed request."""

    message_id: str
    timestamp: int
    signatures: tuple[str, ...]


def signed_of(headers: Mapping[str, str]) -> Signed | None:
    """Read the headers; None where there is none of them.

    Raises:
        RefusedError: they are incomplete or malformed.

    """
    given = [headers.get(f"webhook-{name}") for name in ("id", "timestamp", "signature")]
    if not any(given):
        return None
    message_id, timestamp, signatures = (each or "" for each in given)
    if not _ID.fullmatch(message_id) or not _TIMESTAMP.fullmatch(timestamp) or not signatures:
        raise RefusedError("bad_signature")
    return Signed(message_id, int(timestamp), tuple(signatures.split(" ")))


def signature_of(secret: bytes, message_id: str, timestamp: int, body: bytes) -> str:
    """`v1,` and the base64 of the HMAC."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode()


def check_signature(signed: Signed, secret: bytes, body: bytes, now: int) -> None:
    """Check a request's signature and its age; `now` in milliseconds, `body` as it was sent.

    Raises:
        RefusedError: it is another body's or key's, or too old or new.

    """
    if abs(now / 1000 - signed.timestamp) > TOLERANCE_SECONDS:
        raise RefusedError("old_signature")
    right = signature_of(secret, signed.message_id, signed.timestamp, body).encode()
    if not any(hmac.compare_digest(right, each.encode()) for each in signed.signatures):
        raise RefusedError("bad_signature")
