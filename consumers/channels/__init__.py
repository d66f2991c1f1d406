"""Ways to reach people. One file per channel: its name is the one that the roster uses; each has one method, `send`.

A channel never retries, counts, words or waits its turn: the sender does. Its errors say what to do:

ChannelError
    Unreachable   not now: try again later, not before `retry_after` seconds where given
    Refused       never: the receiver has understood, and does not want this message
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from typing import Protocol, cast

from sqlalchemy import Connection

CHANNELS = ("inbox", "webhook", "console")
INBOX = CHANNELS[0]
"""Written in the store's own transaction; all others are sent after it."""


DEFAULT_PER_SECOND = 50.0


class ChannelError(Exception):
    """A message that did not arrive; `code` goes to logs and the store, and holds nothing of message or address."""

    def __init__(self, code: str) -> None:
        """`code` is a word such as `timeout` or `http_503`."""
        super().__init__(code)
        self.code = code


class Unreachable(ChannelError):  # noqa: N818  # says what the receiver is
    """Not now."""

    def __init__(self, code: str, retry_after: float | None = None) -> None:
        """`retry_after`: seconds that the receiver asked for."""
        super().__init__(code)
        self.retry_after = retry_after


class Refused(ChannelError):  # noqa: N818  # says what the receiver did
    """Never."""


@dataclass(frozen=True, slots=True)
class Message:
    """What somebody is told: nothing of household, persons, causes or amounts.

    Attributes:
        id: the same whenever this is sent: receivers know repeats by it.
        recipient: whom it is for, as the roster names them.
        kind: one of consumers.store.tasks.KINDS.
        level_before: where the level changed.
        village: its name where the roster has it, else its code; None where it is not known.
        text: all of it in plain Chinese.
        happened_at: ms; `created_at`: when the store took it in, ms.

    """

    id: str
    alert_id: str
    version: int
    recipient: str
    kind: str
    level: str
    level_before: str | None
    village: str | None
    text: str
    link: str
    happened_at: int
    created_at: int


@dataclass(frozen=True, slots=True)
class Address:
    """Where a channel reaches somebody; secrets never show in a repr.

    Attributes:
        secrets: keys of signatures, the newest first: two while one is being replaced.
        per_second: how many messages the receiver takes; the sender keeps to it.

    """

    channel: str
    url: str = field(default="", repr=False)
    secrets: tuple[bytes, ...] = field(default=(), repr=False)
    per_second: float = DEFAULT_PER_SECOND


class Channel(Protocol):
    """One way to one recipient."""

    def send(self, message: Message) -> None:
        """Hand the message over; returns once the receiver has it.

        Raises:
            Unreachable, Refused: it has not.

        """


Opener = Callable[[Address, Connection | None], Channel]


def load(name: str) -> Opener:
    """Return what opens a channel for an address; the connection is the open transaction, for INBOX alone."""
    if name not in CHANNELS:
        raise KeyError(name)
    return cast(Opener, import_module(f"{__name__}.{name}").open_channel)
