"""Takes out one guard after the other in a copy of the tree, and shows which test turns red: `make guards`.

Each tests/guards/NAME.patch removes one guard and names the test that must see it. Exit 1 if a patch does not apply, if
a test stays green without its guard, or if one is red with all guards in.

Two at a time, each in a copy of its own.

    python tests/guards/run.py [NAME ...]
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

ROOT = Path(__file__).parents[2]
COPIED = ("schemas", "producers", "streams", "consumers", "deploy", "tests", "pyproject.toml")
AT_A_TIME = 2
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
    target.mkdir(parents=True, exist_ok=True)
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
    quiet = () if expected else ("-o", "addopts=--import-mode=importlib", "-p", "no:terminal")
    command = (sys.executable, "-m", "pytest", "-x", "-p", "no:cacheprovider", *quiet, *tests)
    seconds = _TEST_SECONDS * (10 if expected else 1)
    done = subprocess.run(
        command, cwd=tree, env=environment, capture_output=True, text=True, check=False, timeout=seconds
    )
    if done.returncode in _NOT_RUN:
        sys.exit(f"{tests} cannot be run:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    if done.returncode and expected:
        print(done.stdout[-3000:])
    return done.returncode == 0


def verdict(guard: Guard, trees: SimpleQueue[Path]) -> str:
    """Take a guard out, run its test, put the guard back; in a tree that nobody else has."""
    tree = trees.get()
    try:
        if not apply(guard, tree):
            return "DOES NOT APPLY"
        try:
            return "GREEN!" if passes(tree, [guard.test]) else "red"
        except subprocess.TimeoutExpired:
            return "TOO SLOW"
        finally:
            assert apply(guard, tree, "-R")
    finally:
        trees.put(tree)


def main(names: list[str]) -> int:
    """Print the table; 0 if every guard has its test."""
    guards = [
        read(patch) for patch in sorted(Path(__file__).parent.glob("*.patch")) if patch.stem in names or not names
    ]
    results, begun = list[str](), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="guards-") as folder, ThreadPoolExecutor(AT_A_TIME) as at_work:
        trees = SimpleQueue[Path]()
        for number in range(AT_A_TIME):
            copy_tree(Path(folder, str(number)))
            trees.put(Path(folder, str(number)))
        whole = passes(Path(folder, "0"), sorted({g.test for g in guards}), expected=True)
        print("with all guards in:", "green" if whole else "RED!", flush=True)
        for guard, result in zip(guards, at_work.map(lambda guard: verdict(guard, trees), guards), strict=True):
            results.append(result)
            print(f"{result:<6} | {guard.patch.stem:<24} | {guard.what:<78} | {guard.test}", flush=True)
    took = (time.monotonic() - begun) / 60
    print(f"{results.count('red')} of {len(guards)} guards have a test that sees them gone ({took:.0f} minutes)")
    return int(not whole or set(results) != {"red"})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
