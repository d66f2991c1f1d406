"""python -m producers gateway | database | report."""

from __future__ import annotations

import logging
import sys

from producers.settings import Settings, read_settings
from schemas.failstop import stop

PROGRAMS = ("gateway", "database", "report")


def main(arguments: list[str]) -> int:
    """Run one program until SIGTERM; 64 where the call is off."""
    if len(arguments) != 1 or arguments[0] not in PROGRAMS:
        sys.stderr.write(f"usage: python -m producers {' | '.join(PROGRAMS)}\n")
        return 64
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("kafka").setLevel(logging.WARNING)
    settings = read_settings(arguments[0])
    try:
        _run(arguments[0], settings)
    except Exception as error:  # noqa: BLE001  # whatever it is: stopped, and started again where that may mend it
        stop(error)
    return 0


def _run(name: str, settings: Settings) -> None:
    if name == "database":
        from producers.database.program import run as run_database

        run_database(settings)
    elif name == "report":
        from producers.report.program import run as run_report

        run_report(settings)
    else:
        from producers.gateway.program import run as run_gateway

        run_gateway(settings)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
