"""Mutation score of what judges households and cases: `make mutate [MODULES="case basis"]`.

In a copy of the tree, a child process for each mutant: the parent has loaded the libraries, the child loads our own
modules anew with the mutant among them, and runs the tests of that module until one turns red; first those that saw
the last mutants. Exit 1 if a score is under 85 %.

    python -m tests.guards.mutated [MODULE ...]        `conditions`: all that streams/conditions.py is made of
"""

from __future__ import annotations

import importlib
import os
import resource
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_file_location
from itertools import chain, islice
from pathlib import Path
from types import CodeType, ModuleType

import pytest

from tests.guards.equivalent import EQUIVALENT
from tests.guards.mutants import Mutant, mutants
from tests.guards.run import copy_tree

CONDITIONS = (
    *("counted", "standing", "yearly", "costs", "lacking", "combinations"),
    *("windows", "where", "series", "view", "scales", "thresholds"),
)
JUDGING = (*CONDITIONS, "readers", "evaluate", "rule", "rule_conditions")
HOUSEHOLDS = ("household", "household_packing", "correlate")
OF_CASES = (
    *("case", "case_actions", "case_answers", "case_guards", "case_state", "case_states"),
    *("basis", "clearing", "proposals", "tracking", "relapse", "register_conflict"),
)
MODULES = (*HOUSEHOLDS, *JUDGING, *OF_CASES)
GROUPS = {"conditions": CONDITIONS}
"""Names for several modules."""
TESTS_OF_RULES = (
    *("conditions", "counted", "yearly", "costs", "lacking", "combinations", "standing", "weights", "ticks"),
    *("rule_files", "correlate", "household", "signals", "alert_versions", "rule_mistakes", "plans", "judged_anew"),
    "lesser_trouble",
)
TESTS_OF_HOUSEHOLDS = (
    *("household", "correlate", "ticks", "weights", "alert_versions", "signals", "standing", "case_basis"),
    *("lacking", "case", "case_clearing", "register_life", "judged_anew", "lesser_trouble", "plans"),
)
TESTS_OF_CASES = (
    *("case_basis", "case_clearing", "case", "alert_versions", "household", "assign", "case_shell", "correlate"),
    *("plans", "signals", "register_life", "relapse", "basis", "domain_rows_plans", "lesser_trouble"),
    *("case_answers", "proposals", "domain_rows"),
)
ENOUGH = 85
_CPU_SECONDS = 120
_MEMORY = 4 << 30
_LAST_SEEN = 4
_ANEW = ("streams", "producers", "deploy", "tests", "conftest", "__main__")
"""Packages that a child loads for itself: those which may have looked into a mutant."""


@dataclass(slots=True)
class Score:
    """What became of a module's mutants."""

    module: str
    red: int = 0
    green: list[str] = field(default_factory=list)
    excused: list[str] = field(default_factory=list)

    @property
    def percent(self) -> float:
        """Share of the mutants that a test sees, of those that can be seen."""
        return 100 * self.red / max(self.red + len(self.green), 1)


@dataclass(frozen=True, slots=True)
class Instead(MetaPathFinder, Loader):
    """Loads a mutant in place of a module."""

    name: str
    path: Path
    code: CodeType

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:  # noqa: ARG002
        return spec_from_file_location(name, self.path, loader=self) if name == self.name else None

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:  # noqa: ARG002
        return None

    def exec_module(self, module: ModuleType) -> None:
        exec(self.code, module.__dict__)  # noqa: S102  # what every loader does


class Watch:
    """Which test turned red, and what was loaded."""

    def __init__(self) -> None:
        self.red = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and not self.red:
            self.red = report.nodeid


def tests_of(module: str) -> tuple[str, ...]:
    """Files of a module's tests, those most likely to see a mutant first."""
    kinds = ((OF_CASES, TESTS_OF_CASES), (HOUSEHOLDS, TESTS_OF_HOUSEHOLDS), (JUDGING, TESTS_OF_RULES))
    names = next(names for modules, names in kinds if module in modules)
    return tuple(f"tests/test_{name}.py" for name in sorted(names, key=lambda name: name != module))


