"""A bus of the demo's own: `alertbus up` as a process, and its commands as people run them.

DemoError     the demo cannot go on; the message says why
"""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple, Self

from deploy.cli import main
from deploy.up.ports import free_port, is_free
from deploy.up.state import AlreadyRunningError, sole_owner

_USUAL_INBOX_PORT = 8000
TRUTH_FILE = "truth.json"
_READY_SECONDS, _STOP_SECONDS, _SETTLE_SECONDS = 90, 60, 180
_LOOK_SECONDS = 0.3


class DemoError(Exception):
    """The demo cannot go on; the message says why."""


class Answer(NamedTuple):
    """What a command said."""

    exit_code: int
    out: str
    err: str


def fresh(data_dir: Path) -> None:
    """Empty the demo's own directory.

    Raises:
        DemoError: a demo is running there, or the directory was not made by a demo.

    """
    if data_dir.exists() and any(data_dir.iterdir()) and not (data_dir / TRUTH_FILE).exists():
        raise DemoError(f"{data_dir} 里有别的数据，不会删除：请换一个 --data-dir")
    try:
        with sole_owner(data_dir):
            shutil.rmtree(data_dir)
    except AlreadyRunningError as error:
        raise DemoError(f"{data_dir} 上已有演示在运行：请先结束它") from error
    data_dir.mkdir(parents=True)


def _is_of_another(name: str) -> bool:
    """Whether a setting is of a bus that may be there already: the demo has its own."""
    return name.startswith(("ALERTBUS_", "KAFKA_")) and name != "ALERTBUS_KAFKA_LIBS"


class DemoBus:
    """`alertbus up --no-clock --workers 1` on a data directory; as a context it is stopped in the end.

    Attributes:
        inbox: address of the inbox page.

    """

    def __init__(self, data_dir: Path) -> None:
        """Start nothing yet."""
        self.data_dir = data_dir.absolute()
        self.bootstrap_servers = self.inbox = ""
        self._log = self.data_dir / "up.log"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Start it and wait until it is ready.

        Raises:
            DemoError: it does not become ready; with what it said last.

        """
        port = _USUAL_INBOX_PORT if is_free(_USUAL_INBOX_PORT) else free_port()
        command = (sys.executable, "-m", "deploy.cli", "up", "--no-clock", "--workers", "1", "--inbox-port", str(port))
        own = {name: value for name, value in os.environ.items() if not _is_of_another(name)}
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                (*command, "--data-dir", str(self.data_dir)), stdout=log, stderr=log, env=own
            )
        try:
            self.wait_until(self._is_ready, _READY_SECONDS, "alertbus up 没有就绪")
        except DemoError:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Stop everything, as Ctrl-C does."""
        assert self._process  # noqa: S101  # set on entering
        self._process.terminate()
        self._process.wait(_STOP_SECONDS)

    def _is_ready(self) -> bool:
        lines = [line for line in self._log.read_text(encoding="utf-8").splitlines() if line.startswith("ready {")]
        if lines:
            addresses = json.loads(lines[0].removeprefix("ready "))
            self.bootstrap_servers, self.inbox = str(addresses["bootstrap_servers"]), str(addresses["inbox"])
        return bool(lines)

    def wait_until(self, reached: Callable[[], bool], seconds: float, otherwise: str) -> None:
        """Look until it is so.

        Raises:
            DemoError: it is not in that time, or the bus has ended.

        """
        deadline = time.monotonic() + seconds
        while not reached():
            assert self._process  # noqa: S101  # set on entering
            if self._process.poll() is not None or time.monotonic() > deadline:
                tail = self._log.read_text(encoding="utf-8", errors="replace").splitlines()[-5:]
                raise DemoError("\n".join([otherwise, *tail]))
            time.sleep(_LOOK_SECONDS)

    def run(self, *arguments: str) -> Answer:
        """Run a command as a person does, in this process: starting Python 70 times would be most of the demo."""
        out, err = io.StringIO(), io.StringIO()
        kept = {name: os.environ.pop(name) for name in list(os.environ) if _is_of_another(name)}
        code: object = 0
        try:
            with redirect_stdout(out), redirect_stderr(err):
                main([*arguments, "--data-dir", str(self.data_dir)])
        except SystemExit as ended:
            code = ended.code
        finally:
            os.environ.update(kept)
        return Answer(code if isinstance(code, int) else int(code is not None), out.getvalue(), err.getvalue())

    def settle(self) -> None:
        """Wait until assign, correlate, area and notify have read all there is.

        Raises:
            DemoError: they have not after three minutes.

        """
        self.wait_until(self._has_settled, _SETTLE_SECONDS, "处理程序没有读完：请看 alertbus status")

    def _has_settled(self) -> bool:
        answer = self.run("status", "--json")
        status = json.loads(answer.out) if answer.exit_code == 0 else {"lag": {}}
        counts = status.get("counts", {})
        done = sum(counts.get(name, 0) for name in ("applied", "duplicate", "parked", "dead_lettered"))
        lag = [n for group in status["lag"].values() for n in group.values()]
        return bool(lag) and not any(lag) and done == counts["published"]

    def wait(self) -> None:
        """Stay up until Ctrl-C."""
        assert self._process  # noqa: S101  # set on entering
        try:
            self._process.wait()
        except KeyboardInterrupt:
            return
