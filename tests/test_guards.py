"""Every patch that takes out a guard still fits the code, and names a test that there is; `make guards` runs them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.guards.run import apply, read
from tests.source_tree import ROOT

PATCHES = sorted((ROOT / "tests" / "guards").glob("*.patch"))


def test_there_are_guards() -> None:
    assert len(PATCHES) > 100


@pytest.mark.parametrize("patch", PATCHES, ids=lambda patch: patch.stem)
def test_a_guard_can_be_taken_out_and_its_test_exists(patch: Path) -> None:
    guard = read(patch)
    file, _, name = guard.test.partition("::")

    assert apply(guard, ROOT, "--check")
    assert not name or f"def {name.partition('[')[0]}(" in (ROOT / file).read_text(encoding="utf-8")
    assert (ROOT / file).is_file()
