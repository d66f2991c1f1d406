"""Workbooks from outside are read in a process of their own: bombs end it, not us, and say in words what to do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest

from producers.county_files import content_of
from schemas.cells import Row
from schemas.event_columns import event_columns
from schemas.faults import FieldError, FileError
from schemas.readers.apart import open_outside, opened_bytes
from schemas.readers.limits import Limits
from tests.source_tree import ROOT, program_files, text_of

NEEDED = event_columns("housing")
HEADINGS = ("event_id", "kind", "household_id", "occurred_at", "grade")
ROWS: list[Row] = [{"event_id": "甲-1", "kind": "inspection", "household_id": "H1", "occurred_at": "2026-03-14"}]
SMALL = Limits(memory=400 << 20, seconds=20, rows=1 << 20)
ENTITIES = '<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
SHEET = "xl/worksheets/sheet1.xml"
MEASURED = """
import json, resource, sys
from pathlib import Path
from schemas.event_columns import event_columns
from schemas.faults import FileError
from schemas.readers.apart import open_outside
from schemas.readers.limits import Limits
try:
    source = open_outside(Path(sys.argv[1]), event_columns("housing"), Limits(memory=400 << 20))
    said = str(sum(1 for _ in source.rows()))
except FileError as error:
    said = str(error)
