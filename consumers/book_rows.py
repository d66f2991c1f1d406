"""Rows of a household book file: who lives in which household, and how to reach them. No text repeats a value."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from unicodedata import category, normalize

from consumers.store.book import Family
from schemas import cells
from schemas.cells import Row
from schemas.codes import bad_household_id
from schemas.faults import FieldError, RowProblem, problem
from schemas.identity import holds_identity_number
from schemas.readers import NumberedRow
from schemas.readers.headings import Needed

COLUMNS: dict[str, tuple[str, ...]] = {
    "household_id": ("户编号", "户号"),
    "head": ("户主", "户主姓名", "姓名"),
    "address": ("住址", "地址", "家庭住址", "详细地址"),
    "phone": ("电话", "联系电话", "手机", "手机号"),
}
_CALLED = {other: column for column, others in COLUMNS.items() for other in others}
BOOK_COLUMNS = Needed(("household_id", "head"), (), _CALLED)

LONGEST = {"head": 60, "address": 200, "phone": 60}
_PHONE = re.compile(r"[0-9+\-() /,;、]*")


@dataclass(frozen=True, slots=True)
class Entry:
    """A household of the file."""

    household_id: str
    family: Family


def read_rows(rows: Iterable[NumberedRow]) -> Iterator[Entry | RowProblem]:
    """Entries of a file in their order; what is wrong with a row in its place.

    A household that stands there twice in the same words is one entry; the second of two that differ is a problem.
    """
    known: dict[str, int] = {}
    for number, row in rows:
        try:
            entry = _entry(row)
        except FieldError as fault:
            yield problem(number, fault)
            continue
        seen = known.setdefault(entry.household_id, words := hash(entry.family))
        yield entry if seen == words else problem(number, FieldError("household_id", "household_twice"))


def _entry(row: Row | FieldError) -> Entry:
    if isinstance(row, FieldError):
        raise row
    household = _household(row)
    head, address, phone = (_text(row, column) for column in LONGEST)
    if not head:
        raise FieldError("head", "missing")
    if not _PHONE.fullmatch(phone := normalize("NFKC", phone)):
        raise FieldError("phone", "phone")
    return Entry(household, Family(head, address, phone))


def _household(row: Row) -> str:
    household = cells.text(_cell(row, "household_id"), "household_id") or ""
    if bad_household_id(household) or not household.isprintable():
        raise FieldError("household_id", "bad_household_id")
    if holds_identity_number(household):
        raise FieldError("household_id", "id_in_text")
    return household


def _text(row: Row, column: str) -> str:
    """One line of text, of whatever sign is written."""
    given = cells.text(_cell(row, column), column) or ""
    plain = "".join(sign for sign in given if not category(sign).startswith("C") or sign.isspace())
    line = " ".join(plain.split())
    if holds_identity_number(line):
        raise FieldError(column, "id_in_text")
    if len(line) > LONGEST[column]:
        raise FieldError(column, "text_long", (str(LONGEST[column]),))
    return line


def _cell(row: Row, column: str) -> cells.Cell:
    """Cell of a column, whatever it is called; empty where it is not there."""
    names = [name for name in (column, *COLUMNS[column]) if not cells.empty(row.get(name))]
    if len(names) > 1:
        raise FieldError(column, "column_twice")
    return row[names[0]] if names else None
