"""What the register says, as correlate keeps it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

LABOUR = ("able", "weak", "none")
"""Best first."""


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
    """Where a household is and how the register marks it; codes are None while no row names it.

    Attributes:
        gone_to: household in which its people are now, where none of them is left in it.

    """

    township: str | None = None
    village: str | None = None
    grid: str | None = None
    tags: frozenset[str] = frozenset()
    gone_to: str | None = None


def place_of(household_id: str, people: Mapping[str, Sequence[Row]]) -> Place:
    """Place of a household by the rows of everybody whom the register ever named there.

    Codes of the newest row that names it, at a tie the greatest person's; tags of all the newest. Where everybody has
    gone on to other households it is found where its people are: codes of the newest row of them all.
    """
    named: list[tuple[int, str, Row]] = []
    left: list[tuple[int, str, Row]] = []
    stays = False
    for person, rows in people.items():
        here = [(row.valid_from, person, row) for row in rows if row.household_id == household_id]
        if here:
            named += here
            newest = max(rows, key=_began)
            stays = stays or newest.household_id == household_id
            left.append((newest.valid_from, person, newest))
    if not named:
        return Place()
    day, _, at = max(named, key=_order)
    tags = frozenset(tag for since, _, row in named if since == day for tag in row.tags)
    if stays:
        return Place(at.township_code, at.village_code, at.grid_code, tags)
    _, _, at = max(left, key=_order)
    return Place(at.township_code, at.village_code, at.grid_code, tags, at.household_id)


def members_of(household_id: str, people: Mapping[str, Membership]) -> int:
    """How many people the newest row of each puts into a household, those who have left or died not counted.

    It asks for no day: what a household is told must not hang on when it was last looked at.
    """
    newest = (max(known.rows, key=_began) for known in people.values() if known.rows)
    return sum(row.household_id == household_id and row.valid_to is None for row in newest)


def labour_in(household_id: str, people: Iterable[Sequence[Row]]) -> str | None:
    """Best labour of those whose newest row names a household and has no end; None where there is nobody."""
    newest = [max(rows, key=_began) for rows in people if rows]
    here = {row.labour for row in newest if row.household_id == household_id and row.valid_to is None}
    return next((labour for labour in LABOUR if labour in here), None)


def _began(row: Row) -> tuple[int, str]:
    return row.valid_from, row.household_id


def _order(named: tuple[int, str, Row]) -> tuple[int, str]:
    return named[:2]