own = next(line.split()[1] for line in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in line)
print(json.dumps([said, max(int(own), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)]))
"""


ENDLESS = """
from schemas.readers.child import confine
from schemas.readers.limits import Limits
confine(Limits(seconds=1))
while True: pass
"""


def workbook(path: Path, change: Callable[[str], str] = str, rows: list[Row] = ROWS) -> Path:
    """Workbook of these rows, its sheet changed."""
    path.write_bytes(content_of(rows, "xlsx", HEADINGS))
    with zipfile.ZipFile(path) as archive:
        parts = {entry.filename: archive.read(entry).decode() for entry in archive.infolist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, change(part) if name == SHEET else part)
    return path


def more_rows(sheet: str, rows: str) -> str:
    return sheet.replace("</sheetData>", f"{rows}</sheetData>")


def far_corner(sheet: str) -> str:
    return more_rows(sheet, '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')


def billion_laughs(sheet: str) -> str:
    return more_rows(
        sheet.replace("<worksheet", f"<!DOCTYPE worksheet [{ENTITIES}]><worksheet", 1),
        '<row><c t="inlineStr"><is><t>&a9;</t></is></c></row>',
    )


def zip_bomb(path: Path) -> Path:
    """Workbook of four hundred MB of one letter."""
    ending = "</sheetData></worksheet>"
    workbook(path)
    with zipfile.ZipFile(path) as archive:
        parts = {entry.filename: archive.read(entry) for entry in archive.infolist()}
    row = '<row><c t="inlineStr"><is><t>' + "x" * 30_000 + "</t></is></c></row>"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        sheet = parts.pop(SHEET).removesuffix(ending.encode())
        for name, part in parts.items():
            archive.writestr(name, part)
        with archive.open(SHEET, "w") as out:
            out.write(sheet)
            for _ in range(1300):
                out.write(row.encode() * 10)
            out.write(ending.encode())
    return path


def understated(path: Path) -> Path:
    """Let the archive say of its sheet that it is small."""
    content = bytearray(path.read_bytes())
    place = content.index(b"PK\x01\x02")
    while SHEET.encode() != content[place + 46 : place + 46 + len(SHEET)]:
        place = content.index(b"PK\x01\x02", place + 4)
    content[place + 24 : place + 28] = (1000).to_bytes(4, "little")
    path.write_bytes(content)
    return path


def measured(path: Path) -> tuple[str, int]:
    """What is said of a file, and the most memory (MB) that any process took for it."""
    command = (sys.executable, "-c", MEASURED, str(path))
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    said, peak = json.loads(done.stdout)
    return said, peak >> 10


def refusal(path: Path, limits: Limits) -> str:
    with pytest.raises(FileError) as caught:
        open_outside(path, NEEDED, limits)
    return str(caught.value)


def test_rows_come_back_as_they_were_with_their_dates_numbers_and_faults(tmp_path: Path) -> None:
    row: Row = {"event_id": "１", "kind": 2.5, "household_id": True, "occurred_at": date(2026, 3, 14)}
    path = workbook(
        tmp_path / "a.xlsx", lambda sheet: more_rows(sheet, "<row>" + "<c><v>1</v></c>" * 6 + "</row>"), [row]
    )

    (number, first), (second, fault) = open_outside(path, NEEDED).rows()

    assert (number, first, second) == (1, {**row, "grade": ""}, 2)
    assert isinstance(fault, FieldError)
    assert fault.code == "too_many_cells"


def test_a_time_stays_a_time(tmp_path: Path) -> None:
    when = datetime(2026, 3, 14, 9, 30)  # noqa: DTZ001  # as in a cell

    ((_, row),) = open_outside(workbook(tmp_path / "a.xlsx", rows=[{"occurred_at": when}]), NEEDED).rows()

    assert isinstance(row, dict)
    assert row["occurred_at"] == when


@pytest.mark.parametrize("form", ["xlsx", "csv", "jsonl"])
def test_bytes_are_read_as_files_are_and_leave_none_behind(
    form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    with opened_bytes(content_of(ROWS, form, HEADINGS[:4]), f".{form}", NEEDED) as source:  # type: ignore[arg-type]  # a Format
        assert list(source.rows()) == [(1, ROWS[0])]

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("change", "word"), [(far_corner, "memory"), (billion_laughs, "XLSX")])
def test_a_bomb_takes_a_bounded_share_of_memory_and_is_refused_in_words(
    tmp_path: Path, change: Callable[[str], str], word: str
) -> None:
    said, peak = measured(workbook(tmp_path / "a.xlsx", change))

    assert word in said
    assert "a.xlsx" in said
    assert peak < 400


def test_a_zip_bomb_takes_a_bounded_share_of_memory_whatever_it_says_of_its_size(tmp_path: Path) -> None:
    bomb = zip_bomb(tmp_path / "a.xlsx")

    for path in (bomb, understated(bomb)):
        said, peak = measured(path)
        assert "a.xlsx" in said
        assert peak < 400


def test_one_cell_in_the_last_row_is_no_bomb(tmp_path: Path) -> None:
    last = '<row r="1048576"><c r="A1048576" t="inlineStr"><is><t>z</t></is></c></row>'

    *_, (number, row) = open_outside(workbook(tmp_path / "a.xlsx", lambda sheet: more_rows(sheet, last)), NEEDED).rows()

    assert number == 1_048_575
    assert isinstance(row, dict)
    assert row["event_id"] == "z"


def test_rows_that_swell_when_they_are_read_are_stopped(tmp_path: Path) -> None:
    rows: list[Row] = [{"event_id": "x" * 30_000}] * 100

    assert "1 MB" in refusal(workbook(tmp_path / "a.xlsx", rows=rows), SMALL)


def test_a_row_over_one_megabyte_is_named(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", rows=[*ROWS, {"event_id": "x" * 1_100_000}])

    assert "第 2 行" in refusal(path, SMALL)


def test_a_reader_that_computes_too_long_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("schemas.readers.apart._CHILD", (sys.executable, "-c", ENDLESS))

    assert "1 秒" in refusal(workbook(tmp_path / "a.xlsx"), Limits(seconds=1))


def test_a_reader_that_waits_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("schemas.readers.apart._CHILD", ("sleep", "60"))

    assert "1 s " in refusal(workbook(tmp_path / "a.xlsx"), Limits(seconds=1))


def test_a_reader_that_dies_otherwise_names_the_file_and_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("schemas.readers.apart._CHILD", ("false",))

    assert "a.xlsx 已损坏" in refusal(workbook(tmp_path / "a.xlsx"), SMALL)


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".xlsx"])
def test_a_pipe_or_folder_is_no_file(tmp_path: Path, suffix: str) -> None:
    os.mkfifo(tmp_path / f"pipe{suffix}")
    (tmp_path / f"folder{suffix}").mkdir()

    for name in ("pipe", "folder"):
        assert "不是文件" in refusal(tmp_path / f"{name}{suffix}", SMALL)


def test_files_from_outside_are_opened_apart_wherever_a_program_takes_one() -> None:
    users = [path for path in program_files() if "open_source(" in text_of(path)]

    assert users == ["schemas/readers/__init__.py", "schemas/readers/apart.py", "schemas/readers/child.py"]
