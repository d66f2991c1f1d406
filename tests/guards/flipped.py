"""Flips one comparison after the other in what judges households and cases, in a copy of the tree: which stays green?

Each comparison is taken at its edge (`<` becomes `<=`, `>=` becomes `>`) and turned round where it has none (`==`,
`is`, `in`). Exit 1 if a flip turns no test red, unless KEPT says why none can.

    python -m tests.guards.flipped [MODULE ...]
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.guards.run import ROOT, copy_tree

JUDGING = (
    *("counted", "standing", "yearly", "costs", "lacking", "combinations", "windows", "where", "series", "view"),
    *("scales", "thresholds", "readers", "evaluate"),
)
OF_CASES = (
    *("case", "case_actions", "case_answers", "case_guards", "case_state"),
    *("basis", "clearing", "proposals", "tracking", "register_conflict"),
)
MODULES = (*JUDGING, *OF_CASES)
TESTS = (
    "tests/test_conditions.py",
    "tests/test_counted.py",
    "tests/test_yearly.py",
    "tests/test_costs.py",
    "tests/test_lacking.py",
    "tests/test_combinations.py",
    "tests/test_standing.py",
    "tests/test_weights.py",
    "tests/test_ticks.py",
    "tests/test_rule_files.py",
    "tests/test_household.py",
    "tests/test_correlate.py",
    "tests/test_correlate_properties.py",
)
TESTS_OF_CASES = (
    "tests/test_case.py",
    "tests/test_case_clearing.py",
    "tests/test_case_basis.py",
    "tests/test_alert_versions.py",
    "tests/test_register_life.py",
    "tests/test_assign.py",
    "tests/test_case_shell.py",
    "tests/test_household.py",
    "tests/test_case_properties.py",
)
KEPT = {
    "case: household.case.status in ENDED": "else a tick looks in vain for what it may forget",
    "case: case.status not in ENDED": "else a tick looks in vain for what it may forget",
    "clearing: len(holding) >= min(condition.at_least)": "a red part of a shipped combination is red by itself",
    "view: (fact.occurred_at, fact.id) > (known.occurred_at, known.id)": "no two facts of a household have one id",
    "yearly: (fact.occurred_at, fact.id) > (known.occurred_at, known.id)": "no two facts of a household have one id",
}
"""Module and comparison -> why its flip changes no answer."""
FLIPS: dict[type[ast.cmpop], ast.cmpop] = {
    ast.Lt: ast.LtE(),
    ast.LtE: ast.Lt(),
    ast.Gt: ast.GtE(),
    ast.GtE: ast.Gt(),
    ast.Eq: ast.NotEq(),
    ast.NotEq: ast.Eq(),
    ast.Is: ast.IsNot(),
    ast.IsNot: ast.Is(),
    ast.In: ast.NotIn(),
    ast.NotIn: ast.In(),
}


def flipped(source: str) -> Iterator[tuple[int, str, str]]:
    """Line, the comparison as it stands, and the source with it flipped, for each there is."""
    count = sum(isinstance(node, ast.Compare) for node in ast.walk(ast.parse(source)))
    for place in range(count):
        tree = ast.parse(source)
        node = [node for node in ast.walk(tree) if isinstance(node, ast.Compare)][place]
        said = ast.unparse(node)
        for number, operator in enumerate(node.ops):
            node.ops[number] = FLIPS[type(operator)]
            yield node.lineno, said, ast.unparse(tree)
            node.ops[number] = operator


def green(tree: Path, tests: tuple[str, ...]) -> bool:
    """Whether these tests pass in a tree."""
    environment = {**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    command = (sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests)
    done = subprocess.run(command, cwd=tree, env=environment, capture_output=True, check=False, timeout=600)
    return done.returncode == 0


def main(modules: list[str]) -> int:
    """Print what stayed green; 0 if nothing did."""
    with tempfile.TemporaryDirectory(prefix="flipped-") as folder:
        tree = Path(folder)
        copy_tree(tree)
        if not green(tree, TESTS + TESTS_OF_CASES):
            sys.exit("the tests are red with nothing flipped")
        left = [problem for module in modules or MODULES for problem in _survivors(tree, module)]
    print("\n".join(left) or "every flipped comparison turns a test red")
    return int(bool(left))


def _survivors(tree: Path, module: str) -> Iterator[str]:
    path = tree / "streams" / f"{module}.py"
    source = (ROOT / "streams" / f"{module}.py").read_text(encoding="utf-8")
    count, tests = 0, TESTS_OF_CASES if module in OF_CASES else TESTS
    for line, said, changed in flipped(source):
        count += 1
        path.write_text(changed, encoding="utf-8")
        if f"{module}: {said}" not in KEPT and green(tree, tests):
            yield f"GREEN! streams/{module}.py:{line}: {said}"
    path.write_text(source, encoding="utf-8")
    print(f"{module}: {count} comparisons flipped", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
