"""The clock as a process of its own, to be killed and started again."""

from __future__ import annotations

import sys
from pathlib import Path

from deploy.counts import scrape
from deploy.up.ports import free_port
from deploy.up.program import Program, ProgramSpec
from streams.failpoints import TICKED

_LATE, _UNACCOUNTED, _SECONDS = "alertbus_feed_days_late", "alertbus_unaccounted_rows", 40


class ClockProgram:
    """`python -m streams clock`; nobody starts it again.

    Attributes:
        port: of its metrics.

    """

    def __init__(self, servers: str, folder: Path) -> None:
        self._folder, self.port = folder, free_port()
        env = {
            "KAFKA_BOOTSTRAP_SERVERS": servers,
            "ALERTBUS_DATA_DIR": str(folder),
            "ALERTBUS_METRICS_PORT": str(self.port),
            "ALERTBUS_PROGRAM": "clock",
            "ALERTBUS_FAILPOINTS": str(folder),
        }
        command = (sys.executable, "-m", "streams", "clock")
        self._spec = ProgramSpec("clock", command, env, folder / "clock.log", self.port, lambda: True)
        self._program = Program(self._spec)

    def start(self) -> None:
        self._program.start()

    def dies_between_tick_and_alert(self) -> None:
        (self._folder / f"clock.{TICKED}").write_text("SIGKILL")

    def ended(self) -> int:
        assert self._program._process
        return self._program._process.wait(_SECONDS)

    def days_late(self) -> dict[str, float]:
        return self._by_department(_LATE)

    def unaccounted(self) -> dict[str, float]:
        return self._by_department(_UNACCOUNTED)

    def _by_department(self, name: str) -> dict[str, float]:
        found = scrape(self.port).items()
        return {dict(labels)["department"]: value for (family, labels), value in found if family == name}

    def end(self) -> None:
        self._program.stop()
