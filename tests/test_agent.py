"""The agent: acknowledges what is done, nothing else; and anything unexpected ends the process."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
from faust.types import TP

from streams.changelog import Copies
from tests.offline_shell import TOPIC, FakeProgram, start_agent

PLACE = TP(TOPIC, 3)
ROOT = Path(__file__).parents[1]


def test_a_batch_is_acknowledged_when_it_is_done() -> None:
    async def story() -> tuple[list[list[int]], dict[TP, int]]:
        program = FakeProgram()
        _, consumer, agent = await start_agent(program, PLACE)
        batches = [await agent.feed(PLACE, offsets) for offsets in ([10, 11], [12])]
        await agent.until(lambda: all(batch.acked for batch in batches))
        await consumer.commit()
        await agent.stop()
        return program.seen, consumer.committed

    assert asyncio.run(story()) == ([[10, 11], [12]], {PLACE: 13})


def test_a_batch_that_is_cancelled_before_it_is_done_is_not_acknowledged() -> None:
    async def story() -> tuple[list[bool], dict[TP, int]]:
        program = FakeProgram()
        program.gate.clear()
        _, consumer, agent = await start_agent(program, PLACE)
        batches = [await agent.feed(PLACE, offsets) for offsets in ([10, 11], [12])]
        await program.started.wait()
        await agent.stop()
        program.gate.set()
        await asyncio.sleep(0.05)
        await consumer.commit()
        return [batch.acked for batch in batches], consumer.committed

    assert asyncio.run(story()) == ([False, False], {})


def test_a_batch_from_before_a_rebalance_is_left_undone() -> None:
    async def story() -> tuple[list[list[int]], bool]:
        program = FakeProgram()
        _, consumer, agent = await start_agent(program, PLACE)
        program.gate.clear()
        await agent.feed(PLACE, [10])
        await program.started.wait()
        earlier = await agent.feed(PLACE, [11])
        await consumer.perform_seek()
        program.gate.set()
        again = await agent.feed(PLACE, [10, 11])
        await agent.until(lambda: bool(again.acked))
        await agent.stop()
        return program.seen, earlier.acked

    assert asyncio.run(story()) == ([[10], [10, 11]], False)


def test_batches_of_a_partition_are_taken_one_after_the_other_and_of_others_at_once() -> None:
    async def story() -> tuple[list[list[int]], list[list[int]]]:
        program = FakeProgram()
        shell, consumer, agent = await start_agent(program, PLACE)
        other = TP(TOPIC, 4)
        consumer.known = {PLACE: 10, other: 10}
        await consumer.perform_seek()
        shell.table.recovered(other.partition, Copies(), 1)
        program.gate.clear()
        first = await agent.feed(PLACE, [10])
        await program.started.wait()
        second, elsewhere = await agent.feed(PLACE, [11]), await agent.feed(other, [10])
        await agent.until(lambda: len(program.begun) == 2)
        begun = list(program.begun)
        program.gate.set()
        await agent.until(lambda: all(batch.acked for batch in (first, second, elsewhere)))
        await agent.stop()
        return begun, program.seen

    begun, seen = asyncio.run(story())

    assert begun == [[10], [10]]
    assert seen[-1] == [11]


@pytest.mark.parametrize("where", ["agent", "reader", "crash"])
def test_anything_unexpected_ends_the_process_to_be_restarted(where: str) -> None:
    script = (sys.executable, "-m", "tests.failing_shell", where)
    done = subprocess.run(script, capture_output=True, text=True, check=False, timeout=60, cwd=ROOT)

    assert done.returncode == 70, done.stderr
    assert "ValueError: odd" in done.stderr
