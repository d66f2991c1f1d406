"""Which partitions this worker owns, and whether their state is there yet.

A partition is kept over a rebalance only if the group went straight from our generation to the next one and gave it to
us in both: then nobody else can have owned it in between. Any other partition is rebuilt from its changelog.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from schemas.failstop import stop
from streams.metrics import READY, REBALANCES, RECOVERY_SECONDS
from streams.state_table import Partition, StateTable


class Ownership:
    """The partitions of the present assignment."""

    def __init__(
        self,
        table: StateTable,
        recover: Callable[[set[int], int], Awaitable[None]],
        lost: Callable[[int], None],
    ) -> None:
        """`recover` fills the table with partitions taken over in a generation; `lost` is told of each that went."""
        self._table = table
        self._recover = recover
        self._lost = lost
        self._generation = -2
        self._recovery: asyncio.Task[None] | None = None
        self._revoked = asyncio.Event()

    def revoke(self) -> None:
        """Stop handing out partitions until the next assignment (called when a rebalance starts)."""
        self._revoked.set()
        READY.set(0)
        if self._recovery is not None and not self._recovery.done():
            self._recovery.cancel()

    def assign(self, numbers: set[int], generation: int) -> None:
        """Take over an assignment; the recovery of what is new starts at once."""
        REBALANCES.inc()
        keep = numbers if generation == self._generation + 1 else set()
        for number in set(self._table.partitions) - keep:
            self._table.drop(number)
            self._lost(number)
        self._generation = generation
        self._revoked = asyncio.Event()
        missing = numbers - set(self._table.partitions)
        self._recovery = asyncio.ensure_future(self._run(missing, generation))

    async def _run(self, missing: set[int], generation: int) -> None:
        started = time.monotonic()
        try:
            if missing:
                await self._recover(missing, generation)
        except asyncio.CancelledError:
            for number in missing:
                self._table.drop(number)
            raise
        except Exception as error:  # noqa: BLE001  # state that cannot be rebuilt must not be guessed
            stop(error)
        RECOVERY_SECONDS.set(time.monotonic() - started)
        READY.set(1)

    async def partition(self, number: int) -> Partition | None:
        """State of a partition once it is recovered; None where it was revoked meanwhile."""
        revoked = self._revoked
        if self._recovery is not None and not self._recovery.done():
            waiting = asyncio.ensure_future(revoked.wait())
            await asyncio.wait({self._recovery, waiting}, return_when=asyncio.FIRST_COMPLETED)
            waiting.cancel()
        return None if revoked.is_set() else self._table.partitions.get(number)
