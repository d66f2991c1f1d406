"""Which partitions are kept over a rebalance, and that no batch is folded before its partition's state is there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from streams.changelog import Copies, furthest
from streams.ownership import Ownership
from streams.state_table import StateTable


class World:
    """An Ownership whose recoveries are noted and may be held."""

    def __init__(self) -> None:
        self.table = StateTable("a-changelog", lambda _: furthest)
        self.recovered: list[tuple[list[int], int]] = []
        self.lost: list[int] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.ownership = Ownership(self.table, self.recover, self.lost.append)

    async def recover(self, numbers: set[int], generation: int) -> None:
        await self.gate.wait()
        self.recovered.append((sorted(numbers), generation))
        for number in numbers:
            self.table.recovered(number, Copies(), generation)

    async def rebalance(self, numbers: set[int], generation: int) -> None:
        self.ownership.revoke()
        self.ownership.assign(numbers, generation)
        for number in numbers:
            await self.ownership.partition(number)


def told(story: Callable[[World], Coroutine[Any, Any, None]]) -> World:
    async def run() -> World:
        world = World()
        await story(world)
        return world

    return asyncio.run(run())


def test_a_partition_kept_from_one_generation_to_the_next_keeps_its_state() -> None:
    async def story(world: World) -> None:
        await world.rebalance({1, 2, 3}, 5)
        await world.rebalance({2, 3, 4}, 6)

    world = told(story)

    assert world.recovered == [([1, 2, 3], 5), ([4], 6)]
    assert world.lost == [1]


def test_after_a_missed_generation_everything_is_rebuilt() -> None:
    async def story(world: World) -> None:
        await world.rebalance({1, 2}, 5)
        await world.rebalance({1, 2}, 7)

    world = told(story)

    assert world.recovered == [([1, 2], 5), ([1, 2], 7)]
    assert sorted(world.lost) == [1, 2]


def test_a_partition_that_comes_back_later_is_rebuilt() -> None:
    async def story(world: World) -> None:
        await world.rebalance({1}, 5)
        await world.rebalance({2}, 6)
        await world.rebalance({1, 2}, 7)

    assert told(story).recovered == [([1], 5), ([2], 6), ([1], 7)]


def test_a_batch_waits_until_its_partition_is_recovered() -> None:
    async def story(world: World) -> None:
        world.gate.clear()
        world.ownership.assign({1}, 5)
        waiting = asyncio.ensure_future(world.ownership.partition(1))
        done, _ = await asyncio.wait({waiting}, timeout=0.02)
        assert not done
        world.gate.set()
        partition = await waiting
        assert partition is world.table.partitions[1]

    told(story)


def test_a_batch_that_waits_when_its_partition_is_revoked_gets_nothing() -> None:
    async def story(world: World) -> None:
        world.gate.clear()
        world.ownership.assign({1}, 5)
        waiting = asyncio.ensure_future(world.ownership.partition(1))
        await asyncio.sleep(0)
        world.ownership.revoke()
        assert await waiting is None
        assert world.table.partitions == {}

    told(story)


def test_after_a_revocation_nothing_is_handed_out_until_the_next_assignment() -> None:
    async def story(world: World) -> None:
        await world.rebalance({1}, 5)
        world.ownership.revoke()
        assert await world.ownership.partition(1) is None
        world.ownership.assign({1}, 6)
        assert await world.ownership.partition(1) is world.table.partitions[1]
        assert await world.ownership.partition(2) is None

    assert told(story).recovered == [([1], 5)]


def test_a_recovery_that_a_rebalance_cut_short_starts_again() -> None:
    async def story(world: World) -> None:
        world.gate.clear()
        world.ownership.assign({1}, 5)
        await asyncio.sleep(0)
        world.ownership.revoke()
        world.gate.set()
        world.ownership.assign({1}, 6)
        assert await world.ownership.partition(1) is not None

    assert told(story).recovered == [([1], 6)]
