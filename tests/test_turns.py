"""Work on one partition goes in order; work on others does not wait for it."""

from __future__ import annotations

import asyncio

from streams.turns import Turns


class Work:
    """A piece of work that ends when it is let go."""

    def __init__(self, log: list[str], name: str) -> None:
        self.let_go = asyncio.Event()
        self._log = log
        self._name = name

    async def __call__(self) -> None:
        self._log.append(f"{self._name} begins")
        await self.let_go.wait()
        self._log.append(f"{self._name} ends")


async def settled() -> None:
    """Give every task that can go on the chance to."""
    for _ in range(20):
        await asyncio.sleep(0)


def test_a_partition_waits_for_itself_only() -> None:
    async def story() -> list[str]:
        log: list[str] = []
        turns = Turns(4)
        first, second, other = (Work(log, name) for name in ("first", "second", "other"))
        await turns.begin(1, first)
        await turns.begin(1, second)
        await turns.begin(2, other)
        await settled()
        for work in (other, second, first):
            work.let_go.set()
            await settled()
        return log

    log = asyncio.run(story())

    assert log == ["first begins", "other begins", "other ends", "first ends", "second begins", "second ends"]


def test_no_more_is_taken_on_than_there_is_room_for() -> None:
    async def story() -> list[str]:
        log: list[str] = []
        turns = Turns(2)
        works = [Work(log, str(number)) for number in range(3)]
        beginning = [asyncio.ensure_future(turns.begin(number, work)) for number, work in enumerate(works)]
        await settled()
        taken = list(log)
        works[0].let_go.set()
        await settled()
        assert all(task.done() for task in beginning)
        turns.cancel()
        return taken

    assert asyncio.run(story()) == ["0 begins", "1 begins"]


def test_what_is_cancelled_does_not_end() -> None:
    async def story() -> list[str]:
        log: list[str] = []
        turns = Turns(4)
        first, second = Work(log, "first"), Work(log, "second")
        await turns.begin(1, first)
        await turns.begin(1, second)
        await settled()
        turns.cancel()
        await settled()
        first.let_go.set()
        second.let_go.set()
        await settled()
        return log

    assert asyncio.run(story()) == ["first begins"]
