"""Files of every supported format give the same rows; what cannot be read as a whole gives none."""

from __future__ import annotations

import re
import tracemalloc
from datetime import date, datetime
from pathlib import Path

import pytest
import xlsxwriter

from schemas.cells import Row
from schemas.event_columns import event_columns
from schemas.faults import FieldError, FileError
from schemas.readers import NumberedRow, open_source
from schemas.readers.apart import open_outside
from schemas.readers.headings import REGISTER_COLUMNS

NEEDED = event_columns("housing")
HEADINGS = ["event_id", "kind", "household_id", "occurred_at", "grade"]
LINES = [["甲-1", "inspection", "H1", "2026-03-14", "C"], ["乙-2", "inspection", "H2", "2026-03-15", "D"]]
ROWS: list[Row] = [dict(zip(HEADINGS, line, strict=True)) for line in LINES]
CSV = "\n".join(",".join(line) for line in [HEADINGS, *LINES]) + "\n"


def written(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def workbook(path: Path, *sheets: list[list[object]]) -> Path:
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd hh:mm"}) as book:
        for lines in sheets:
            sheet = book.add_worksheet()
            for place, line in enumerate(lines):
                sheet.write_row(place, 0, line)
    return path


def rows(path: Path) -> list[NumberedRow]:
    return list(open_outside(path, NEEDED).rows())


def refusal(path: Path) -> str:
    with pytest.raises(FileError) as caught:
        open_outside(path, NEEDED)
    return str(caught.value)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_table_is_read_in_each_encoding_and_with_each_separator(
    tmp_path: Path, encoding: str, separator: str
) -> None:
    path = written(tmp_path / "a.csv", CSV.replace(",", separator).encode(encoding))

    assert rows(path) == [(1, ROWS[0]), (2, ROWS[1])]


def test_line_ends_of_windows_and_quoted_line_ends_do_no_harm(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", CSV.replace("H1", '"H\r\n1"').replace("\n", "\r\n"))

    assert [number for number, _ in rows(path)] == [1, 2]


@pytest.mark.parametrize("suffix", [".jsonl", ".ndjson", ".json", ".JSONL"])
def test_json_lines_are_read_and_one_bad_line_harms_no_other(tmp_path: Path, suffix: str) -> None:
    path = written(tmp_path / f"a{suffix}", '{"event_id": "1"}\n\n[1]\n{"event_id": \n{"event_id": "5"}')

    first, third, fourth, fifth = rows(path)

    assert (first, fifth) == ((1, {"event_id": "1"}), (5, {"event_id": "5"}))
    for _, fault in (third, fourth):
        assert isinstance(fault, FieldError)
        assert fault.code == "not_an_object"


@pytest.mark.parametrize("depth", [900, 100_000])
def test_a_deep_line_of_json_harms_no_other(tmp_path: Path, depth: int) -> None:
    deep = '{"event_id": ' + "[" * depth + "]" * depth + "}"

    found = rows(written(tmp_path / "a.jsonl", f'{{"event_id": "1"}}\n{deep}\n{{"event_id": "3"}}\n'))

    assert [number for number, _ in found] == [1, 2, 3]
    assert [found[0][1], found[2][1]] == [{"event_id": "1"}, {"event_id": "3"}]


def test_a_workbook_gives_dates_as_dates_and_numbers_as_numbers(tmp_path: Path) -> None:
    line: list[object] = ["1", "inspection", 12.5, datetime(2026, 3, 14, 9, 30), True]  # noqa: DTZ001  # as in a cell
    path = workbook(tmp_path / "a.xlsx", [[*HEADINGS], line, [], [*LINES[1]]])

    (number, first), (second_number, second) = rows(path)

    assert (number, second_number) == (1, 3)
    assert isinstance(first, dict)
    assert list(first.values()) == ["1", "inspection", 12.5, line[3], True]
    assert second == ROWS[1]


def test_a_day_in_a_workbook_is_a_date(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADINGS)
        sheet.write_datetime(1, 3, datetime(2026, 3, 14), book.add_format({"num_format": "yyyy-mm-dd"}))  # noqa: DTZ001

    ((_, row),) = rows(path)

    assert isinstance(row, dict)
    assert row["occurred_at"] == date(2026, 3, 14)


def test_the_sheet_with_the_headings_is_taken_wherever_it_stands(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", [["说明"], ["填表要求"]], [[*HEADINGS], [*LINES[0]], [*LINES[1]]])

    assert rows(path) == [(1, ROWS[0]), (2, ROWS[1])]


def test_two_sheets_of_rows_are_refused_so_that_none_is_overlooked(tmp_path: Path) -> None:
    sheet: list[list[object]] = [[*HEADINGS], [*LINES[0]]]

    assert "2 张" in refusal(workbook(tmp_path / "a.xlsx", sheet, sheet))


def test_short_lines_are_empty_at_the_end_and_long_ones_are_faults(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", CSV + "丙-3,inspection\n\n丁-5,inspection,H5,2026-03-16,C,,\n戊-6,a,b,c,d,e\n")

    found = dict(rows(path))

    assert found[3] == {"event_id": "丙-3", "kind": "inspection"}
    assert isinstance(found[5], dict)
    assert isinstance(found[6], FieldError)
    assert found[6].code == "too_many_cells"
    assert 4 not in found


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl"])
def test_an_empty_file_has_no_rows(tmp_path: Path, name: str) -> None:
    assert rows(written(tmp_path / name, "")) == []


def test_headings_alone_and_an_empty_workbook_have_no_rows(tmp_path: Path) -> None:
    assert rows(written(tmp_path / "a.csv", ",".join(HEADINGS))) == []
    assert rows(workbook(tmp_path / "a.xlsx", [])) == []


def test_a_source_can_be_read_twice_and_knows_its_digest(tmp_path: Path) -> None:
    table = open_outside(written(tmp_path / "a.csv", CSV), NEEDED)
    book = open_outside(workbook(tmp_path / "a.xlsx", [[*HEADINGS], [*LINES[0]], [*LINES[1]]]), NEEDED)

    assert list(table.rows()) == list(table.rows()) == list(book.rows()) == list(book.rows())
    assert len(table.sha256) == len(book.sha256) == 64


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("a.txt", "x", "不支持"),
        ("a.xls", "x", "不支持"),
        ("a.csv", b"event_id,\xff\xff\xff\n", "编码"),
        ("a.csv", CSV.encode("utf-16"), "UTF-16"),
        ("a.csv", "姓名,户号\n甲,1\n", "表头缺少"),
        ("a.csv", "231222199001010010,settlement,1\n", "表头缺少"),
        ("a.csv", CSV.replace("grade", "kind"), "重名"),
        ("a.csv", CSV + '"open, to the end\n1,2,3\n', "引号"),
        ("a.csv", CSV + '"' + "x" * 200_000 + '"\n', "过长"),
        ("a.csv", CSV + "x," * 1_000_000, "1 MB"),
        ("a.csv", CSV + '"x\n",' * 300_000, "1 MB"),
        ("a.csv", ",".join(HEADINGS + [f"c{n}" for n in range(1_000_000)]), "1 MB"),
        ("a.csv", ",".join(HEADINGS + [f"c{n}" for n in range(100_000)]), "1000 列"),
        ("a.csv", CSV.encode("gb18030") + "丙-3,说明文字,H3,2026-03-14,C\n".encode(), "两种编码，第 4 行"),
        ("a.jsonl", "[\n1\n]\n", "没有一行"),
        ("a.jsonl", CSV, "没有一行"),
        ("a.jsonl", "[" * 2_000_000, "1 MB"),
        ("a.xlsx", b"PK\x03\x04garbage", "XLSX"),
        ("a.xlsx", CSV, "XLSX"),
    ],
)
def test_a_file_that_cannot_be_read_as_a_whole_says_what_to_do(
    tmp_path: Path, name: str, content: str | bytes, word: str
) -> None:
    message = refusal(written(tmp_path / name, content))

    chinese, english = message.split(" / ")
    assert word in chinese
    assert re.search(r"[a-z]{2,}.*: [a-z]", english), english
    assert not re.search("[一-鿿]", english)
    assert "231222199001010010" not in message


def test_a_workbook_that_unpacks_to_a_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("schemas.readers.workbook.MAX_UNPACKED", 1000)

    with pytest.raises(FileError, match="1 GB"):
        open_source(workbook(tmp_path / "a.xlsx", [[*HEADINGS], [*LINES[0]]]), NEEDED)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert "a.csv" in refusal(tmp_path / "a.csv")


def test_the_register_asks_for_its_own_headings(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", CSV)

    with pytest.raises(FileError, match="id_number、valid_from"):
        open_source(path, REGISTER_COLUMNS)


def test_a_long_table_is_not_held_in_memory(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", CSV + (",".join(LINES[0]) + "\n") * 60_000)
    tracemalloc.start()

    count = sum(1 for _ in open_source(path, NEEDED).rows())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert count == 60_002
    assert peak < 5 * 1024 * 1024
