"""What has been read of each input partition, what was acknowledged, and so what may be committed.

Replaces Faust's own books, which (a) stop committing for good after a rebalance when one message stands for many
offsets, (b) count a message as read although its delivery was cancelled, (c) acknowledge the hole that a fetch in
flight during a seek leaves behind (docs/decisions/0005). No I/O.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from enum import Enum


class Verdict(Enum):
    """What to do with a fetched batch."""

    DELIVER = "deliver"
    READ_AGAIN = "go to the wanted offset and read again"
    GONE = "the wanted offset is not in the log any more"


@dataclass(slots=True, eq=False)
class Reading:
    """One partition, from one seek to the next; acknowledgements of an earlier reading cannot reach it.

    Attributes:
        wanted: offset at which the next delivered batch must start.
        holes_allowed: compacted topics miss offsets.
        done: end of the longest acknowledged prefix.
        doubted: offset for which another batch came once; it was read again.

    """

    wanted: int
    holes_allowed: bool = False
    done: int = 0
    doubted: int | None = None
    _outstanding: deque[int] = field(default_factory=deque)
    _acknowledged: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Nothing before the first wanted offset is ours to do."""
        self.done = self.wanted

    def judge(self, first: int, last: int) -> Verdict:
        """Whether a batch of these offsets is the next one; its part before `wanted` must be trimmed.

        A batch that is older or newer may be left from before a seek: it is believed only when it comes again.
        """
        if first <= self.wanted <= last:
            return Verdict.DELIVER
        if self.doubted != self.wanted:
            self.doubted = self.wanted
            return Verdict.READ_AGAIN
        hole = first > self.wanted
        return Verdict.DELIVER if hole and self.holes_allowed else Verdict.GONE

    def delivered(self, last: int) -> None:
        """Count a batch as read, by its last offset: only when it was really handed over."""
        self._outstanding.append(last)
        self.wanted = last + 1
        self.doubted = None

    def acknowledge(self, last: int) -> None:
        """Note that a batch took effect and was confirmed."""
        self._acknowledged.add(last)

    def committable(self) -> int | None:
        """End of the longest acknowledged prefix, or None where it has not grown since the last call."""
        end = None
        while self._outstanding and self._outstanding[0] in self._acknowledged:
            last = self._outstanding.popleft()
            self._acknowledged.discard(last)
            end = self.done = last + 1
        return end
