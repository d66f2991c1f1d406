"""The database feed as a program, with a folder of its own; it can be killed and started again."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

from deploy.up.program import Deadline
from tests.rows import KEY
from tests.source_tree import ROOT

BATCH = 20
_SECONDS = 90
CONFIG = """
[feeds.fees]
department = "education"
table = "outbox"
mode = "outbox"
order = "id"
url_env = "FEES_URL"
overlap = 200
batch = {batch}
every_seconds = 0.2
columns = {{ bill_no = "event_id", rev = "revision", changed_at = "" }}
"""


class LiveFeed:
    """`python -m producers database` with a folder of its own."""

    def __init__(self, servers: str, url: str, folder: Path, key: bytes = KEY) -> None:
        (folder / "county.key").write_bytes(key)
        (folder / "database.toml").write_text(CONFIG.format(batch=BATCH))
        self._env = {
            **os.environ,
            "KAFKA_BOOTSTRAP_SERVERS": servers,
            "ALERTBUS_DATA_DIR": str(folder),
            "FEES_URL": url,
        }
        self.folder = folder
        self.log = folder / "feed.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            command = (sys.executable, "-m", "producers", "database")
            self.process = subprocess.Popen(command, cwd=ROOT, env=self._env, stdout=log, stderr=log)

    def kill(self) -> None:
        assert self.process
        self.process.kill()
        self.process.wait()

    def come(self) -> tuple[int, bool]:
        """Position of the cursor, and whether the poll has its delivery record."""
        file = self.folder / "database.db"
        if not file.exists() or not file.stat().st_size:
            return 0, False
        try:
            with sqlite3.connect(file) as db:
                found = db.execute("SELECT position, started FROM feed").fetchone()
        except sqlite3.OperationalError:  # not made yet, or being written
            return 0, False
        return (int(found[0] or 0), found[1] is None) if found else (0, False)

    def reaches(self, position: int, *, delivered: bool = False) -> None:
        def there() -> bool:
            come, done = self.come()
            return come >= position and (done or not delivered)

        assert Deadline(_SECONDS).reached(there), (self.come(), self.log.read_text()[-3000:])
