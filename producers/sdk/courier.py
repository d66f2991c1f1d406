"""The shell: a thread that takes what is in the spool to the gateway, in order, and looks again and again."""

from __future__ import annotations

import logging
import random
import threading
import traceback
from collections.abc import Callable
from typing import Protocol

from producers.sdk.answers import Later, Smaller, Stop, Taken, Unfit, Unpacked, Verdict
from producers.sdk.errors import GatewayRefusesError, PublisherError, SpoolDamagedError, SpoolError
from producers.sdk.limits import Limits
from producers.sdk.spool import Batch, Spool
from producers.sdk.turn import turn

MOST_BROKEN = 10
"""So often may the gateway fail over a batch until it is set aside: it may be the batch."""
_UNPACKED = "网关或代理不收压缩内容，也不收未压缩的 / gateway or proxy takes the batch neither packed nor plain"
log = logging.getLogger(__name__)


class Delivers(Protocol):
    """What speaks to the gateway."""

    def deliver(self, batch: Batch) -> Verdict:
        """Send a batch; what came of it."""


class Courier:
    """Works until it is told to end, or something stops it that a person must mend.

    Attributes:
        trouble: why nothing moves just now; None where all is well.
        stopped: why nothing moves until a person has mended it.

    """

    def __init__(self, spool: Spool, gateway: Delivers, limits: Limits, moved: Callable[[], None]) -> None:
        """`moved` is called after each step."""
        self._spool = spool
        self._gateway = gateway
        self._limits = limits
        self._moved = moved
        self._rows = limits.batch_rows
        self._failed = 0
        self._due = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._work, name="courier", daemon=True)
        self.trouble: str | None = None
        self.stopped: PublisherError | None = None

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def hurry(self) -> None:
        """Look now."""
        self._due.set()

    @property
    def is_ended(self) -> bool:
        """Whether it was told to end."""
        return self._ended.is_set()

    def end(self, seconds: float) -> bool:
        """Stop after what is in hand; whether it did within so many seconds."""
        self._ended.set()
        self._due.set()
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _work(self) -> None:
        try:
            while not self._ended.is_set() and self.stopped is None:
                self._drain()
                self._due.wait(self._limits.linger_seconds)
                self._due.clear()
        except PublisherError as error:
            self._stop(error)
        except Exception as error:  # noqa: BLE001  # whatever it is: callers hear of it
            log.error("%s\n%s", type(error).__name__, "".join(traceback.format_tb(error.__traceback__)))  # noqa: TRY400  # its text may hold a row's
            self._stop(PublisherError(_unexpected(error)))

    def _drain(self) -> None:
        """Deliver batch after batch; another process's turn is waited for."""
        with turn(self._spool.path) as ours:
            while ours and not self._ended.is_set() and self.stopped is None:
                try:
                    batch = self._spool.batch(self._rows, self._limits.batch_bytes)
                    if batch is None:
                        return
                    self._settle(batch, self._gateway.deliver(batch))
                except SpoolDamagedError:
                    raise
                except SpoolError as error:
                    self._wait(Later(str(error)))
                self._moved()

    def _settle(self, batch: Batch, verdict: Verdict) -> None:
        if isinstance(verdict, Later) and not (verdict.broken and batch.broken + 1 >= MOST_BROKEN):
            if verdict.broken:
                self._spool.failed(batch)
            self._wait(verdict)
            return
        if isinstance(verdict, Stop):
            self._stop(GatewayRefusesError(verdict.words))
            return
        if isinstance(verdict, Taken):
            self._spool.taken(batch, verdict.receipt, verdict.accepted, verdict.problems)
            self._log_set_aside(len(verdict.problems), "the receipt says why")
        elif isinstance(verdict, Smaller) and len(batch.lines) > 1:
            self._rows = len(batch.lines) // 2
            self._spool.apart(batch)
        else:
            self._set_aside(batch, verdict)
        self.trouble, self._failed = None, 0

    def _set_aside(self, batch: Batch, verdict: Later | Smaller | Unpacked | Unfit) -> None:
        if isinstance(verdict, Smaller | Unfit):
            self._spool.unfit(batch, *verdict)
        else:
            zh, _, en = (verdict.words if isinstance(verdict, Later) else _UNPACKED).partition(" / ")
            self._spool.unfit(batch, "broken", zh, en)
        self._log_set_aside(len(batch.lines), "the gateway refuses their batch")

    def _log_set_aside(self, rows: int, why: str) -> None:
        if rows:
            log.warning("%d rows are set aside in the spool: %s", rows, why)

    def _wait(self, verdict: Later) -> None:
        """Wait as the gateway says, else longer each time; the end is not waited for."""
        if verdict.words != self.trouble:
            log.warning("nothing is delivered for now: %s", verdict.words)
        self.trouble = verdict.words
        self._moved()
        grown = min(self._limits.retry_seconds * 2.0 ** min(self._failed, 20), self._limits.most_seconds)
        self._failed += 1
        self._ended.wait(grown * random.uniform(0.8, 1) if verdict.seconds is None else verdict.seconds)

    def _stop(self, error: PublisherError) -> None:
        log.error("nothing is delivered any more: %s", error)
        self.stopped = error
        self._moved()


def _unexpected(error: Exception) -> str:
    name = type(error).__name__
    return (
        f"内部错误（{name}），暂存的行都在：请重新打开 / internal error ({name}), the spool has all rows: open it again"
    )
