"""Entities at work in a slice, how they are stored, and what a partition remembers beside them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from streams.case import Moment
from streams.changelog import ENTITY

if TYPE_CHECKING:
    from streams.ledgers import Ledger
    from streams.state_table import Partition


class Judged(Protocol):
    """What every entity is: judged by a rule set."""

    rule_set: str


E = TypeVar("E", bound=Judged)


class Books:
    """What a processor remembers of a partition beside its entities.

    Attributes:
        ledger: of the input.
        moment: what holds for every record that comes next.
        waiting: entries of entities that may not have been judged by the active set.

    """

    def __init__(self, ledger: Ledger, moment: Moment) -> None:
        """Go on from a ledger, and from the moment it left off at."""
        self.ledger = ledger
        self.moment = moment
        self.waiting: deque[bytes] = deque()

    def judge_all_anew(self, partition: Partition) -> None:
        """Let every entity wait that the partition has."""
        self.waiting = deque(key for key in partition.rows if key[:1] == ENTITY)


@dataclass(frozen=True, slots=True)
class Storing(Generic[E]):
    """How an entity is stored.

    Attributes:
        what: its name in dead letters and in the reason of a stop.
        new: one of which nothing is known.
        notable: what of one is published when it changes.
        refused: reason of schemas.reasons for a record that makes one too large.

    """

    what: str
    new: Callable[[], E]
    notable: Callable[[E], Any]
    pack: Callable[[E], bytes]
    unpack: Callable[[bytes], E]
    due_day: Callable[[E], int]
    too_large: Callable[[bytes], bool]
    refused: str


class Opened(Generic[E]):
    """An entity at work.

    Attributes:
        id: its key as text.
        state: changed in place.
        before: what was notable of it before this slice.
        stored: its row's body before this slice, empty where it has none.
        through: offset last folded into it.
        bound: what its row may have grown to, bytes.
        published_at: of its last fact in this slice, ms; 0 where there was none.

    """

    __slots__ = ("before", "bound", "id", "key", "published_at", "state", "stored", "through")

    def __init__(self, key: bytes, state: E, before: Any, stored: bytes, through: int) -> None:
        """Open an entity as it was stored."""
        self.key = key
        self.id = key.decode()
        self.state = state
        self.before = before
        self.stored = stored
        self.through = through
        self.bound = len(stored)
        self.published_at = 0
