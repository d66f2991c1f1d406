"""Stop rather than go on after something unexpected: state and offsets stay as they were, the restart reads again.

exit 70   unexpected; the supervisor starts the program again
exit 78   a restart cannot mend it (configuration, damaged state); stays stopped until a person has looked
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from typing import NoReturn

UNEXPECTED = 70
NEEDS_A_PERSON = 78
UNREADABLE = (
    "state of a {what} in partition {partition} cannot be read: delete the changelog partition's records and reset the "
    "group's offsets of that partition"
)

log = logging.getLogger(__name__)


class NeedsAPersonError(Exception):
    """A restart cannot mend this; the message says what to do."""


def stop(error: BaseException) -> NoReturn:
    """End the process now: no handler runs, nothing is committed, nothing half-done is sent."""
    if isinstance(error, NeedsAPersonError):
        sys.stderr.write(f"STOPPED: {error}\n")
        code = NEEDS_A_PERSON
    else:
        log.critical("unexpected, stopping to be restarted: %r", error, exc_info=error)
        code = UNEXPECTED
    sys.stderr.flush()
    os._exit(code)


def guard_tasks(loop: asyncio.AbstractEventLoop) -> None:
    """Stop on an exception that no task has handled."""

    def unhandled(_: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
        error = context.get("exception")
        if isinstance(error, Exception):
            stop(error)
        log.warning("event loop: %s", context.get("message"))

    loop.set_exception_handler(unhandled)
