"""One cell -> one value. Cells come as files give them: text, numbers, truth values, dates.

Every function takes the column's name for the fault it raises, and answers None for an empty cell.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from unicodedata import normalize

from schemas.beijing import BEIJING, day_number, milliseconds
from schemas.faults import FieldError

Cell = str | int | float | bool | date | datetime | list["Cell"] | dict[str, "Cell"] | None
Row = dict[str, Cell]

_EXACT = 2**53
_MOST_YUAN = Decimal(10_000_000_000)
_CENT_NOISE = 1e-6
_MONEY = re.compile(r"(\d{1,11}|\d{1,3}(?:,\d{3}){1,3})(?:\.(\d{1,2})0*)?")
_INTEGER = re.compile(r"\d{1,10}(?:\.0+)?")
_DATE = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})|(\d{4})(\d{2})(\d{2})")
_SERIAL = re.compile(r"[1-9]\d{4}(?:\.\d+)?")
"""What a spreadsheet stores for the days from 1927 to 2173."""
_TRUE = frozenset(("true", "1", "是"))
_FALSE = frozenset(("false", "0", "否"))


def empty(cell: Cell) -> bool:
    """Nothing in it: no value, or only spaces."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def text(cell: Cell, field: str) -> str | None:
    """Trimmed text; a whole number that a spreadsheet made of a code becomes its digits again."""
    if type(cell) is str:
        return cell.strip() or None
    if cell is None:
        return None
    if isinstance(cell, bool):
        raise FieldError(field, "text")
    if isinstance(cell, int):
        return str(cell)
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < _EXACT:
        return str(int(cell))
    raise FieldError(field, "text")


def plain(cell: Cell) -> str:
    """Text of a cell with full-width characters made plain."""
    if not isinstance(cell, str):
        return str(cell)
    return cell.strip() if cell.isascii() else normalize("NFKC", cell).strip()


def fen(cell: Cell, field: str) -> int | None:
    """Money: yuan in the cell, fen in the answer."""
    if empty(cell):
        return None
    if isinstance(cell, float):
        return _fen_of_float(cell, field)
    if isinstance(cell, bool) or not isinstance(cell, (int, str)):
        raise FieldError(field, "amount")
    found = _MONEY.fullmatch(plain(cell))
    if not found or (yuan := int(found[1].replace(",", ""))) > _MOST_YUAN:
        raise FieldError(field, "amount")
    return yuan * 100 + int((found[2] or "").ljust(2, "0"))


def _fen_of_float(cell: float, field: str) -> int:
    """Whole fen, forgiving what floating point adds to a computed cell, not a third decimal."""
    if not 0 <= cell <= _MOST_YUAN:
        raise FieldError(field, "amount")
    exact = cell * 100
    if abs(exact - round(exact)) > max(_CENT_NOISE, exact * 2**-50):
        raise FieldError(field, "amount")
    return round(exact)


def integer(cell: Cell, field: str) -> int | None:
    """Whole number from 0."""
    if empty(cell):
        return None
    if isinstance(cell, bool) or (isinstance(cell, float) and not cell.is_integer()):
        raise FieldError(field, "integer")
    if not _INTEGER.fullmatch(number := plain(cell)):
        raise FieldError(field, "integer")
    return int(number.partition(".")[0])


def truth(cell: Cell, field: str) -> bool | None:
    """true/false, 1/0, 是/否."""
    if isinstance(cell, bool) or empty(cell):
        return None if not isinstance(cell, bool) else cell
    word = plain(int(cell) if isinstance(cell, float) and cell.is_integer() else cell).lower()
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    raise FieldError(field, "truth")


def word(cell: Cell, field: str, words: tuple[str, ...]) -> str | None:
    """Return one of a closed list of words."""
    if cell in words:
        return cell  # type: ignore[return-value]  # equal to a word, so it is one
    if empty(cell):
        return None
    if (found := plain(cell)) not in words:
        raise FieldError(field, "word", words)
    return found


def _date(cell: Cell) -> date:
    """Calendar day of a date, a time or their text; TypeError or ValueError where there is none."""
    if isinstance(cell, datetime):
        return cell.astimezone(BEIJING).date() if cell.tzinfo else cell.date()
    if isinstance(cell, date):
        return cell
    if not isinstance(cell, str):
        raise TypeError
    written = plain(cell)
    if found := _DATE.fullmatch(written):
        year, month, day = (found[1], found[3], found[4]) if found[1] else found.groups()[4:]
        return date(int(year), int(month), int(day))
    return _date(datetime.fromisoformat(written))


def day(cell: Cell, field: str) -> int | None:
    """Days since 1970-01-01 of a date; of a time, its day in Beijing."""
    if empty(cell):
        return None
    try:
        return day_number(_date(cell))
    except (TypeError, ValueError, OverflowError):
        raise FieldError(field, _fault_of(cell, "date")) from None


def instant(cell: Cell, field: str) -> int | None:
    """Milliseconds of an ISO 8601 time; Beijing where it has no offset, 00:00 where it is a date."""
    if empty(cell):
        return None
    try:
        return _instant_of_text(cell) if isinstance(cell, str) else _instant(cell)
    except (TypeError, ValueError, OverflowError):
        raise FieldError(field, _fault_of(cell, "time")) from None


def _instant(cell: Cell) -> int:
    """Milliseconds of a time, a date or their text; TypeError or ValueError where there is none."""
    if isinstance(cell, datetime):
        return milliseconds(cell)
    if isinstance(cell, str) and len(cell) > len("2026-03-14"):
        return milliseconds(datetime.fromisoformat(plain(cell)))
    found = _date(cell)
    return milliseconds(datetime(found.year, found.month, found.day, tzinfo=BEIJING))


_instant_of_text = lru_cache(maxsize=1024)(_instant)
"""A file names few days, many times."""


def _fault_of(cell: Cell, fault: str) -> str:
    """Whether what should be a date is the number that a spreadsheet stores for one."""
    return "date_serial" if _SERIAL.fullmatch(plain(cell)) else fault
