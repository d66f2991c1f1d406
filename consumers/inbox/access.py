"""When a session ends, when an account is locked, and the token of forms that come before there is a session."""

from __future__ import annotations

import hashlib
import hmac

_MINUTE_MS = 60_000
IDLE_MS = 120 * _MINUTE_MS
"""A session that nobody uses for so long ends."""
LONGEST_MS = 12 * 60 * _MINUTE_MS
"""A session ends after so long whatever happens: one working day."""
SEEN_EVERY_MS = _MINUTE_MS
"""How exactly the last use is kept: a write for each page would only keep the store busy."""
TRIES = 5
LOCKED_MS = 15 * _MINUTE_MS
INVITED_MS = 3 * 24 * 60 * _MINUTE_MS
"""An invitation is open for so long."""


def same(one: str, other: str) -> bool:
    """Compare secrets in constant time."""
    return hmac.compare_digest(one.encode(), other.encode())


def form_token(visitor: str) -> str:
    """CSRF token of the forms that a visitor fills in before there is a session; follows from the visitor's cookie."""
    return hashlib.sha256(f"form\0{visitor}".encode()).hexdigest()


def is_alive(created_at: int, last_seen_at: int, now: int) -> bool:
    """Whether a session may still be used; all in ms."""
    return now < created_at + LONGEST_MS and now < last_seen_at + IDLE_MS


def is_locked(locked_until: int | None, now: int) -> bool:
    """Whether an account takes no password now."""
    return locked_until is not None and now < locked_until


def locked_after(failed_count: int, now: int) -> int | None:
    """Until when an account is locked after so many failures in a row, ms; None while it may be tried again."""
    return now + LOCKED_MS if failed_count >= TRIES else None
