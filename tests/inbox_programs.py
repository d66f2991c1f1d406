"""notify and inbox as programs on a running bus, with a store, a household book and accounts of their own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

from consumers.inbox.program import HOST
from consumers.invitation import invite
from consumers.store.database import open_store, writing
from deploy.up.ports import free_port
from deploy.up.program import Deadline, is_listening
from tests.running_bus import ALERTBUS, RunningBus

_READY_SECONDS, _STOP_SECONDS = 60, 30


class InboxPrograms:
    """The township side of a bus; `roster.toml` in its folder says who is told, if it is there.

    Attributes:
        url: of the page.
        metrics: port of each program's metrics.

    """

    def __init__(self, bus: RunningBus, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.metrics = {name: free_port() for name in ("notify", "inbox")}
        self.url = f"http://{HOST}:{self.port}"
        others = {key: value for key, value in os.environ.items() if not key.startswith(("ALERTBUS_", "KAFKA_"))}
        self._env = {
            **others,
            "KAFKA_BOOTSTRAP_SERVERS": bus.bootstrap_servers,
            "ALERTBUS_DATA_DIR": str(bus.data_dir),
            "ALERTBUS_DATABASE_URL": f"sqlite:///{folder / 'store.db'}",
            "ALERTBUS_BOOK_KEY_FILE": str(folder / "book.key"),
            "ALERTBUS_INBOX_PORT": str(self.port),
            "ALERTBUS_INBOX_URL": self.url,
            "ALERTBUS_ROSTER": str(roster) if (roster := folder / "roster.toml").exists() else "",
        }
        self._processes: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        """Start both and wait until the page can be opened."""
        for name, port in self.metrics.items():
            with (self.folder / f"{name}.log").open("wb") as log:
                command = (sys.executable, "-m", "consumers", name)
                env = {**self._env, "ALERTBUS_PROGRAM": name, "ALERTBUS_METRICS_PORT": str(port)}
                self._processes.append(subprocess.Popen(command, env=env, stdout=log, stderr=log))
        assert Deadline(_READY_SECONDS).reached(lambda: is_listening(self.port)), self.log()

    def log(self) -> str:
        return "\n".join((self.folder / f"{name}.log").read_text() for name in self.metrics)

    def left_behind(self) -> Iterator[tuple[str, bytes]]:
        """Everything that can be seen of them beside the page: logs, metrics, the store's file."""
        for name, port in self.metrics.items():
            with urlopen(f"http://127.0.0.1:{port}/metrics") as page:
                yield f"metrics of {name}", page.read()
            yield f"{name}.log", (self.folder / f"{name}.log").read_bytes()
        yield "store.db", b"".join(path.read_bytes() for path in self.folder.glob("store.db*"))

    def stop(self) -> None:
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            process.wait(_STOP_SECONDS)

    def run(self, *arguments: str | Path) -> str:
        """Run a command as a person does; what it printed."""
        command = (ALERTBUS, *map(str, arguments))
        done = subprocess.run(command, env=self._env, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def invitation(self, name: str, township: str | None) -> str:
        """Link with which somebody signs in for the first time, as `alertbus accounts invite` makes it."""
        engine = open_store(self._env["ALERTBUS_DATABASE_URL"])
        with writing(engine) as conn:
            token = invite(conn, name, township, time.time_ns() // 1_000_000).token
        engine.dispose()
        return f"{self.url}/invitations/{token}"


@contextmanager
def inbox_of(bus: RunningBus, folder: Path) -> Iterator[InboxPrograms]:
    """Return the township side of a bus, at work."""
    programs = InboxPrograms(bus, folder)
    try:
        programs.start()
        yield programs
    finally:
        programs.stop()