def run(tests: Sequence[str], instead: Instead | None, seen: Sequence[str] = ()) -> tuple[bool, str, list[str]]:
    """Run tests in a child of their own: whether they are green, which turned red, what was loaded."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        _in_child(tests, instead, seen, writer)
    os.close(writer)
    with os.fdopen(reader, encoding="utf-8") as lines:
        said = lines.read().splitlines()
    _, status = os.waitpid(child, 0)
    return status == 0, said[0] if said else "", said[1:]


def _in_child(tests: Sequence[str], instead: Instead | None, seen: Sequence[str], writer: int) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    for stream in (1, 2):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
    if instead:
        sys.meta_path.insert(0, instead)
    watch, code = Watch(), 0
    options = ["-x", "-m", "not kafka and not seeds", "--hypothesis-seed=1", "-o", "addopts=--import-mode=importlib"]
    for plugin in ("terminal", "cacheprovider"):  # nobody reads what is printed; its last lines start other programs
        options += ["-p", f"no:{plugin}"]
    for chosen in (seen, tests):
        if chosen and not code:
            code = int(pytest.main([*options, *chosen], plugins=[watch]))
            code = 0 if code == pytest.ExitCode.NO_TESTS_COLLECTED else code
    os.write(writer, "\n".join((watch.red, *sys.modules)).encode())
    os._exit(bool(code))


def survivors(module: str, every: int) -> Score:
    """Run the mutants of a module, or one of so many."""
    score, seen, begun = Score(module), list[str](), time.monotonic()
    path = Path("streams", f"{module}.py").resolve()
    for mutant in islice(mutants(path.read_text(encoding="utf-8")), every // 2, None, every):
        if named(module, mutant) in EQUIVALENT:
            score.excused.append(named(module, mutant))
            continue
        green, red_test, _ = run(tests_of(module), Instead(f"streams.{module}", path, _compiled(mutant, path)), seen)
        if green:
            score.green.append(_shown(module, mutant))
            print(score.green[-1], flush=True)
            continue
        score.red += 1
        if red_test:
            seen = [red_test, *(test for test in seen if test != red_test)][:_LAST_SEEN]
    took = time.monotonic() - begun
    print(f"{_said(score)}, {took:.0f} s", flush=True)
    return score


def named(module: str, mutant: Mutant) -> str:
    """How a mutant is called among those that change nothing."""
    return f"{module}: {mutant.text} | {mutant.was} -> {mutant.now}"


def _compiled(mutant: Mutant, path: Path) -> CodeType:
    code: CodeType = compile(mutant.tree, str(path), "exec")
    return code


def _shown(module: str, mutant: Mutant) -> str:
    was, now = (text.replace("\n", "\n    ") for text in (mutant.was, mutant.now))
    return f"GREEN! streams/{module}.py:{mutant.line}: {mutant.text}\n  - {was}\n  + {now}"


def _said(score: Score) -> str:
    of = score.red + len(score.green)
    return f"{score.module}: {score.red} of {of} seen, {score.percent:.1f} %, {len(score.excused)} can change nothing"


def _warmed(modules: Sequence[str]) -> None:
    """See that all tests are green with nothing mutated, and load the libraries that they load."""
    files = list(dict.fromkeys(test for module in modules for test in tests_of(module)))
    green, red_test, loaded = run(files, None)
    if not green:
        sys.exit(f"red with nothing mutated: {red_test}")
    for name in loaded:
        if name.partition(".")[0] not in _ANEW:
            with suppress(ImportError):
                importlib.import_module(name)


def main(modules: Sequence[str], every: int) -> int:
    """Print survivors and scores; 0 if every module's score is enough."""
    _warmed(modules)
    scores = [survivors(module, every) for module in modules]
    whole = Score("all")
    for score in scores:
        whole.red += score.red
        whole.green += score.green
        whole.excused += score.excused
    print("\n".join(_said(score) for score in (*scores, whole)))
    return int(any(score.percent < ENOUGH for score in scores))


def in_a_copy(said: Namespace) -> int:
    """Do all that in a copy of the tree."""
    with tempfile.TemporaryDirectory(prefix="mutated-") as folder:
        copy_tree(Path(folder))
        options = ("--every", str(said.every), "--here")
        command = (sys.executable, "-m", "tests.guards.mutated", *options, *said.modules)
        environment = {**os.environ, "PYTHONPATH": folder}
        return subprocess.run(command, cwd=folder, env=environment, check=False).returncode


def asked(words: Sequence[str] | None = None) -> Namespace:
    """Read the command line (None: of this process); ends the process where it names what is no module."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("modules", nargs="*", type=_named, default=[MODULES], metavar="MODULE")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only every Nth mutant: an estimate")
    parser.add_argument("--here", action="store_true", help="this is the copy")
    said = parser.parse_args(words)
    said.modules = tuple(dict.fromkeys(chain.from_iterable(said.modules)))
    return said


def _named(word: str) -> tuple[str, ...]:
    """Modules that a word of the command line names."""
    if word not in MODULES and word not in GROUPS:
        raise ArgumentTypeError(f"does not know {word!r}; allowed: {', '.join(sorted((*GROUPS, *MODULES)))}")
    return GROUPS.get(word, (word,))


if __name__ == "__main__":
    said = asked()
    sys.exit(main(said.modules, said.every) if said.here else in_a_copy(said))
