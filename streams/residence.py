"""Where a person lived on a day, by the register. Assign and correlate ask the same function."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol


class Stay(Protocol):
    """What residence needs of a register row; days since 1970-01-01, `valid_to` is the last day it holds."""

    @property
    def household_id(self) -> str:
        """The household the row names."""

    @property
    def valid_from(self) -> int:
        """First day."""

    @property
    def valid_to(self) -> int | None:
        """Last day, or None while it lasts."""


def household_of(rows: Iterable[Stay], day: int) -> str | None:
    """Household a person belonged to on a day, by the person's live rows in any order; None where there was none.

    The row with the greatest (valid_from, household_id) that has begun rules, and never an earlier one again,
    even where it has ended. The earliest row is open at its start.
    """
    ruling: Stay | None = None
    earliest: Stay | None = None
    for row in rows:
        if earliest is None or _opens_before(row, earliest):
            earliest = row
        if row.valid_from <= day and (ruling is None or _began(row) > _began(ruling)):
            ruling = row
    ruling = ruling or earliest
    if ruling is None or (ruling.valid_to is not None and day > ruling.valid_to):
        return None
    return ruling.household_id


def _began(row: Stay) -> tuple[int, str]:
    return row.valid_from, row.household_id


def _opens_before(row: Stay, other: Stay) -> bool:
    """Whether `row` is the earlier one; of two that begin together the larger household id rules."""
    if row.valid_from == other.valid_from:
        return row.household_id > other.household_id
    return row.valid_from < other.valid_from
