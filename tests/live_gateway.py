"""The gateway as a program on a running bus, with keys and a store of its own; it can be killed and started again."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx

from deploy.up.ports import free_port
from deploy.up.program import Deadline, is_listening
from tests.running_bus import ALERTBUS

HOST = "127.0.0.1"
_READY_SECONDS = 60
_GIVE_UP_SECONDS = 180


class LiveGateway:
    """A gateway program, or the one for the public's reports.

    Attributes:
        url: of its root.

    """

    def __init__(
        self,
        servers: str,
        county_key_file: Path,
        folder: Path,
        settings: Mapping[str, str] = {},
        program: str = "gateway",
    ) -> None:
        self._command = (sys.executable, "-m", "producers", program)
        self.folder = folder
        self.port = free_port()
        self.metrics_port = free_port()
        self.url = f"http://{HOST}:{self.port}"
        others = {key: value for key, value in os.environ.items() if not key.startswith(("ALERTBUS_", "KAFKA_"))}
        self._env = {
            **others,
            "KAFKA_BOOTSTRAP_SERVERS": servers,
            "ALERTBUS_DATA_DIR": str(folder),
            "ALERTBUS_COUNTY_KEY_FILE": str(county_key_file),
            f"ALERTBUS_{program.upper()}_PORT": str(self.port),
            "ALERTBUS_METRICS_PORT": str(self.metrics_port),
            **settings,
        }
        self.log = folder / f"{program}.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; wait until it listens."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(self._command, env=self._env, stdout=log, stderr=log)
        assert Deadline(_READY_SECONDS).reached(lambda: is_listening(self.port)), self.log.read_text()

    def run_to_the_end(self) -> tuple[int, str]:
        """Run one that must not start; exit code and what it said."""
        done = subprocess.run(self._command, env=self._env, capture_output=True, text=True, timeout=60, check=False)
        return done.returncode, done.stdout + done.stderr

    def kill(self) -> None:
        """Take it away without a word."""
        assert self.process
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """End it in order; its exit code."""
        assert self.process
        self.process.terminate()
        return self.process.wait(30)

    def key(self, sender: str, *options: str) -> str:
        """Token of a key as `alertbus keys create` makes it."""
        return self.keys("create", sender, *options).partition("\n")[0]

    def keys(self, *arguments: str) -> str:
        return self.command("keys", *arguments)

    def command(self, *arguments: str) -> str:
        """What a command prints that finds the program's files."""
        done = subprocess.run(
            (ALERTBUS, *arguments), env=self._env, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def post(self, path: str, content: str | bytes, token: str, media: str = "application/json", **headers: str) -> Any:
        """Send a body; header names have `_` for `-`."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {"authorization": f"Bearer {token}", "content-type": media, **given}
        return httpx.post(self.url + path, content=content, headers=sent, timeout=60, trust_env=False)

    def receipt(self, address: str, token: str) -> dict[str, Any]:
        """Receipt of now."""
        headers = {"authorization": f"Bearer {token}"}
        found: dict[str, Any] = httpx.get(self.url + address, headers=headers, timeout=60, trust_env=False).json()
        return found

    def settled_receipt(self, address: str, token: str, seconds: float = 60) -> dict[str, Any]:
        """Receipt once it adds up, or as it is when time runs out."""
        seen: list[dict[str, Any]] = []

        def adds_up() -> bool:
            seen.append(self.receipt(address, token))
            return bool(seen[-1].get("adds_up"))

        Deadline(seconds).reached(adds_up, every_s=0.2)
        return seen[-1]


@contextmanager
def gateway_on(
    servers: str, county_key_file: Path, folder: Path, settings: Mapping[str, str] = {}, program: str = "gateway"
) -> Iterator[LiveGateway]:
    """A gateway at work, or the program for the public's reports."""
    live = LiveGateway(servers, county_key_file, folder, settings, program)
    live.start()
    try:
        yield live
    finally:
        live.stop()


def insist(send: Callable[[], httpx.Response]) -> httpx.Response:
    """Send until it is taken, as a department's system does."""
    answers: list[httpx.Response] = []

    def taken() -> bool:
        with suppress(httpx.HTTPError):
            answers.append(send())
            assert answers[-1].status_code in {202, 409, 503}, answers[-1].text
            return answers[-1].status_code == 202
        return False

    assert Deadline(_GIVE_UP_SECONDS).reached(taken), "not taken in time"
    return answers[-1]
