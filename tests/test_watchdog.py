"""A worker with lag that does nothing is ended; one without lag, or at work, is left alone."""

from __future__ import annotations

import threading

from streams.watchdog import NoProgressError, Watchdog


class Worker:
    """Something to watch: it has lag, and may be at work."""

    def __init__(self, lag: int, *, at_work: bool = False) -> None:
        self.waiting = lag
        self.looks = 0
        self.looked_often = threading.Event()
        self.ended = threading.Event()
        self.error: BaseException | None = None
        self.watchdog = Watchdog(0.2, self.lag, self.end)
        self.at_work = at_work

    def lag(self) -> int:
        self.looks += 1
        if self.at_work:
            self.watchdog.progress()
        if self.looks > 20:
            self.looked_often.set()
        return self.waiting

    def end(self, error: BaseException) -> None:
        self.error = error
        self.ended.set()


def test_lag_without_progress_ends_the_worker() -> None:
    worker = Worker(lag=5)
    worker.watchdog.start()

    assert worker.ended.wait(10)
    assert isinstance(worker.error, NoProgressError)


def test_a_worker_without_lag_may_be_idle() -> None:
    worker = Worker(lag=0)
    worker.watchdog.start()

    assert worker.looked_often.wait(10)
    assert not worker.ended.is_set()
    worker.watchdog.close()


def test_a_worker_at_work_is_left_alone() -> None:
    worker = Worker(lag=5, at_work=True)
    worker.watchdog.start()

    assert worker.looked_often.wait(10)
    assert not worker.ended.is_set()
    worker.watchdog.close()


def test_a_watchdog_that_cannot_look_ends_the_worker() -> None:
    worker = Worker(lag=0)
    worker.watchdog = Watchdog(0.2, lambda: 1 // 0, worker.end)
    worker.watchdog.start()

    assert worker.ended.wait(10)
    assert isinstance(worker.error, ZeroDivisionError)
