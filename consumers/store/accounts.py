"""Who may sign in. An account begins with an invitation: a link that works once, until it is over.

Tokens are 256 random bits; only their SHA-256 is kept, so nobody signs in with what stands in the database.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Connection, Integer, Row, Table, Text, UniqueConstraint, select

from consumers.store.metadata import METADATA, Instant, can_be_stored, insert_into

TOWNSHIP, COUNTY = "township", "county"

ACCOUNT = Table(
    "account",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("township_code", Text),
    Column("password_hash", Text),
    Column("invitation_hash", Text),
    Column("invited_until", Instant),
    Column("failed_count", Integer, nullable=False),
    Column("locked_until", Instant),
    Column("created_at", Instant, nullable=False),
    Column("closed_at", Instant),
    UniqueConstraint("name"),
    UniqueConstraint("invitation_hash"),
)


class NameTakenError(Exception):
    """Another account signs in under this name."""


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may sign in.

    Attributes:
        id: stands for the person on the bus.
        name: under which they sign in; nobody else has it.
        role: township or county.
        township_code: None for the county.
        password_hash: None until they accepted their invitation.
        invited_until: while an invitation is open, ms.
        failed_count: wrong passwords since the last right one.
        locked_until: no password is tried before, ms.
        closed_at: may sign in no more since, ms.

    """

    id: str
    name: str
    role: str
    township_code: str | None
    password_hash: str | None
    invited_until: int | None
    failed_count: int
    locked_until: int | None
    closed_at: int | None


_SHOWN = tuple(ACCOUNT.c[name] for name in Account.__dataclass_fields__)


def token_hash(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_token() -> str:
    """Return 256 random bits as URL text."""
    return secrets.token_urlsafe(32)


def add_account(conn: Connection, name: str, role: str, township_code: str | None, now: int) -> Account:
    """Add somebody who has no password and no invitation yet.

    Raises:
        NameTakenError: the name is in use.

    """
    row = {"id": f"u_{secrets.token_hex(8)}", "name": name, "role": role, "township_code": township_code}
    added = insert_into(conn, ACCOUNT).values(**row, failed_count=0, created_at=now).on_conflict_do_nothing()
    found = conn.execute(added.returning(*_SHOWN)).first()
    if found is None:
        raise NameTakenError(name)
    return _account(found)


def invite(conn: Connection, account_id: str, until: int) -> str:
    """Token of a new invitation; an earlier one works no more. The password, if any, stands until it is accepted."""
    token = new_token()
    values = {"invitation_hash": token_hash(token), "invited_until": until}
    conn.execute(ACCOUNT.update().where(ACCOUNT.c.id == account_id).values(values))
    return token


def invited(conn: Connection, token: str, now: int) -> Account | None:
    """Whose invitation a token is, while it is open."""
    still_open = (ACCOUNT.c.invitation_hash == token_hash(token), ACCOUNT.c.invited_until > now)
    return _one(conn, *still_open, ACCOUNT.c.closed_at.is_(None))


def accept(conn: Connection, token: str, password_hash: str, now: int) -> Account | None:
    """Use an invitation up and set the password; None where the token is not open: only one of two succeeds."""
    still_open = (ACCOUNT.c.invitation_hash == token_hash(token), ACCOUNT.c.invited_until > now)
    used = {"invitation_hash": None, "invited_until": None, "failed_count": 0, "locked_until": None}
    accepted = ACCOUNT.update().where(*still_open, ACCOUNT.c.closed_at.is_(None))
    found = conn.execute(accepted.values(**used, password_hash=password_hash).returning(*_SHOWN)).first()
    return _account(found) if found else None


def set_password(conn: Connection, account_id: str, password_hash: str) -> None:
    """Change a password, or hash it anew."""
    conn.execute(ACCOUNT.update().where(ACCOUNT.c.id == account_id).values(password_hash=password_hash))


def account_of(conn: Connection, account_id: str) -> Account | None:
    """Account by id; closed ones too: their answers keep their names."""
    return _one(conn, ACCOUNT.c.id == account_id) if can_be_stored(account_id) else None


def account_named(conn: Connection, name: str) -> Account | None:
    """Account by the name under which somebody signs in."""
    return _one(conn, ACCOUNT.c.name == name) if can_be_stored(name) else None


def accounts(conn: Connection) -> list[Account]:
    """All accounts, closed ones too, by township and name."""
    return [_account(row) for row in conn.execute(select(*_SHOWN).order_by(ACCOUNT.c.township_code, ACCOUNT.c.name))]


def note_failure(conn: Connection, account_id: str, locked_until: int | None) -> int:
    """Count a wrong password; how many there were. Where the count asks for it, lock until then."""
    values = {"failed_count": ACCOUNT.c.failed_count + 1, "locked_until": locked_until}
    counted = ACCOUNT.update().where(ACCOUNT.c.id == account_id).values(values)
    return int(conn.execute(counted.returning(ACCOUNT.c.failed_count)).scalar_one())


def note_success(conn: Connection, account_id: str) -> None:
    """Forget the wrong passwords."""
    conn.execute(ACCOUNT.update().where(ACCOUNT.c.id == account_id).values(failed_count=0, locked_until=None))


def _one(conn: Connection, *where: Any) -> Account | None:
    found = conn.execute(select(*_SHOWN).where(*where)).first()
    return _account(found) if found else None


def _account(row: Row[*tuple[Any, ...]]) -> Account:
    return Account(*row)
