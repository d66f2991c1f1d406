"""Each department's page is what its declarations say, and its sample file is taken."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from deploy.cli import main
from deploy.department_page import page
from deploy.department_sample import kinds_of_department, sample_rows
from producers.publish import Outcome, Run, check_rows, event_messages
from schemas.beijing import date_of, day_of, start_of
from schemas.departments import DEPARTMENTS
from schemas.event_columns import event_columns
from schemas.examples import examples_of
from schemas.identity import identity_of
from schemas.kinds import Kind
from schemas.readers.apart import open_outside
from tests.clerks import CODES, KINDS, PUBLISHED
from tests.rows import KEY
from tests.source_tree import ROOT

FOLDER = ROOT / "docs/departments"


def run(*arguments: object) -> str:
    done = CliRunner().invoke(main, [str(each) for each in arguments])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_the_committed_pages_and_files_are_those_that_are_generated(tmp_path: Path) -> None:
    run("departments", "write", tmp_path)

    fresh = {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()}
    assert {path.name: path.read_text(encoding="utf-8") for path in FOLDER.iterdir()} == fresh
    assert len(fresh) == 2 * len(DEPARTMENTS) + 1


def checked(code: str, path: Path, at: int = PUBLISHED) -> Outcome:
    """What `alertbus publish --check` says of a file, in the year of the examples or at another moment."""
    rows = open_outside(path, event_columns(code)).rows()
    return check_rows(rows, event_messages(Run(code, at, "0" * 64), KEY))


@pytest.mark.parametrize("code", CODES)
def test_a_sample_file_passes_the_check_and_shows_each_kind(code: str) -> None:
    assert checked(code, FOLDER / f"{code}.csv") == Outcome(accepted=len(examples_of(code)))
    assert {row["kind"] for row in sample_rows(code)} == {kind.name for kind in kinds_of_department(code)}


@pytest.mark.parametrize("code", CODES)
def test_a_sample_of_any_later_day_passes_the_check_of_that_day(code: str, tmp_path: Path) -> None:
    day = day_of(PUBLISHED) + 1_000
    (tmp_path / "later.csv").write_text(run("departments", "sample", code, "--on", date_of(day)), encoding="utf-8")

    later, on_the_day = tmp_path / "later.csv", start_of(day)
    assert checked(code, later, on_the_day) == Outcome(accepted=len(examples_of(code)))
    assert checked(code, later).accepted == 0


@pytest.mark.parametrize("code", CODES)
def test_a_sample_names_nobody_who_lives(code: str) -> None:
    numbers = [row["id_number"] for row in sample_rows(code) if "id_number" in row]

    assert [number for number in numbers if identity_of(number) != number] == []
    assert [number for number in numbers if not number.startswith("23122219800101")] == []


def test_a_row_that_corrects_another_names_the_same_person() -> None:
    first, *_, last = sample_rows("health_insurance")

    assert (first["event_id"], first["id_number"]) == (last["event_id"], last["id_number"])
    assert last["retracted"] == "是"


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.code)
def test_a_page_names_every_column_and_word_of_a_kind_and_what_it_means(kind: Kind) -> None:
    said = page(kind.department.code)

    for field in kind.fields:
        assert f"| `{field.column}` | {field.title} |" in said
        for word in field.symbols:
            assert f"`{word}` " in said, f"{word} has no Chinese in streams/symbols.toml"


@pytest.mark.parametrize("code", CODES)
def test_the_curl_call_carries_a_row_that_is_taken(code: str, tmp_path: Path) -> None:
    call = next(line for line in page(code).splitlines() if line.startswith("  -d '"))
    path = tmp_path / "row.jsonl"
    path.write_text(call.removeprefix("  -d '").removesuffix("'"), encoding="utf-8")

    assert checked(code, path) == Outcome(accepted=1)
    assert f"/v1/events/{code}" in page(code)


def test_the_chinese_manual_leads_to_the_pages() -> None:
    assert "docs/departments/README.md" in (ROOT / "README.zh-CN.md").read_text(encoding="utf-8")
