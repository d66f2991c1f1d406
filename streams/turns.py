"""Several partitions at work at once, each in log order: while one waits for the broker, the others go on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from schemas.failstop import stop


class Turns:
    """Pieces of work that wait for those before them on the same partition, and for no other."""

    def __init__(self, most: int) -> None:
        """At most so many pieces are taken on before one is done."""
        self._room = asyncio.Semaphore(most)
        self._last: dict[int, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def begin(self, number: int, work: Callable[[], Awaitable[None]]) -> None:
        """Start work on a partition when there is room; an error in it ends the process."""
        await self._room.acquire()
        task = asyncio.ensure_future(self._run(self._last.get(number), work))
        self._last[number] = task
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def cancel(self) -> None:
        """Give up what is not done."""
        for task in self._tasks:
            task.cancel()

    async def _run(self, before: asyncio.Task[None] | None, work: Callable[[], Awaitable[None]]) -> None:
        try:
            if before is not None:
                await asyncio.wait({before})
            await work()
        except asyncio.CancelledError:
            raise
        except BaseException as error:  # noqa: BLE001  # anything unexpected: stop, be restarted, read again
            stop(error)
        finally:
            self._room.release()
