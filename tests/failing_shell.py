"""Runs a shell without a broker in which something unexpected happens: python failing_shell.py agent|reader|crash.

Ends with 0 after a while if nobody ended the process.
"""

from __future__ import annotations

import asyncio
import sys

from faust.types import TP

from tests.offline_shell import TOPIC, FakeProgram, Running, new_shell, start_agent

PLACE = TP(TOPIC, 3)
SURVIVED_SECONDS = 5


async def agent() -> None:
    """The program raises on a batch; without fail-stop the agent starts anew and the next batches pass it by."""
    program = FakeProgram()
    program.error = ValueError("odd")
    _, _, running = await start_agent(program, PLACE)
    await running.feed(PLACE, [10, 11])
    await program.started.wait()
    await asyncio.sleep(SURVIVED_SECONDS)


async def reader() -> None:
    """Handing over raises: a reader that ends in silence would leave lag for ever."""
    _, consumer, _ = await start_agent(FakeProgram(), PLACE)

    async def odd(_: object) -> None:
        raise ValueError("odd")

    consumer.callback = odd
    consumer.rounds = [{PLACE: [[10]]}]
    await consumer._drain_messages(Running())
    await asyncio.sleep(SURVIVED_SECONDS)


async def crash() -> None:
    """A service of Faust's crashes, the committing one say."""
    shell = new_shell(FakeProgram())
    await shell.app.crash(ValueError("odd"))


if __name__ == "__main__":
    asyncio.run({"agent": agent, "reader": reader, "crash": crash}[sys.argv[1]]())
