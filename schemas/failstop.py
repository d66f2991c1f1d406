"""How every program ends after something unexpected: at once, so that nothing half-done is committed, sent or promised.

exit 70   unexpected; the supervisor starts the program again, and it goes on where it was
exit 78   a restart cannot mend it (configuration, key, damaged state); stays stopped until a person has looked
"""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Callable
from typing import NoReturn

UNEXPECTED = 70
NEEDS_A_PERSON = 78

log = logging.getLogger(__name__)


class NeedsAPersonError(Exception):
    """A restart cannot mend this; the message says what to do."""


def stop(error: BaseException) -> NoReturn:
    """End the process now; no handler runs."""
    if isinstance(error, NeedsAPersonError):
        sys.stderr.write(f"STOPPED: {error}\n")
        code = NEEDS_A_PERSON
    else:
        log.critical("unexpected, stopping to be restarted: %s", type(error).__name__, exc_info=error)
        code = UNEXPECTED
    sys.stderr.flush()
    os._exit(code)


def started(work: Callable[[], None]) -> threading.Thread:
    """Thread that ends the program if anything unexpected happens in it: nothing stands still unnoticed."""

    def watched() -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001  # whatever it is
            stop(error)

    thread = threading.Thread(target=watched, daemon=True)
    thread.start()
    return thread
