"""One lane for each recipient and channel: its messages go one after the other, beside those of all other lanes."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event
from typing import NamedTuple

from consumers.channels import Address, Channel, ChannelError, Message, Refused, Unreachable, load
from consumers.delivery import Receiver, after_attempt, wait_for_turn
from consumers.failpoints import AFTER_SEND, BEFORE_SEND
from consumers.notify_outgoing import Tried, Untried
from consumers.store.deliveries import Delivery
from schemas.failpoints import Failpoints
from schemas.failstop import stop

LANE_SECONDS = 3.0
"""No message is begun later than this after its lane set out; with an attempt's length it makes LEASE_MS."""

LEASE_MS = 15_000
Key = tuple[str, str]
"""Recipient and channel."""

log = logging.getLogger(__name__)


class Outgoing(NamedTuple):
    """A claimed delivery with its message."""

    delivery: Delivery
    message: Message


@dataclass(slots=True)
class _Lane:
    channel: Channel
    per_second: float
    receiver: Receiver = field(default_factory=Receiver)
    is_busy: bool = False


class Lanes:
    """Threads that send; a lane that hangs holds up no other, for there are as many threads as lanes."""

    def __init__(self, most: int, failpoints: Failpoints, report: Callable[[Tried | Untried | None], object]) -> None:
        """`report` is called from their threads, once for each delivery, and with None when a lane is free again."""
        self._lanes: dict[Key, _Lane] = {}
        self._pool = ThreadPoolExecutor(max(most, 1), "lane")
        self._failpoints = failpoints
        self._report = report
        self._ended = Event()

    def shut(self, now: int) -> list[Key]:
        """Lanes in which nothing can go now: at work, or their receiver is down."""
        return [key for key, lane in self._lanes.items() if lane.is_busy or not lane.receiver.is_open(now)]

    def send(self, address: Address | None, batch: Sequence[Outgoing]) -> None:
        """Send the messages of one lane that is not shut, in their order; no address: nobody is there any more."""
        if address is None:
            for delivery, _ in batch:
                self._report(Tried(delivery, Refused("not_listed")))
            return
        key = batch[0].delivery.recipient, address.channel
        lane = self._lanes.get(key) or _Lane(load(address.channel)(address, None), address.per_second)
        self._lanes[key] = lane
        lane.is_busy = True
        self._pool.submit(self._guarded, lane, batch)

    def close(self) -> None:
        """Begin no further message, and wait for those under way."""
        self._ended.set()
        self._pool.shutdown()

    def _guarded(self, lane: _Lane, batch: Sequence[Outgoing]) -> None:
        try:
            self._send_all(lane, batch)
        except Exception as error:  # noqa: BLE001  # a pool keeps errors to itself
            stop(error)

    def _send_all(self, lane: _Lane, batch: Sequence[Outgoing]) -> None:
        over = time.monotonic() + LANE_SECONDS
        for outgoing in batch:
            wait, receiver = wait_for_turn(lane.receiver, _now(), lane.per_second)
            fits = time.monotonic() + wait / 1000 < over and lane.receiver.is_open(_now())
            if not fits or self._ended.wait(wait / 1000):
                self._report(Untried(outgoing.delivery, max(_now(), lane.receiver.closed_until)))
                continue
            error = self._attempt(lane.channel, outgoing.message)
            lane.receiver = after_attempt(receiver, error, _now())
            self._report(Tried(outgoing.delivery, error))
        lane.is_busy = False
        self._report(None)

    def _attempt(self, channel: Channel, message: Message) -> ChannelError | None:
        self._failpoints.reach(BEFORE_SEND)
        error: ChannelError | None = None
        try:
            channel.send(message)
        except (Unreachable, Refused) as failure:
            error = failure
        except Exception as failure:  # noqa: BLE001  # one receiver's oddity must not end the program for all
            log.error("%s: %s", message.recipient, type(failure).__name__)  # noqa: TRY400  # its text may hold an address
            error = Unreachable("unexpected")
        self._failpoints.reach(AFTER_SEND)
        return error


def _now() -> int:
    return time.time_ns() // 1_000_000
