"""python -m streams assign | correlate | area | clock."""

from __future__ import annotations

import logging
import sys

from schemas.failstop import NeedsAPersonError, stop
from streams.settings import Settings, read_settings

PROGRAMS = ("assign", "correlate", "area", "clock")


def main(arguments: list[str]) -> int:
    """Run one program until SIGTERM; 64 where the call is off."""
    if len(arguments) != 1 or arguments[0] not in PROGRAMS:
        sys.stderr.write(f"usage: python -m streams {' | '.join(PROGRAMS)}\n")
        return 64
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    settings = read_settings(arguments[0])
    try:
        _run(arguments[0], settings)
    except NeedsAPersonError as error:
        stop(error)
    return 0


def _run(name: str, settings: Settings) -> None:
    if name == "clock":
        from streams.clock_program import run as run_clock

        run_clock(settings)
        return
    from streams.app import run

    if name == "assign":
        from streams.assign_program import Assign

        run(Assign(), settings)
        return
    from streams.activation import finder
    from streams.area_program import Area
    from streams.correlate_program import Correlate

    judging = Area if name == "area" else Correlate
    run(judging(finder(settings.bootstrap_servers)), settings)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
