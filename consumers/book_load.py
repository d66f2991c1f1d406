"""A file of households into the household book: straight into the store, encrypted and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Engine

from consumers.book_rows import Entry, read_rows
from consumers.store.book import check_key, empty_book, households_in_book, put_families
from consumers.store.book_key import BookKey, create_book_key, read_book_key, replace_book_key
from consumers.store.database import reading, writing
from schemas.faults import RowProblem
from schemas.readers import NumberedRow

_AT_ONCE = 1000


@dataclass(slots=True)
class Loaded:
    """What came of a file.

    Attributes:
        accepted: rows that stand in the book now.
        without_address: how many of them nobody can find.
        without_phone: how many of them nobody can call.

    """

    accepted: int = 0
    rejected: list[RowProblem] = field(default_factory=list)
    without_address: int = 0
    without_phone: int = 0


def key_for_loading(engine: Engine, file: Path) -> BookKey:
    """Key of the book; a new one, mode 600, only where the book is empty and there is no key yet.

    Raises:
        KeyFileError: the book was written with a key that is not here.
        StoreError: see consumers.store.database.

    """
    with reading(engine) as conn:
        if not households_in_book(conn):
            create_book_key(file)
        key = read_book_key(file)
        check_key(conn, key)
    return key


def new_key(engine: Engine, file: Path) -> BookKey:
    """Give up a book whose key is lost, and begin another under a new key.

    Raises:
        StoreError: see consumers.store.database.

    """
    with writing(engine) as conn:
        empty_book(conn)
        replace_book_key(file)
    return read_book_key(file)


def load_book(engine: Engine, key: BookKey, rows: Iterable[NumberedRow], now: int) -> Loaded:
    """Write a file's rows into the book, some at a time: others who write wait for no whole file.

    Raises:
        StoreError: see consumers.store.database; what was written until then stands, and may be written again.

    """
    loaded = Loaded()
    batch: list[Entry] = []
    for found in read_rows(rows):
        if isinstance(found, RowProblem):
            loaded.rejected.append(found)
            continue
        batch.append(found)
        if len(batch) == _AT_ONCE:
            _put(engine, key, batch, now, loaded)
            batch = []
    _put(engine, key, batch, now, loaded)
    return loaded


def _put(engine: Engine, key: BookKey, batch: list[Entry], now: int, loaded: Loaded) -> None:
    with writing(engine) as conn:
        put_families(conn, key, ((entry.household_id, entry.family) for entry in batch), now)
    loaded.accepted += len(batch)
    loaded.without_address += sum(not entry.family.address for entry in batch)
    loaded.without_phone += sum(not entry.family.phone for entry in batch)
