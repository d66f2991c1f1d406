"""What is done beside a program's work goes on after the store was away, and ends when it is told."""

from __future__ import annotations

import threading

from deploy.up.program import Deadline
from producers.store_file import StoreBusyError, StoreError
from schemas.recurring import Recurring


def test_a_task_goes_on_after_the_store_was_away_and_ends_when_told() -> None:
    done = list[int]()

    def task() -> None:
        done.append(len(done))
        if len(done) == 1:
            raise StoreBusyError

    recurring = Recurring("a task", task, 0.001, StoreError)
    thread = threading.Thread(target=recurring.run)
    thread.start()

    assert Deadline(10).reached(lambda: len(done) > 2)
    recurring.stop()
    thread.join(10)
    assert not thread.is_alive()
