"""The project's own source files, as git knows them, for tests that walk all of them."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGES = ("schemas", "producers", "streams", "consumers", "deploy")


@cache
def tracked() -> tuple[str, ...]:
    """Paths of every tracked file that is there, relative to the root."""
    listed = subprocess.run(("git", "ls-files", "-z"), cwd=ROOT, capture_output=True, text=True, check=True)
    return tuple(path for path in listed.stdout.split("\0") if path and (ROOT / path).is_file())


def python_files() -> list[str]:
    return [path for path in tracked() if path.endswith(".py")]


def program_files() -> list[str]:
    """Python files of the packages, without tests."""
    return [path for path in python_files() if path.split("/")[0] in PACKAGES]


@cache
def text_of(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


@cache
def tree_of(path: str) -> ast.Module:
    return ast.parse(text_of(path), path)


def module_of(path: str) -> str:
    """`streams/rule.py` -> `streams.rule`."""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def string_literals(path: str) -> Iterator[tuple[str, int]]:
    """Every string constant of a file and its line; docstrings and parts of f-strings too."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value, node.lineno
