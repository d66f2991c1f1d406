"""What a department's program sends with. A row that `send` returned of arrives: it is on the disk until then."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self, TypeVar

import httpx

from producers.sdk.checking import line_of
from producers.sdk.courier import Courier
from producers.sdk.errors import NotDeliveredError, Problem, RowRefusedError, SpoolError, SpoolFullError
from producers.sdk.gateway_client import GatewayClient
from producers.sdk.limits import Limits
from producers.sdk.spool import Noted, Room, SetAside, Spool, Waiting
from producers.sdk.spool_file import SpoolFile

_LOOK_SECONDS = 0.2
_END_SECONDS = 5.0
T = TypeVar("T")


class Sent(NamedTuple):
    """What became of the rows of a call: how many are in the spool, and what is wrong with the others."""

    taken: int
    problems: list[Problem]


class Publisher:
    """Sends one department's rows to a gateway; threads may share it, and processes a spool.

    Use it as a context: what waits goes out at the end, and what cannot stays in the spool for the next one.
    """

    def __init__(
        self,
        url: str,
        *,
        key: str,
        department: str,
        spool: str | Path,
        signed: bool = False,
        ca: str | Path | None = None,
        limits: Limits | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """Open the spool and begin to deliver what is in it.

        Args:
            url: of the gateway, `https://…`; plain http on this machine only.
            key: as the county gave it.
            department: its code, or `register` for the household register.
            spool: file of its own, on a disk of this machine; made where there is none.
            signed: sign each request (Standard Webhooks), where the key asks for it.
            ca: PEM file of the authority behind the gateway's certificate; None trusts the usual ones.
            limits: where the usual ones do not fit.
            transport: for tests.

        Raises:
            SettingError: one of them cannot be.
            SpoolError: the spool cannot be opened.

        """
        self._limits = limits or Limits()
        self._sender = department
        self._gateway = GatewayClient(url, key, department, signed=signed, ca=ca, transport=transport)
        self._spool = Spool(SpoolFile(Path(spool), department), Room(self._limits.spool_rows, self._limits.spool_bytes))
        self._progress = threading.Condition()
        self._courier = Courier(self._spool, self._gateway, self._limits, self._moved)
        self._courier.start()

    def send(self, row: Mapping[str, object]) -> None:
        """Take a row: it is on the disk when this returns.

        Raises:
            RowRefusedError: the row is wrong; it is not taken.
            SpoolError: it could not be written, or as much waits as may; it is not taken.
            GatewayRefusesError: nothing goes out until somebody has mended it; it is not taken.

        """
        line = line_of(row, self._sender)
        if isinstance(line, Problem):
            raise RowRefusedError(line)
        self._put([line])

    def send_many(self, rows: Iterable[Mapping[str, object]]) -> Sent:
        """Take the good rows, a batch at a time; what is wrong with the others comes back, numbered from 1.

        Raises:
            SpoolError: as `send`; its `taken` says how many good rows were taken before.
            GatewayRefusesError: as `send`.

        """
        taken, problems = 0, []
        lines = (line_of(row, self._sender, number) for number, row in enumerate(rows, 1))
        for some in _in_batches(lines, self._limits.batch_rows):
            good = [line for line in some if isinstance(line, str)]
            problems += [line for line in some if isinstance(line, Problem)]
            try:
                self._put(good)
            except SpoolError as error:
                error.taken = taken
                raise
            taken += len(good)
        return Sent(taken, problems)

    def deliver_empty(self, covers_to: date) -> None:
        """State that all up to this day has been sent; with no rows before it, that there were none."""
        self._put([], covers_to.isoformat())
        self._courier.hurry()

    def _put(self, lines: list[str], covers_to: str | None = None) -> None:
        """Write to the spool; while it is full and the gateway takes rows, wait."""
        end = time.monotonic() + self._limits.full_seconds
        while True:
            self._refuse_stopped()
            try:
                self._spool.put(lines, covers_to)
                break
            except SpoolFullError as error:
                if time.monotonic() >= end:
                    raise self._with_trouble(error) from None
            self._courier.hurry()
            with self._progress:
                self._progress.wait(min(_LOOK_SECONDS, self._limits.full_seconds))
        if len(lines) >= self._limits.batch_rows or self._spool.waiting().rows >= self._limits.batch_rows:
            self._courier.hurry()

    def _with_trouble(self, error: SpoolFullError) -> SpoolFullError:
        trouble = self._courier.trouble
        return SpoolFullError(f"{error} ({trouble})") if trouble else error

    def flush(self, seconds: float = 60.0) -> None:
        """Wait until all that was sent before is delivered or set aside.

        Raises:
            NotDeliveredError: not within so many seconds; it stays in the spool and goes out later.
            GatewayRefusesError: it stays in the spool until somebody has mended what the message says.

        """
        end = time.monotonic() + seconds
        _, last = self._spool.span()
        while self._spool.span()[0] <= last:
            self._refuse_stopped()
            if time.monotonic() >= end:
                raise NotDeliveredError(self._not_yet())
            self._courier.hurry()
            with self._progress:
                self._progress.wait(min(_LOOK_SECONDS, seconds))

    def _not_yet(self) -> str:
        waits, trouble = self._spool.waiting().rows, self._courier.trouble
        why = f" ({trouble})" if trouble else ""
        return f"还有 {waits} 行在暂存中，稍后自动发出 / {waits} rows are still in the spool and go out later{why}"

    def _refuse_stopped(self) -> None:
        if self._courier.stopped is not None:
            raise self._courier.stopped

    def _moved(self) -> None:
        with self._progress:
            self._progress.notify_all()

    @property
    def waiting(self) -> Waiting:
        """What the spool holds."""
        return self._spool.waiting()

    @property
    def trouble(self) -> str | None:
        """Why nothing is delivered just now; None where all is well."""
        stopped = self._courier.stopped
        return self._courier.trouble if stopped is None else str(stopped)

    def receipts(self) -> list[Noted]:
        """Receipts of what was delivered from this spool, oldest first, the last 10 000."""
        return self._spool.receipts()

    def receipt(self, number: str) -> dict[str, object]:
        """What became of a delivery so far, as the gateway says it now.

        Raises:
            SettingError: that is no receipt's number.
            GatewayRefusesError, NotDeliveredError: the gateway knows none, or does not answer.

        """
        return self._gateway.receipt(number)

    def set_aside(self) -> list[SetAside]:
        """Rows that the gateway refused, with the reason: send them corrected, then `forget` them."""
        return self._spool.set_aside()

    def forget(self, rows: Iterable[SetAside]) -> None:
        """Delete rows that were set aside."""
        self._spool.forget([row.number for row in rows])

    def close(self) -> None:
        """Wait a while for what is still in the spool, then end; the rest stays there for the next publisher.

        Raises:
            GatewayRefusesError: see `flush`.

        """
        if self._courier.is_ended:
            return
        try:
            self.flush(self._limits.close_seconds)
        except NotDeliveredError:
            pass  # the courier has said so in the log, and the spool has it
        finally:
            self._end()

    def _end(self) -> None:
        if self._courier.end(_END_SECONDS):
            self._spool.close()
            self._gateway.close()

    def __enter__(self) -> Self:
        """Use as a context."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close; after an error at once."""
        if error is None:
            self.close()
        else:
            self._end()


def _in_batches(items: Iterator[T], size: int) -> Iterator[list[T]]:
    while some := list(islice(items, size)):
        yield some
