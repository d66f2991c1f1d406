"""Sessions of hotline operators: begun with a key of `alertbus keys create hotline`, kept by their hashes."""

from __future__ import annotations

import hashlib
import hmac
from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, select

from producers.report.store import SESSIONS

HOURS = 12


class Session(NamedTuple):
    """An operator at work.

    Attributes:
        key_id: of the key with which it was begun; when that ends, so does it.
        csrf: what forms of this session carry.

    """

    key_id: str
    csrf: str


def begin(conn: Connection, token: str, key_id: str, now: int) -> None:
    """Begin a session; those that are over are forgotten."""
    conn.execute(delete(SESSIONS).where(SESSIONS.c.ends_at <= now))
    conn.execute(insert(SESSIONS).values(token=_hash(token), key_id=key_id, ends_at=now + HOURS * 3_600_000))


def session_of(conn: Connection, token: str, now: int) -> Session | None:
    """Session of a cookie, if it still holds."""
    found = select(SESSIONS.c.key_id).where(SESSIONS.c.token == _hash(token), SESSIONS.c.ends_at > now)
    key_id = conn.scalar(found)
    return Session(key_id, csrf_of(token)) if key_id is not None else None


def end(conn: Connection, token: str) -> None:
    """End a session."""
    conn.execute(delete(SESSIONS).where(SESSIONS.c.token == _hash(token)))


def csrf_of(token: str) -> str:
    """What a session's forms carry: known to its pages only."""
    return hmac.new(token.encode(), b"report form", hashlib.sha256).hexdigest()


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
