"""Puts messages into the township's inbox, in the transaction that takes the alert in: each exactly once."""

from __future__ import annotations

from sqlalchemy import Connection

from consumers.channels import Address, Channel, Message
from consumers.store import tasks


class Inbox:
    """The inbox page's table, within an open transaction."""

    def __init__(self, conn: Connection) -> None:
        """What is put stands when this transaction is committed."""
        self._conn = conn

    def send(self, message: Message) -> None:
        """Put it; one that is there already stays as it is."""
        row = tasks.Message(
            message.alert_id,
            message.version,
            message.recipient,
            message.kind,
            message.level,
            message.level_before,
            message.created_at,
        )
        tasks.put_messages(self._conn, (row,))


def open_channel(_address: Address, conn: Connection | None) -> Channel:
    """Open within a transaction."""
    if conn is None:
        raise TypeError("the inbox is written within a transaction of the store")
    return Inbox(conn)
