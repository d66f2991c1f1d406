"""What the register says, as correlate keeps it."""

from __future__ import annotations

import msgspec


class Row(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A row of the register, of a person: days since 1970-01-01, `valid_to` is the last day it holds."""

    household_id: str
    valid_from: int
    valid_to: int | None
    township_code: str
    village_code: str
    grid_code: str
    tags: list[str]
    labour: str


class Membership(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """Everything the register says of one person; the list with the greater rank stands.

    Attributes:
        rank: offset on register.persons of the record it comes from; one person is always on one partition.

    """

    rank: int
    rows: list[Row]


class Place(msgspec.Struct, frozen=True, gc=False):
    """Where a household is and how the register marks it; codes are None while no row names it."""

    township: str | None = None
    village: str | None = None
    grid: str | None = None
    tags: frozenset[str] = frozenset()
