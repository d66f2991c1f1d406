"""What the mutation score is counted over."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import streams
from tests.guards.equivalent import EQUIVALENT
from tests.guards.mutants import mutants
from tests.guards.mutated import CONDITIONS, MODULES, asked, named

SOURCE = '''
LAST: int = 7


def far(end: int, *ends: int) -> str:
    """Say 1 or 2."""
    if end > LAST and ends:
        return f"{end + 1} days"
    note(min(ends, default=None))
    note(*zip(ends, ends, strict=True))
    return "near"
'''


def test_each_mutant_is_one_mistake() -> None:
    said = [(each.line, each.was, each.now) for each in mutants(SOURCE)]

    assert sorted(said) == [
        (2, "7", "8"),
        (7, "end > LAST", "end >= LAST"),
        (7, "end > LAST and ends", "False"),
        (7, "end > LAST and ends", "True"),
        (7, "end > LAST and ends", "end > LAST"),
        (7, "end > LAST and ends", "end > LAST or ends"),
        (7, "end > LAST and ends", "ends"),
        (9, "min(ends, default=None)", "max(ends, default=None)"),
        (9, "min(ends, default=None)", "min(ends)"),
        (9, "note(min(ends, default=None))", "pass"),
        (10, "note(*zip(ends, ends, strict=True))", "pass"),
    ]


def test_every_mutant_is_a_module_and_the_next_one_begins_from_the_source() -> None:
    whole = ast.unparse(ast.parse(SOURCE))

    for mutant in mutants(SOURCE):
        compile(mutant.tree, "far.py", "exec")
        lines = zip(ast.unparse(mutant.tree).splitlines(), whole.splitlines(), strict=True)
        assert sum(now != was for now, was in lines) == 1


def test_a_word_names_a_module_or_all_modules_of_the_conditions() -> None:
    assert asked(["case", "basis"]).modules == ("case", "basis")
    assert asked(["rule", "conditions", "rule", "where"]).modules == ("rule", *CONDITIONS)
    assert asked([]).modules == MODULES


def test_a_word_that_names_no_module_is_refused_with_those_that_do(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        asked(["case", "cases"])

    said = capsys.readouterr().err
    assert "MODULE: does not know 'cases'; allowed: basis, case, " in said
    assert set(re.findall(r"\w+", said)) >= {*MODULES, "conditions"}


def test_whatever_is_excused_can_still_be_made() -> None:
    folder = Path(streams.__path__[0])
    modules = {said.partition(":")[0] for said in EQUIVALENT}

    made = {
        named(module, each)
        for module in modules
        for each in mutants((folder / f"{module}.py").read_text(encoding="utf-8"))
    }

    assert EQUIVALENT.keys() - made == set()
