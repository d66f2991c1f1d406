"""What deploy/install does on a machine that lacks something; apt-get, sudo and id are stand-ins that note calls."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PLAIN = (
    "bash",
    "cat",
    "chmod",
    "cksum",
    "dirname",
    "echo",
    "env",
    "flock",
    "head",
    "mkdir",
    "rm",
    "sed",
    "tee",
    "tr",
    "xargs",
)


class Machine:
    """A Debian machine with little on its PATH, and a copy of what the installer reads."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.bin = folder / "bin"
        self.bin.mkdir()
        for name in PLAIN:
            (self.bin / name).symlink_to(str(shutil.which(name)))
        self.repo = folder / "repo"
        (self.repo / "deploy" / "kafka").mkdir(parents=True)
        for name in ("deploy/install", "deploy/kafka/pom.xml", "pyproject.toml", "constraints.txt"):
            shutil.copy(ROOT / name, self.repo / name)
        self.has("python3", "exit 1")  # no venv module
        self.has("apt-get", "exit 0")
        self.has("sudo", "exit 1")

    def has(self, name: str, does: str) -> None:
        """Put a command on the PATH that notes its call."""
        command = self.bin / name
        command.write_text(f'#!/bin/bash\necho "{name} $*" >>"{self.folder}/calls"\n{does}\n', encoding="utf-8")
        command.chmod(0o755)

    def install(self, *what: str, user: int) -> subprocess.CompletedProcess[str]:
        self.has("id", f"echo {user}")
        environment = {**os.environ, "PATH": str(self.bin), "POSTGRESQL": str(self.folder / "postgresql")}
        command = (str(self.repo / "deploy" / "install"), *what)
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    def calls(self, name: str) -> list[str]:
        lines = (self.folder / "calls").read_text(encoding="utf-8").splitlines()
        return [line for line in lines if line.startswith(f"{name} ")]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_without_root_and_sudo_it_prints_the_one_line_to_run_and_stops(machine: Machine) -> None:
    done = machine.install(user=1000)

    assert done.returncode == 1
    assert done.stderr.splitlines()[1].strip() == (
        "sudo apt-get update && sudo apt-get install -y --no-install-recommends python3-venv default-jre-headless maven"
    )
    assert machine.calls("apt-get") == []


def test_tests_need_the_real_servers_and_a_browser_too(machine: Machine) -> None:
    done = machine.install("test", user=1000)

    assert done.stderr.splitlines()[1].endswith(
        " python3-venv default-jre-headless maven prometheus postgresql chromium curl fonts-noto-cjk"
    )


def test_a_server_a_browser_and_a_font_that_are_there_are_not_installed_again(machine: Machine) -> None:
    initdb = machine.folder / "postgresql" / "15" / "bin" / "initdb"
    initdb.parent.mkdir(parents=True)
    initdb.touch()
    machine.has("chromium", "exit 0")
    machine.has("curl", "exit 0")
    machine.has("fc-list", "echo a font")

    done = machine.install("test", user=1000)

    assert done.stderr.splitlines()[1].endswith(" maven prometheus")


def test_a_java_that_is_too_old_counts_as_missing(machine: Machine) -> None:
    machine.has("java", "echo 'openjdk version \"11.0.2\" 2019-01-15' >&2")
    machine.has("mvn", "exit 0")

    done = machine.install(user=1000)

    assert done.stderr.splitlines()[1].endswith(" python3-venv default-jre-headless")


def test_with_sudo_it_installs_what_is_missing_and_only_that(machine: Machine) -> None:
    machine.has("java", "echo 'openjdk version \"21.0.2\" 2024-01-15' >&2")
    machine.has("mvn", "exit 0")
    machine.has("sudo", 'shift; case $1 in apt-get | env) "$@" ;; esac')

    machine.install(user=1000)

    assert machine.calls("apt-get") == [
        "apt-get update -q",
        "apt-get install -y -q --no-install-recommends python3-venv",
    ]
