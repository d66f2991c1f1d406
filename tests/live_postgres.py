"""A real PostgreSQL server for tests, from Debian's package, as a process of the tests' own in a folder of its own."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from itertools import count
from pathlib import Path

import psutil
import psycopg

from deploy.up.program import Deadline

SERVERS = Path("/usr/lib/postgresql")
START_SECONDS = 60
_STOP_SECONDS = 20


def postgres_bin() -> Path | None:
    """Folder of the newest server's programs; None where none is installed."""
    found = sorted(SERVERS.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


class LivePostgres:
    """A server on a socket in its own folder: no port, no user and no data of anybody else.

    PostgreSQL refuses to run as root: then it runs as `postgres`, or as `nobody`.
    """

    def __init__(self) -> None:
        programs = postgres_bin()
        assert programs, "no PostgreSQL server: run `make test`, which installs it"
        self._programs = programs
        users = {user.pw_name for user in pwd.getpwall()}
        self._user = "postgres" if "postgres" in users else "nobody"
        self._numbers = count(1)
        self._server: subprocess.Popen[bytes] | None = None
        self.folder = Path(tempfile.mkdtemp(prefix="alertbus-postgres-"))
        if os.getuid() == 0:
            shutil.chown(self.folder, self._user)
        self._run("initdb", "-D", self._data, "-U", "alertbus", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N")

    @property
    def _data(self) -> str:
        return str(self.folder / "data")

    @property
    def pid(self) -> int:
        assert self._server
        return self._server.pid

    def start(self, **settings: str) -> None:
        """Start it and wait until it answers. Machines do not lose power in tests: no fsync unless asked for."""
        wanted = {"listen_addresses": "", "unix_socket_directories": str(self.folder), "fsync": "off"} | settings
        options = [word for name, value in wanted.items() for word in ("-c", f"{name}={value}")]
        leash = ("--pdeathsig", "QUIT")  # it ends with the tests, whatever they end of
        command = ("setpriv", *self._as_user(), *leash, str(self._programs / "postgres"), "-D", self._data, *options)
        with (self.folder / "server.log").open("ab") as log:
            self._server = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder)
        assert Deadline(START_SECONDS).reached(self._answers), (self.folder / "server.log").read_text()[-2000:]

    def stop(self) -> None:
        """Stop it at once, in order, whoever is connected."""
        assert self._server
        self._server.send_signal(signal.SIGINT)
        self._server.wait(_STOP_SECONDS)

    def kill(self) -> None:
        """Take it away without a word."""
        assert self._server
        workers = psutil.Process(self.pid).children()  # they see that it is gone; until then no other may start
        self._server.kill()
        self._server.wait(_STOP_SECONDS)
        assert not psutil.wait_procs(workers, _STOP_SECONDS)[1]
        (self.folder / "data" / "postmaster.pid").unlink()

    def remove(self) -> None:
        """Stop it and delete everything."""
        if self._server and self._server.poll() is None:
            self.stop()
        shutil.rmtree(self.folder)

    def new_database(self) -> str:
        """URL of an empty database that no other test uses."""
        name = f"test_{next(self._numbers)}"
        with psycopg.connect(self._conninfo("postgres"), autocommit=True) as conn:
            conn.execute(f"CREATE DATABASE {name}".encode())
        return f"postgresql://alertbus@/{name}?host={self.folder}"

    def _conninfo(self, database: str) -> str:
        return f"host={self.folder} user=alertbus dbname={database} connect_timeout=2"

    def _answers(self) -> bool:
        assert self._server
        assert self._server.poll() is None, (self.folder / "server.log").read_text()[-2000:]
        try:
            psycopg.connect(self._conninfo("postgres")).close()
        except psycopg.OperationalError:
            return False
        return True

    def _run(self, program: str, *arguments: str) -> None:
        command = ("setpriv", *self._as_user(), str(self._programs / program), *arguments)
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=self.folder)
        assert done.returncode == 0, done.stderr

    def _as_user(self) -> tuple[str, ...]:
        if os.getuid() != 0:
            return ("--no-new-privs",)
        user = pwd.getpwnam(self._user)
        return (f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups")
