"""Prometheus beside the demo, where it is installed: the shipped configuration on the demo's programs."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path
from urllib.request import urlopen

from deploy.up.ports import HOST, free_port, is_free
from deploy.up.program import Deadline, Program, ProgramSpec
from deploy.up.state import TARGETS_FILE

_SHIPPED = Path(__file__).parents[1] / "prometheus"
_SHIPPED_TARGETS = f"../../var/{TARGETS_FILE}"
_USUAL_PORT = 9090
_READY_SECONDS = 20


@contextmanager
def prometheus(data_dir: Path) -> Iterator[str]:
    """Run it on the bus of a data directory; its address, or why it does not run: the demo needs none."""
    if not shutil.which("prometheus"):
        yield "没有安装（apt install prometheus），演示不受影响"
        return
    port = _USUAL_PORT if is_free(_USUAL_PORT) else free_port()
    program = _program(data_dir.absolute() / "prometheus", data_dir.absolute() / TARGETS_FILE, port)
    program.start()
    try:
        Deadline(_READY_SECONDS).reached(lambda: program.step() != "starting")
        yield f"http://{HOST}:{port}" if program.state == "ready" else f"没有启动：{program.last_words()}"
    finally:
        program.stop()


def _program(folder: Path, targets: Path, port: int) -> Program:
    folder.mkdir()
    text = (_SHIPPED / "prometheus.yml").read_text(encoding="utf-8")
    (folder / "prometheus.yml").write_text(text.replace(_SHIPPED_TARGETS, str(targets)), encoding="utf-8")
    shutil.copy(_SHIPPED / "alerts.yml", folder)
    command = (
        "prometheus",
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address={HOST}:{port}",
    )
    return Program(ProgramSpec("prometheus", command, {}, folder / "prometheus.log", None, lambda: _is_ready(port)))


def _is_ready(port: int) -> bool:
    try:
        with urlopen(f"http://{HOST}:{port}/-/ready", timeout=2):
            return True
    except (OSError, HTTPException):  # it answers 503 while it reads its data
        return False
