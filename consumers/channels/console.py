"""Prints messages: for demos and development."""

from __future__ import annotations

import sys

from sqlalchemy import Connection

from consumers.channels import Address, Channel, Message, Unreachable


class Console:
    """Standard output of this program, a line for each message."""

    def send(self, message: Message) -> None:
        """Print it."""
        try:
            sys.stdout.write(f"[{message.recipient}] {message.text}\n")
            sys.stdout.flush()
        except (OSError, ValueError) as error:  # nobody reads any more, or it is closed
            raise Unreachable("no_output") from error


def open_channel(_address: Address, _conn: Connection | None) -> Channel:
    """Open; every address is the same here."""
    return Console()
