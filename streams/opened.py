"""Households at work in a slice, and what a partition remembers beside them."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from streams.case import Moment
from streams.changelog import ENTITY
from streams.finding import Case
from streams.household import Household

if TYPE_CHECKING:
    from streams.ledgers import Ledger
    from streams.state_table import Partition


class Books:
    """What correlate remembers of a partition beside its households.

    Attributes:
        ledger: of household.events.
        moment: what holds for every record that comes next.
        waiting: entries of households that may not have been judged by the active set.

    """

    def __init__(self, ledger: Ledger, moment: Moment) -> None:
        """Go on from a ledger, and from the moment it left off at."""
        self.ledger = ledger
        self.moment = moment
        self.waiting: deque[bytes] = deque()

    def judge_all_anew(self, partition: Partition) -> None:
        """Let every household wait that the partition has."""
        self.waiting = deque(key for key in partition.rows if key[:1] == ENTITY)


class Opened:
    """A household at work.

    Attributes:
        stored: its state before this slice, empty where it has none; `case` its case then.
        through: offset last folded into it.
        bound: what its row may have grown to, bytes.
        published_at: of its last fact in this slice, ms; 0 where there was none.

    """

    __slots__ = ("bound", "case", "household", "household_id", "published_at", "stored", "through")

    def __init__(self, key: bytes, household: Household, stored: bytes, through: int) -> None:
        """Open a household as it was stored."""
        self.household_id = key.decode()
        self.household = household
        self.stored = stored
        self.case = household.case
        self.through = through
        self.bound = len(stored)
        self.published_at = 0


def newer_alerts(before: Case | None, case: Case) -> list[bytes]:
    """Newest message of each alert of a household that has a new version, the present one last."""
    known = {} if before is None else {each.alert_id: each.version for each in (before, *before.others)}
    ordered = [*reversed(case.others), case]
    return [each.alert for each in ordered if each.version > known.get(each.alert_id, 0)]
