"""The shell: processes that make messages of rows beside the one that reads and sends, in the rows' order.

Making takes twice as long as sending, and one interpreter does one of both at a time. A small file needs none: only
what stands after the first thousands of rows is given to makers.
"""

from __future__ import annotations

import gc
import os
import signal
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from itertools import chain, islice
from multiprocessing import get_context
from multiprocessing.connection import Connection

from producers.publish import Result, Run, messages_of, results_of
from producers.send import BusError
from schemas.readers import NumberedRow

FEW = 4_000
AT_ONCE = 500
_MOST = 2
_SECONDS_TO_END = 5

Maker = Connection
"""The near end of the pipe to a maker: chunks of rows go in, lists of results come out."""


def made_beside(rows: Iterator[NumberedRow], run: Run, key: bytes, few: int = FEW) -> Iterator[Result]:
    """What each row becomes, in order; the first `few` are made here, and all of them on a machine with one core.

    Raises:
        BusError: a maker was ended from outside.

    """
    makers = min(_MOST, len(os.sched_getaffinity(0)) - 1)
    yield from results_of(islice(rows, few) if makers else rows, messages_of(run, key))
    if further := list(islice(rows, 1)):
        yield from _made(chain(further, rows), run, key, makers)


def _made(rows: Iterator[NumberedRow], run: Run, key: bytes, makers: int) -> Iterator[Result]:
    with ExitStack() as stack:
        idle = [stack.enter_context(_maker(run, key)) for _ in range(makers)]
        busy = deque(maker for maker in idle if _give(maker, rows))
        while busy:
            maker = busy.popleft()
            results = _take(maker)
            if _give(maker, rows):
                busy.append(maker)
            yield from results


def _give(maker: Maker, rows: Iterator[NumberedRow]) -> bool:
    """Hand the next rows to a maker that has none; False where there are no more."""
    chunk = list(islice(rows, AT_ONCE))
    if chunk:
        with suppress(OSError):  # it is gone: whoever takes its results is told
            maker.send(chunk)
    return bool(chunk)


def _take(maker: Maker) -> list[Result]:
    try:
        results: list[Result] = maker.recv()
    except (OSError, EOFError) as error:
        raise BusError("处理数据行的进程被意外结束：请确认内存充足后重新提交，重复提交不会重复计数") from error
    return results


@contextmanager
def _maker(run: Run, key: bytes) -> Iterator[Maker]:
    """Keep a process that makes; it ends with its pipe, so also when this one is killed."""
    context = get_context("spawn")
    near, far = context.Pipe()
    process = context.Process(target=_make, args=(far, run, key), daemon=True)
    process.start()
    far.close()
    try:
        yield near
    finally:
        near.close()
        process.join(_SECONDS_TO_END)
        process.kill()


def _make(rows: Connection, run: Run, key: bytes) -> None:
    """Make messages until nobody asks; who presses Ctrl-C means the process that sends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.set_threshold(100_000, 50, 100)
    to_messages = messages_of(run, key)
    with suppress(EOFError, OSError):
        while True:
            rows.send(list(results_of(iter(rows.recv()), to_messages)))
