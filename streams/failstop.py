"""What ends a processor: state that cannot be read, and exceptions that no task has handled."""

from __future__ import annotations

import asyncio
import logging

from schemas.failstop import stop

UNREADABLE = (
    "state of a {what} in partition {partition} cannot be read: delete the changelog partition's records and reset the "
    "group's offsets of that partition"
)

log = logging.getLogger(__name__)


def guard_tasks(loop: asyncio.AbstractEventLoop) -> None:
    """Stop on an exception that no task has handled."""

    def unhandled(_: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
        error = context.get("exception")
        if isinstance(error, Exception):
            stop(error)
        log.warning("event loop: %s", context.get("message"))

    loop.set_exception_handler(unhandled)
