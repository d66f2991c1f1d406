"""The household book: who lives where, and how to reach them. Encrypted; every reading is logged before it is shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec
from sqlalchemy import Column, Connection, Index, LargeBinary, Table, Text, func, select

from consumers.store.book_key import BookKey
from consumers.store.metadata import METADATA, Counting, Instant, insert_into

HOUSEHOLD_BOOK = Table(
    "household_book",
    METADATA,
    Column("household_id", Text, primary_key=True),
    Column("locked", LargeBinary, nullable=False),  # a Family, MessagePack, encrypted
    Column("updated_at", Instant, nullable=False),
)

BOOK_READ = Table(
    "book_read",
    METADATA,
    Column("number", Counting, primary_key=True, autoincrement=True),
    Column("account_id", Text, nullable=False),
    Column("household_id", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_book_read_of_household", "household_id", "at"),
    Index("ix_book_read_by_account", "account_id", "at"),
)


class Family(msgspec.Struct, frozen=True, array_like=True):
    """What an officer needs to visit: head of household, address, phone; empty text where unknown."""

    head: str
    address: str
    phone: str


@dataclass(frozen=True, slots=True)
class BookRead:
    """Who looked a household up, and when, ms."""

    account_id: str
    household_id: str
    at: int


def put_families(conn: Connection, key: BookKey, families: Iterable[tuple[str, Family]], now: int) -> None:
    """Write households into the book; what it said of them before is replaced."""
    rows = [
        {"household_id": household, "locked": key.lock(household, msgspec.msgpack.encode(family)), "updated_at": now}
        for household, family in families
    ]
    if not rows:
        return
    put = insert_into(conn, HOUSEHOLD_BOOK)
    new = {name: put.excluded[name] for name in ("locked", "updated_at")}
    conn.execute(put.on_conflict_do_update(index_elements=[HOUSEHOLD_BOOK.c.household_id], set_=new), rows)


def empty_book(conn: Connection) -> None:
    """Take every household out of the book; who read it stays on record."""
    conn.execute(HOUSEHOLD_BOOK.delete())


def read_family(conn: Connection, key: BookKey, household_id: str, account_id: str, now: int) -> Family | None:
    """Look a household up for somebody, and log it, in a `writing` transaction. None where the book does not have it.

    Raises:
        WrongKeyError: the book was written with another key.

    """
    conn.execute(BOOK_READ.insert().values(account_id=account_id, household_id=household_id, at=now))
    family = conn.execute(select(HOUSEHOLD_BOOK.c.locked).where(HOUSEHOLD_BOOK.c.household_id == household_id)).scalar()
    return msgspec.msgpack.decode(key.open(household_id, family), type=Family) if family is not None else None


def check_key(conn: Connection, key: BookKey) -> None:
    """Open any one entry.

    Raises:
        WrongKeyError: the book was written with another key.

    """
    row = conn.execute(select(HOUSEHOLD_BOOK.c.household_id, HOUSEHOLD_BOOK.c.locked).limit(1)).first()
    if row:
        key.open(row.household_id, row.locked)


def households_in_book(conn: Connection) -> int:
    """How many households the book has."""
    return conn.execute(select(func.count()).select_from(HOUSEHOLD_BOOK)).scalar_one()


def reads_of(conn: Connection, household_id: str) -> list[BookRead]:
    """Who looked a household up, the first first."""
    found = (
        select(BOOK_READ).where(BOOK_READ.c.household_id == household_id).order_by(BOOK_READ.c.at, BOOK_READ.c.number)
    )
    return [BookRead(row.account_id, row.household_id, row.at) for row in conn.execute(found)]
