"""Rows of a household book file: the same from every format, refused with what to do, and never repeated in words."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from consumers.book_rows import BOOK_COLUMNS, COLUMNS, Entry, read_rows
from consumers.store.book import Family
from schemas.cells import Cell, Row
from schemas.faults import FieldError, FileError, RowProblem
from schemas.readers import open_source
from tests.people import identity_number

FAMILY = Family("欧阳金丝雀", "东沟村三组 12 号", "13904561237")
LINE = ("H-1", *(getattr(FAMILY, name) for name in ("head", "address", "phone")))
ENGLISH, CHINESE = tuple(COLUMNS), ("户编号", "户主姓名", "家庭住址", "联系电话")
IDENTITY = identity_number(7, "19710819")


def written(path: Path, headings: tuple[str, ...], lines: list[tuple[object, ...]], encoding: str = "utf-8") -> Path:
    """File of the format that its suffix names."""
    if path.suffix == ".xlsx":
        with xlsxwriter.Workbook(path) as book:
            sheet = book.add_worksheet("住户簿")
            for place, line in enumerate([headings, *lines]):
                sheet.write_row(place, 0, line)
        return path
    text = io.StringIO()
    if path.suffix == ".jsonl":
        text.writelines(json.dumps(dict(zip(headings, line, strict=True))) + "\n" for line in lines)
    else:
        csv.writer(text).writerows([headings, *lines])
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def read(path: Path) -> list[Entry | RowProblem]:
    return list(read_rows(open_source(path, BOOK_COLUMNS).rows()))


def one(**row: Cell) -> Entry | RowProblem:
    """What becomes of a single row."""
    (found,) = read_rows([(1, {"household_id": "H-1", "head": "张三", **row})])
    return found


def problems(**row: Cell) -> tuple[str, str]:
    found = one(**row)
    assert isinstance(found, RowProblem), found
    return found.field, found.code


@pytest.mark.parametrize("headings", [ENGLISH, CHINESE])
@pytest.mark.parametrize(
    ("name", "encoding"), [("a.csv", "utf-8-sig"), ("a.csv", "gb18030"), ("a.xlsx", ""), ("a.jsonl", "utf-8")]
)
def test_every_format_and_both_languages_of_headings_give_the_same(
    tmp_path: Path, headings: tuple[str, ...], name: str, encoding: str
) -> None:
    assert read(written(tmp_path / name, headings, [LINE, ("H-2", "李四", "", "")], encoding)) == [
        Entry("H-1", FAMILY),
        Entry("H-2", Family("李四", "", "")),
    ]


def test_more_columns_than_needed_are_left_alone(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", (*CHINESE, "人口", "身份证号"), [(*LINE, 3, IDENTITY)])

    assert read(path) == [Entry("H-1", FAMILY)]


def test_a_table_without_households_or_heads_is_refused_as_a_whole(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", ("户编号", "家庭住址"), [("H-1", FAMILY.address)])

    with pytest.raises(FileError, match="缺少列 head"):
        read(path)


def test_numbers_that_a_spreadsheet_made_of_codes_become_digits_again(tmp_path: Path) -> None:
    assert read(written(tmp_path / "a.xlsx", CHINESE, [(10086, "张三", "", 13904561237)])) == [
        Entry("10086", Family("张三", "", "13904561237"))
    ]


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ({"household_id": ""}, ("household_id", "bad_household_id")),
        ({"household_id": "H\0"}, ("household_id", "bad_household_id")),
        ({"household_id": IDENTITY}, ("household_id", "bad_household_id")),
        ({"household_id": f"户主{IDENTITY}"}, ("household_id", "id_in_text")),
        ({"household_id": 1.5}, ("household_id", "text")),
        ({"head": " \t"}, ("head", "missing")),
        ({"head": "\ud800\u200b\0"}, ("head", "missing")),
        ({"household_id": "H\ud800"}, ("household_id", "bad_household_id")),
        ({"head": f"张三 {IDENTITY}"}, ("head", "id_in_text")),
        ({"address": f"（{IDENTITY}）"}, ("address", "id_in_text")),
        ({"address": "长" * 201}, ("address", "text_long")),
        ({"phone": "家里没有电话"}, ("phone", "phone")),
        ({"phone": True}, ("phone", "text")),
        ({"户主": "李四"}, ("head", "column_twice")),
    ],
)
def test_a_row_that_cannot_be_is_refused_with_its_column(row: Row, problem: tuple[str, str]) -> None:
    assert problems(**row) == problem


@pytest.mark.parametrize(
    "phone", ["13904561237", "0434-3205 678", "１３９０４５６１２３７", "+86 139 0456 1237", "1390456、1391"]
)
def test_a_phone_may_be_written_as_people_write_it(phone: str) -> None:
    found = one(phone=phone)

    assert isinstance(found, Entry)
    assert found.family.phone == phone.translate(str.maketrans("０１２３４５６７８９", "0123456789"))


def test_a_household_in_the_same_words_twice_is_one_and_in_others_a_problem() -> None:
    rows: list[tuple[int, Row | FieldError]] = [
        (1, {"household_id": "H-1", "head": "张三"}),
        (2, {"household_id": "H-1", "head": " 张三 "}),
        (3, {"household_id": "H-1", "head": "李四"}),
        (4, FieldError("?", "not_an_object")),
    ]
    found = list(read_rows(rows))

    assert [type(each) for each in found] == [Entry, Entry, RowProblem, RowProblem]
    assert [each.code for each in found if isinstance(each, RowProblem)] == ["household_twice", "not_an_object"]


cells = st.one_of(st.text(max_size=30), st.integers(), st.floats(), st.booleans(), st.none(), st.just(IDENTITY))


@given(st.dictionaries(st.sampled_from((*ENGLISH, *CHINESE)), cells))
def test_no_row_raises_and_no_reason_repeats_what_stood_there(row: Row) -> None:
    (found,) = read_rows([(1, row)])
    if isinstance(found, RowProblem):
        words = found.reason + found.field
        assert [v for v in row.values() if isinstance(v, str) and len(v) > 3 and v in words] == []
    else:
        assert IDENTITY not in (
            found.household_id,
            *(getattr(found.family, name) for name in ("head", "address", "phone")),
        )
        assert "\0" not in found.household_id
