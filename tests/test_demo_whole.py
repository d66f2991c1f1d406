"""The whole demo, as `make demo ONCE=1` runs it: it accounts for everything, and no name or number leaks."""

from __future__ import annotations

import csv
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
_DEMO_SECONDS = 600


@pytest.mark.kafka
def test_the_whole_demo_accounts_for_everything_and_ends_by_itself(tmp_path: Path) -> None:
    command = (sys.executable, "-m", "deploy.demo", "--once", "--households", "400", "--seed", "7")

    done = subprocess.run(
        (*command, "--data-dir", str(tmp_path / "demo")),
        cwd=ROOT, capture_output=True, text=True, timeout=_DEMO_SECONDS, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert "全部对得上" in done.stdout
    assert done.stdout.count("/invitations/") == 2
    assert "Prometheus：http://" in done.stdout
    assert files_that_hold(heads_and_phones(tmp_path / "demo"), tmp_path / "demo") == {"household-book.csv"}


def heads_and_phones(data_dir: Path) -> set[bytes]:
    """Of the household book; heads without their surname."""
    with (data_dir / "files" / "household-book.csv").open(encoding="utf-8-sig", newline="") as file:
        return {text.encode() for row in csv.DictReader(file) for text in (row["户主"][1:], row["电话"])}


def files_that_hold(words: set[bytes], folder: Path) -> set[str]:
    """Files in which any of the words stands: logs, topics, metrics, the store."""
    shaped = re.compile("某".encode() + rb".{6}|100\d{8}")
    files = (path for path in folder.rglob("*") if path.is_file() and path.suffix not in {".index", ".timeindex"})
    return {path.name for path in files if not words.isdisjoint(shaped.findall(path.read_bytes()))}
