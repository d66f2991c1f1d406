"""A store's backup as docs/operations.md says, for tests: taken while it works, wiped for real, put back."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from pathlib import Path

from sqlalchemy import make_url

from tests.live_postgres import postgres_bin


class SqliteBackup:
    """What `sqlite3 store.db ".backup FILE"` does."""

    def __init__(self, url: str, folder: Path) -> None:
        self._store, self._copy = Path(make_url(url).database or ""), folder / "store-backup.db"

    def take(self) -> None:
        source, target = sqlite3.connect(self._store), sqlite3.connect(self._copy)
        source.backup(target)
        source.close()
        target.close()

    def wipe(self) -> None:
        for part in self._store.parent.glob(f"{self._store.name}*"):
            part.unlink()

    def restore(self) -> None:
        self.wipe()
        shutil.copy(self._copy, self._store)


class PostgresBackup:
    """What `pg_dump` does."""

    def __init__(self, url: str, folder: Path) -> None:
        where = make_url(url)
        self._database, self._copy = where.database or "", folder / "store-backup.sql"
        self._server = ("-h", str(where.query["host"]), "-U", str(where.username))

    def take(self) -> None:
        self._run("pg_dump", "-f", str(self._copy), self._database)

    def wipe(self) -> None:
        self._run("dropdb", "--force", self._database)
        self._run("createdb", self._database)

    def restore(self) -> None:
        self.wipe()
        self._run("psql", "-q", "-v", "ON_ERROR_STOP=1", "-f", str(self._copy), self._database)

    def _run(self, program: str, *arguments: str) -> None:
        folder = postgres_bin()
        assert folder
        command = (str(folder / program), *self._server, *arguments)
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


def backup_of(url: str, folder: Path) -> SqliteBackup | PostgresBackup:
    """Backup of a store, to be taken into a folder."""
    return SqliteBackup(url, folder) if url.startswith("sqlite") else PostgresBackup(url, folder)
