"""A record on its way to the bus."""

from __future__ import annotations

from typing import NamedTuple


class Message(NamedTuple):
    """What goes where."""

    topic: str
    partition: int
    key: bytes
    value: bytes
