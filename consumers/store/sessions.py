"""Who is signed in: a random token in a cookie, its SHA-256 here, and the token that forms carry."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Column, Connection, ForeignKey, Table, Text, or_, select

from consumers.store.accounts import ACCOUNT, new_token, token_hash
from consumers.store.metadata import METADATA, Instant

SESSION = Table(
    "session",
    METADATA,
    Column("token_hash", Text, primary_key=True),
    Column("account_id", Text, ForeignKey("account.id"), nullable=False, index=True),
    Column("csrf", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("last_seen_at", Instant, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody signed in; times in ms."""

    token_hash: str
    account_id: str
    csrf: str
    created_at: int
    last_seen_at: int


def start_session(conn: Connection, account_id: str, now: int) -> tuple[str, Session]:
    """Sign somebody in: the cookie's token, which is not kept, and the session."""
    token = new_token()
    session = Session(token_hash(token), account_id, new_token(), now, now)
    row = {name: getattr(session, name) for name in Session.__dataclass_fields__}
    conn.execute(SESSION.insert().values(row))
    return token, session


def session_of(conn: Connection, token: str) -> Session | None:
    """Session of a cookie's token; whether it is too old is the caller's to say."""
    found = conn.execute(select(SESSION).where(SESSION.c.token_hash == token_hash(token))).first()
    return Session(*found) if found else None


def touch_session(conn: Connection, session: Session, now: int) -> None:
    """Note that it was used."""
    conn.execute(SESSION.update().where(SESSION.c.token_hash == session.token_hash).values(last_seen_at=now))


def end_session(conn: Connection, session: Session) -> None:
    """Sign out."""
    conn.execute(SESSION.delete().where(SESSION.c.token_hash == session.token_hash))


def end_sessions(conn: Connection, account_id: str) -> None:
    """Sign somebody out everywhere."""
    conn.execute(SESSION.delete().where(SESSION.c.account_id == account_id))


def close_account(conn: Connection, account_id: str, now: int) -> None:
    """Let somebody sign in no more, and sign them out everywhere."""
    gone = {"closed_at": now, "invitation_hash": None, "invited_until": None}
    conn.execute(ACCOUNT.update().where(ACCOUNT.c.id == account_id).values(gone))
    end_sessions(conn, account_id)


def forget_sessions(conn: Connection, *, created_before: int, unused_since: int) -> None:
    """Remove what is too old to be used again."""
    old = or_(SESSION.c.created_at < created_before, SESSION.c.last_seen_at < unused_since)
    conn.execute(SESSION.delete().where(old))
