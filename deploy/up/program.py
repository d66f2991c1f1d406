"""A program that the supervisor starts, watches, restarts and stops."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from deploy.up.decisions import Leave, after_exit
from deploy.up.ports import HOST

GRACE_SECONDS = 20
_LAST_WORDS_BYTES = 4096
State = Literal["idle", "starting", "ready", "waiting", "stopped"]

# The kernel kills the program when its supervisor dies, whatever the supervisor died of. If that happened before the
# leash was on, the shell sees another parent and starts nothing.
_LEASH = ("setpriv", "--pdeathsig", "KILL", "sh", "-c", '[ "$PPID" = "$0" ] && exec "$@"')


@dataclass(frozen=True, slots=True)
class ProgramSpec:
    """How a program is started.

    Attributes:
        env: what is added to the supervisor's environment.
        log: its standard output and error are appended here.
        metrics_port: of its /metrics; None where it has none.
        is_ready: asked while it starts; must return within a second or two.

    """

    name: str
    command: tuple[str, ...]
    env: Mapping[str, str]
    log: Path
    metrics_port: int | None
    is_ready: Callable[[], bool]


class Deadline:
    """So many seconds from now."""

    def __init__(self, seconds: float) -> None:
        """Start the watch."""
        self._end = time.monotonic() + seconds

    def reached(self, condition: Callable[[], bool], every_s: float = 0.05) -> bool:
        """Wait until the condition holds; False if time ran out first."""
        while not condition():
            if self.is_over():
                return False
            time.sleep(every_s)
        return True

    def is_over(self) -> bool:
        """Whether the time has run out."""
        return time.monotonic() >= self._end


def is_listening(port: int) -> bool:
    """Whether something accepts connections on a loopback port."""
    try:
        with socket.create_connection((HOST, port), timeout=1):
            return True
    except OSError:
        return False


class Program:
    """One program through its lives.

    Attributes:
        restarts: lives after the first.
        reason: why it stopped, in state `stopped`.

    """

    def __init__(self, spec: ProgramSpec) -> None:
        """Prepare; nothing is started yet."""
        self.spec = spec
        self.state: State = "idle"
        self.restarts = 0
        self.reason: str | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._began = self._again_at = self._delay = 0.0
        self._log_from = 0

    @property
    def pid(self) -> int | None:
        """Process id while it lives."""
        return self._process.pid if self._process and self._process.returncode is None else None

    def start(self) -> None:
        """Start a life of its own session: a terminal's Ctrl-C reaches the supervisor only."""
        self.spec.log.parent.mkdir(parents=True, exist_ok=True)
        with self.spec.log.open("ab") as log:
            self._log_from = log.tell()
            self._process = subprocess.Popen(
                (*_LEASH, str(os.getpid()), *self.spec.command),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, **self.spec.env},
                start_new_session=True,
            )
        self._began = time.monotonic()
        self.state = "starting"

    def step(self) -> State:
        """Look once: ended, ready, due for its next life? Never waits for the program. Returns the state."""
        if self._process and self.state in {"starting", "ready"}:
            code = self._process.poll()
            if code is not None:
                self._ended(code)
            elif self.state == "starting" and self.spec.is_ready():
                self.state = "ready"
        elif self.state == "waiting" and time.monotonic() >= self._again_at:
            self.restarts += 1
            self.start()
        return self.state

    def _ended(self, code: int) -> None:
        decision = after_exit(code, time.monotonic() - self._began, self._delay, self.last_words())
        if isinstance(decision, Leave):
            self.state, self.reason = "stopped", decision.reason
        else:
            self.state, self._delay = "waiting", decision.after_s
            self._again_at = time.monotonic() + decision.after_s

    def last_words(self) -> str:
        """Return the end of what this life logged."""
        with self.spec.log.open("rb") as log:
            log.seek(max(self._log_from, log.seek(0, os.SEEK_END) - _LAST_WORDS_BYTES))
            return log.read().decode("utf-8", "replace")

    def ask_to_end(self) -> None:
        """Send SIGTERM and start no further life."""
        self.state = "idle"
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            self._process.send_signal(signal.SIGCONT)  # one that is stopped could not hear it

    def wait_for_end(self, grace_s: float) -> None:
        """Wait, then kill."""
        if self._process:
            try:
                self._process.wait(max(grace_s, 0))
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def stop(self, grace_s: float = GRACE_SECONDS) -> None:
        """Ask it to end, wait, and kill it when the grace is over."""
        self.ask_to_end()
        self.wait_for_end(grace_s)
