"""After something unexpected a process ends at once, with a code that says whether a restart can help."""

from __future__ import annotations

import subprocess
import sys

STOPS = """
import asyncio, atexit, sys
from streams.failstop import guard_tasks
from schemas.failstop import NeedsAPersonError, stop
atexit.register(print, "a handler ran")
"""


def run(script: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", STOPS + script], capture_output=True, text=True, check=False)


def test_what_a_restart_may_mend_ends_with_70_and_runs_no_handler() -> None:
    done = run("stop(ValueError('odd'))")

    assert done.returncode == 70
    assert "odd" in done.stderr
    assert not done.stdout


def test_what_a_restart_cannot_mend_ends_with_78_and_says_what_to_do() -> None:
    done = run("stop(NeedsAPersonError('restore the topic'))")

    assert done.returncode == 78
    assert "STOPPED: restore the topic" in done.stderr


def test_an_exception_that_no_task_handled_ends_the_process() -> None:
    done = run("""
async def fail():
    raise ValueError("in a task")
async def main():
    guard_tasks(asyncio.get_running_loop())
    task = asyncio.ensure_future(fail())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    del task
    await asyncio.sleep(60)
asyncio.run(main())
""")

    assert done.returncode == 70
    assert "in a task" in done.stderr


def test_a_message_of_the_loop_without_an_exception_is_only_logged() -> None:
    done = run("""
async def main():
    loop = asyncio.get_running_loop()
    guard_tasks(loop)
    loop.call_exception_handler({"message": "slow callback"})
    print("goes on")
asyncio.run(main())
""")

    assert done.returncode == 0
    assert "goes on" in done.stdout
