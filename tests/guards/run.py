"""Takes out one guard after the other in a copy of the tree, and shows which test turns red: `make guards`.

Each tests/guards/NAME.patch removes one guard and names the test that must see it. Exit 1 if a patch does not apply, if
a test stays green without its guard, or if one is red with all guards in.

    python tests/guards/run.py [NAME ...]
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
COPIED = ("schemas", "producers", "streams", "consumers", "deploy", "tests", "pyproject.toml")
_TEST_SECONDS = 300
_NOT_RUN = {2, 3, 4, 5}
"""Pytest's codes for a run that did not happen; others than 0 and 1 are those with which a worker ends its process."""


@dataclass(frozen=True, slots=True)
class Guard:
    """A patch, what it takes out, and the test that must turn red."""

    patch: Path
    what: str
    test: str


def read(patch: Path) -> Guard:
    """Read a patch's head."""
    head = dict(line[2:].split(": ", 1) for line in patch.read_text(encoding="utf-8").splitlines() if line[:2] == "# ")
    return Guard(patch, head["guard"], head["turns red"])


def copy_tree(target: Path) -> None:
    """Copy what the tests need, without what they left behind."""
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, target / name, ignore=shutil.ignore_patterns("__pycache__", ".hypothesis"))
        elif source.exists():
            shutil.copy(source, target / name)


def apply(guard: Guard, tree: Path, *options: str) -> bool:
    command = ("git", "apply", "--recount", "-C1", *options, str(guard.patch))
    return subprocess.run(command, cwd=tree, capture_output=True, check=False).returncode == 0


def passes(tree: Path, tests: list[str], *, expected: bool = False) -> bool:
    """Whether these tests are green in a tree; what cannot run at all is an error of this program.

    `expected`: say which are not, since they should be.
    """
    environment = {
        **os.environ,
        "PYTHONPATH": str(tree),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    command = (sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests)
    done = subprocess.run(
        command, cwd=tree, env=environment, capture_output=True, text=True, check=False, timeout=_TEST_SECONDS
    )
    if done.returncode in _NOT_RUN:
        sys.exit(f"{tests} cannot be run:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    if done.returncode and expected:
        print(done.stdout[-3000:])
    return done.returncode == 0


def verdict(guard: Guard, tree: Path) -> str:
    """Take a guard out, run its test, put the guard back."""
    if not apply(guard, tree):
        return "DOES NOT APPLY"
    try:
        return "GREEN!" if passes(tree, [guard.test]) else "red"
    finally:
        assert apply(guard, tree, "-R")


def main(names: list[str]) -> int:
    """Print the table; 0 if every guard has its test."""
    guards = [
        read(patch) for patch in sorted(Path(__file__).parent.glob("*.patch")) if patch.stem in names or not names
    ]
    with tempfile.TemporaryDirectory(prefix="guards-") as folder:
        tree = Path(folder)
        copy_tree(tree)
        whole = passes(tree, sorted({g.test for g in guards}), expected=True)
        print("with all guards in:", "green" if whole else "RED!", flush=True)
        results = []
        for guard in guards:
            results.append(verdict(guard, tree))
            print(f"{results[-1]:<6} | {guard.patch.stem:<24} | {guard.what:<78} | {guard.test}", flush=True)
    print(f"{results.count('red')} of {len(guards)} guards have a test that sees them gone")
    return int(not whole or set(results) != {"red"})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
