"""python -m consumers notify | inbox."""

from __future__ import annotations

import logging
import sys

from consumers.settings import Settings, read_settings
from schemas.failstop import stop

PROGRAMS = ("notify", "inbox")


def main(arguments: list[str]) -> int:
    """Run one program until SIGTERM; 64 where the call is off."""
    if len(arguments) != 1 or arguments[0] not in PROGRAMS:
        sys.stderr.write(f"usage: python -m consumers {' | '.join(PROGRAMS)}\n")
        return 64
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    settings = read_settings(arguments[0])
    try:
        _run(arguments[0], settings)
    except Exception as error:  # noqa: BLE001  # whatever it is: stopped, and started again where that may mend it
        stop(error)
    return 0


def _run(name: str, settings: Settings) -> None:
    if name == "notify":
        from consumers.notify import run as run_notify

        run_notify(settings)
    else:
        from consumers.inbox.program import run as run_inbox

        run_inbox(settings)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
