"""A program that sends with the SDK, as its service manager runs it; it can be killed and started again."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from tests.live_gateway import LiveGateway
from tests.sdk_sender import PREFIX
from tests.source_tree import ROOT

TABLES = "entry", "set_aside"
_SECONDS = 120


class Department:
    """A program of housing's, as its service manager runs it."""

    def __init__(self, gateway: LiveGateway, folder: Path, rows: int, pace: float = 0, prefix: str = PREFIX) -> None:
        (folder / "key").write_text(gateway.key("housing"))
        self.taken, self.spool = folder / f"taken-{prefix}", folder / "housing.spool"
        self.log = folder / f"sender-{prefix}.log"
        script = str(ROOT / "tests" / "sdk_sender.py")
        given = (gateway.url, str(folder / "key"), str(self.spool), str(self.taken), str(rows), str(pace), prefix)
        self._command = (sys.executable, script, *given)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(self._command, stdout=log, stderr=log)

    def kill(self) -> None:
        assert self.process
        self.process.kill()
        self.process.wait()

    def ends(self) -> int:
        assert self.process
        return self.process.wait(_SECONDS)

    def held(self) -> tuple[int, int]:
        """Rows that wait in its spool, and rows set aside."""
        with closing(sqlite3.connect(self.spool)) as db:
            waits, refused = (db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in TABLES)  # noqa: S608
            return waits, refused

    def receipts(self) -> list[tuple[str, int, int]]:
        """Receipts in its spool: number, accepted, rejected."""
        with closing(sqlite3.connect(self.spool)) as db:
            return db.execute("SELECT id, accepted, rejected FROM receipt ORDER BY place").fetchall()
