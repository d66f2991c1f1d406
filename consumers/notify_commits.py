"""Which offsets may be committed: what is in the store, once everything that it sends out was tried. Pure.

A receiver that is down or slow holds nothing up for longer than WAIT_MS: the store keeps what is still to be sent.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

WAIT_MS = 2_000

Partition = TypeVar("Partition", bound=Hashable)
"""What names a partition: its number, or its topic and number."""


@dataclass(slots=True)
class _Stored:
    """Records of one partition that are in the store."""

    next_offset: int
    untried: set[Hashable]
    until: int


@dataclass(slots=True)
class Commits(Generic[Partition]):
    """Batches that are in the store and not yet committed, by partition, in their order."""

    _waiting: dict[Partition, deque[_Stored]] = field(default_factory=dict)

    def stored(self, partition: Partition, next_offset: int, deliveries: Iterable[Hashable], now: int) -> None:
        """Note a batch that the store has, with the keys of what it sends out."""
        batch = _Stored(next_offset, set(deliveries), now + WAIT_MS)
        self._waiting.setdefault(partition, deque()).append(batch)

    def tried(self, deliveries: Iterable[Hashable]) -> None:
        """Note that these were tried, whatever came of it."""
        keys = set(deliveries)
        for batches in self._waiting.values():
            for batch in batches:
                batch.untried -= keys

    def due(self, now: int) -> dict[Partition, int]:
        """Partition -> offset to commit now."""
        found = {}
        for partition, batches in self._waiting.items():
            while batches and (not batches[0].untried or now >= batches[0].until):
                found[partition] = batches.popleft().next_offset
        return found
