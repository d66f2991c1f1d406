"""The rules of the house that a machine can check: sizes, names, no rule in code, nothing of one machine."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import PurePath

from tests.source_tree import ROOT, program_files, python_files, string_literals, text_of, tracked, tree_of

LONGEST_FILE = 300
LONGEST_FUNCTION = 30
EMPTY_NAMES = frozenset(("utils", "util", "helpers", "helper", "manager", "base", "common", "misc"))
NAMES_OF_THE_LIBRARY = frozenset(("types", "logging", "email", "typing", "json", "time", "queue", "signal"))
OF_ONE_MACHINE = re.compile(
    r"""
      /(?:home|Users|root)/\w | /work/(?:main|shared) | /tmp/\w
    | https?://[^\s"'>]*(?:artifactory|nexus|mirror|proxy|registry)
    | --(?:extra-)?index-url | --trusted-host
    """,
    re.VERBOSE,
)
LOCK_FILES = frozenset(("poetry.lock", "uv.lock", "Pipfile.lock", "pdm.lock", "package-lock.json"))


def functions(path: str) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def lines_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from `def` to the end, without the docstring."""
    length = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        length -= (first.end_lineno or first.lineno) - first.lineno + 1
    return length


def rule_ids() -> frozenset[str]:
    paths = [path for path in tracked() if path.startswith("streams/rules/") and path.endswith(".toml")]
    return frozenset(tomllib.loads(text_of(path))["id"] for path in paths)


def test_no_python_file_is_over_300_lines() -> None:
    long = {path: count for path in python_files() if (count := len(text_of(path).splitlines())) > LONGEST_FILE}

    assert long == {}


def test_no_function_is_over_30_lines() -> None:
    long = {
        f"{path}:{function.lineno} {function.name}": lines
        for path in python_files()
        for function in functions(path)
        if (lines := lines_of(function)) > LONGEST_FUNCTION
    }

    assert long == {}


def test_every_file_is_named_after_what_it_defines() -> None:
    empty = [
        path for path in tracked() if PurePath(path).stem in EMPTY_NAMES or EMPTY_NAMES & set(path.split("/")[:-1])
    ]
    of_the_library = [path for path in python_files() if PurePath(path).stem in NAMES_OF_THE_LIBRARY]

    assert empty == []
    assert of_the_library == []


def test_no_program_names_a_rule() -> None:
    known = rule_ids()
    found = [
        f"{path}:{line} {text!r}" for path in program_files() for text, line in string_literals(path) if text in known
    ]

    assert known
    assert found == []


def test_tests_are_flat_files_and_no_package() -> None:
    packages = [path for path in tracked() if path.startswith("tests/") and path.endswith("__init__.py")]
    nested = {path.split("/")[1] for path in python_files() if path.startswith("tests/") and path.count("/") > 1}

    assert packages == []
    assert nested <= {"bench", "chaos", "guards"}


def test_nothing_in_the_tree_belongs_to_one_machine() -> None:
    found = {
        path: words
        for path in tracked()
        if path != "tests/test_house_rules.py"
        and (words := OF_ONE_MACHINE.findall((ROOT / path).read_bytes().decode(errors="replace")))
    }

    assert found == {}
    assert [path for path in tracked() if PurePath(path).name in LOCK_FILES] == []
