"""Straight onto the bus, for programs of the county itself: only where ALERTBUS_COUNTY_KEY_FILE names the county key.

No spool: a call has returned once the broker has confirmed all of it; after an error it is sent again as a whole, and
what comes twice counts once.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import time
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Self

from producers.commands import county_key
from producers.publish import REGISTER, Run, event_messages, publish_rows, register_messages, topics_of
from producers.sdk.checking import as_row, told
from producers.sdk.errors import SettingError
from producers.sdk.publisher import Sent
from producers.send import connect
from schemas.beijing import day_number
from schemas.bus import find_bus
from schemas.readers import Source

_KEY_FILE = "ALERTBUS_COUNTY_KEY_FILE"


class DirectPublisher:
    """Sends rows of one department, or `register`, to the bus that the environment names."""

    def __init__(self, department: str, environ: Mapping[str, str] = os.environ) -> None:
        """Connect.

        Raises:
            SettingError: ALERTBUS_COUNTY_KEY_FILE is not set: then a program is not the county's.
            BusNotFoundError, BusError: there is no bus, or its key cannot be read.

        """
        if not environ.get(_KEY_FILE):
            raise SettingError(
                f"没有设置 {_KEY_FILE}：部门程序请用 Publisher 经网关推送 / "
                f"{_KEY_FILE} is not set: programs of departments send through the gateway, with Publisher"
            )
        bus = find_bus(environ)
        self._sender = department
        self._key = county_key(bus.county_key_file)
        self._bus = connect(bus.bootstrap_servers)
        self._bus.expect_topics(topics_of(department))

    def send_many(self, rows: Iterable[Mapping[str, object]], covers_to: date | None = None) -> Sent:
        """Send the good rows and the delivery's record; what is wrong with the others comes back, numbered from 1.

        Raises:
            BusError: not all was confirmed: send all of it again.

        """
        numbered = [(number, as_row(row)) for number, row in enumerate(rows, 1)]
        sha256 = hashlib.sha256(repr(numbered).encode()).hexdigest()
        day = None if covers_to is None else day_number(covers_to)
        run = Run(self._sender, time.time_ns() // 1_000_000, sha256, day, source="batch", mark=secrets.token_hex(4))
        to_messages = (register_messages if self._sender == REGISTER else event_messages)(run, self._key)
        outcome = publish_rows(Source(sha256, lambda: iter(numbered)), to_messages, run, self._bus)
        return Sent(outcome.accepted, [told(found) for found in outcome.rejected])

    def deliver_empty(self, covers_to: date) -> None:
        """State that there was nothing up to this day; raises BusError."""
        self.send_many([], covers_to)

    def close(self) -> None:
        """Disconnect."""
        self._bus.__exit__()

    def __enter__(self) -> Self:
        """Use as a context: closes in the end."""
        return self

    def __exit__(self, *_: object) -> None:
        """Disconnect."""
        self.close()
