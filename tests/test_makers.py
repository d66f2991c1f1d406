"""Rows of a large file are made into messages by processes beside, and nobody can tell by the result."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import date

import psutil
import pytest

from deploy.up.program import Deadline
from producers import makers
from producers.makers import AT_ONCE, made_beside
from producers.publish import Run, messages_of, results_of
from producers.send import BusError
from schemas.beijing import day_number, start_of
from schemas.cells import Row
from schemas.faults import FieldError
from schemas.readers import NumberedRow
from tests.rows import KEY, fee, member
from tests.source_tree import ROOT

RUN = Run("education", start_of(day_number(date(2026, 4, 3))), "1a2b3c4d5e")


def numbered_rows(count: int) -> Iterator[NumberedRow]:
    """Good rows, every seventh with a fault of its own, every eleventh unreadable."""
    for number in range(1, count + 1):
        row: Row = fee(number, **({"overdue": "much"} if number % 7 == 0 else {}))
        yield number, FieldError("?", "too_many_cells") if number % 11 == 0 else row


@pytest.fixture(autouse=True)
def two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    """Say that this machine has three cores, so that there are two makers."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2})


@pytest.mark.parametrize("count", [0, 9, 10, 11, 10 + AT_ONCE, 11 + 5 * AT_ONCE])
def test_what_becomes_of_rows_is_the_same_and_in_order_with_makers_and_without(count: int) -> None:
    beside = list(made_beside(numbered_rows(count), RUN, KEY, few=10))

    assert beside == list(results_of(numbered_rows(count), messages_of(RUN, KEY)))
    assert not multiprocessing.active_children()


def test_the_registers_rows_have_makers_too() -> None:
    run = Run("register", RUN.started_at, "00")
    rows: list[NumberedRow] = [(number, member(number)) for number in range(1, 30)]

    assert list(made_beside(iter(rows), run, KEY, few=1)) == list(results_of(iter(rows), messages_of(run, KEY)))


def test_a_small_file_and_a_machine_with_one_core_start_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(makers, "_maker", None)  # whoever starts one stumbles

    assert len(list(made_beside(numbered_rows(10), RUN, KEY, few=10))) == 10
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0})
    assert len(list(made_beside(numbered_rows(20), RUN, KEY, few=10))) == 20


def test_a_maker_that_is_killed_ends_the_run_with_words_and_no_row_is_left_out() -> None:
    results = made_beside(numbered_rows(50 * AT_ONCE), RUN, KEY, few=0)
    seen = [next(results)]
    for child in multiprocessing.active_children():
        os.kill(child.pid or 0, signal.SIGKILL)

    with pytest.raises(BusError, match="请确认内存充足后重新提交"):
        seen.extend(results)

    expected = results_of(numbered_rows(len(seen)), messages_of(RUN, KEY))
    assert seen == list(expected)


def works(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


_KILLED = """
import os, signal, sys
from tests.test_makers import *
results = made_beside(numbered_rows(50 * AT_ONCE), RUN, KEY, few=0)
if __name__ == "__main__":
    next(results)
    print(*(child.pid for child in multiprocessing.active_children()), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_makers_end_with_a_sender_that_is_killed() -> None:
    child = subprocess.run((sys.executable, "-c", _KILLED), cwd=ROOT, capture_output=True, text=True, check=False)

    left = [int(pid) for pid in child.stdout.split()]
    assert left, child.stderr
    assert Deadline(20).reached(lambda: not any(map(works, left)))
