"""API keys in the store: made, listed, ended."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select, update

from producers.gateway.api_key import Key, Token, hash_of
from producers.gateway.store import KEYS


def add_key(
    conn: Connection, token: Token, sender: str, now: int, *, expires_at: int | None = None, signed: bool = False
) -> None:
    """Store a new key: its hash, never itself."""
    conn.execute(
        insert(KEYS).values(
            id=token.key_id,
            sender=sender,
            hash=hash_of(token.secret),
            signed=signed,
            created_at=now,
            expires_at=expires_at,
        )
    )


def key_of(conn: Connection, key_id: str) -> Key | None:
    """Key of an id."""
    row = conn.execute(select(KEYS).where(KEYS.c.id == key_id)).one_or_none()
    return Key(*row) if row else None


def all_keys(conn: Connection) -> list[Key]:
    """Every key there ever was, oldest first."""
    return [Key(*row) for row in conn.execute(select(KEYS).order_by(KEYS.c.created_at, KEYS.c.id))]


def end_key(conn: Connection, key_id: str, at: int) -> bool:
    """End a key from a moment on, unless it ends before; False where there is none that is in use."""
    stands = (KEYS.c.id == key_id) & (KEYS.c.revoked_at.is_(None) | (KEYS.c.revoked_at > at))
    return conn.execute(update(KEYS).where(stands).values(revoked_at=at)).rowcount > 0
