"""Rows of the household register."""

from __future__ import annotations

from datetime import date

import pytest

from producers.identity import person_id
from producers.register import Register, RegisterRecord, keys_of, register_record_of
from schemas.beijing import day_number, start_of
from schemas.cells import Row
from schemas.codec import decode, encode
from schemas.faults import RowProblem

KEY = b"county key of the tests, 32 byte"
NUMBER = "231222199001010010"
TODAY = day_number(date(2026, 4, 3))
REGISTER = Register(KEY, start_of(TODAY), "register-1")
ROW: Row = {
    "id_number": NUMBER,
    "household_id": "H0001001",
    "valid_from": "2024-01-01",
    "township_code": "231222101",
    "village_code": "231222101003",
    "grid_code": "23122210100307",
    "tags": ["monitored", "lifted"],
    "labour": "weak",
}


def record(row: Row) -> RegisterRecord:
    result = register_record_of(row, 3, REGISTER)
    assert not isinstance(result, RowProblem), result
    return result


def test_a_row_becomes_a_record_that_the_codec_takes() -> None:
    found = record(ROW)

    assert found["person_id"] == person_id(KEY, NUMBER)
    assert found["valid_from"] == day_number(date(2024, 1, 1))
    assert found["tags"] == ["lifted", "monitored"]
    assert decode(encode("register_row", found)) == ("register_row", found)


def test_its_keys_are_by_person_and_by_household() -> None:
    person = person_id(KEY, NUMBER)
    start = day_number(date(2024, 1, 1))

    assert keys_of(record(ROW)) == (
        f"{person}|H0001001|{start}".encode(),
        f"H0001001|{start}|{person}".encode(),
    )


def test_tags_of_a_table_stand_between_semicolons() -> None:
    assert record({**ROW, "tags": " lifted ；monitored;"}) == record(ROW)
    assert record({**ROW, "tags": ""})["tags"] == []


def test_labour_is_able_where_nothing_is_said() -> None:
    assert record({**ROW, "labour": None})["labour"] == "able"


def test_codes_that_a_spreadsheet_made_numbers_are_codes_again() -> None:
    numbers: Row = {**ROW, "township_code": 231222101.0, "village_code": 231222101003.0, "grid_code": 23122210100307.0}

    assert record(numbers) == record(ROW)


def test_a_grid_of_the_rows_village_may_look_like_an_old_identity_number() -> None:
    assert record({**ROW, "grid_code": "231222101003007"})["grid_code"] == "231222101003007"


def test_a_row_taken_back_needs_no_more_than_its_key() -> None:
    row: Row = {"id_number": NUMBER, "household_id": "H0001001", "valid_from": "2024-01-01", "retracted": True}

    assert record(row)["retracted"] is True
    assert keys_of(record(row)) == keys_of(record(ROW))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"id_number": ""}, ("id_number", "missing")),
        ({"id_number": "231222199001010014"}, ("id_number", "id_check")),
        ({"household_id": None}, ("household_id", "missing")),
        ({"household_id": "231222900101001"}, ("household_id", "bad_household_id")),
        ({"valid_from": "2024-02-30"}, ("valid_from", "date")),
        ({"valid_from": "1800-01-01"}, ("valid_from", "bad_date")),
        ({"valid_to": "2023-12-31"}, ("valid_to", "valid_to")),
        ({"township_code": "2312221"}, ("township_code", "code_9")),
        ({"village_code": "231222101"}, ("village_code", "code_12")),
        ({"grid_code": "7"}, ("grid_code", "code_grid")),
        ({"grid_code": None}, ("grid_code", "missing")),
        ({"grid_code": NUMBER}, ("grid_code", "id_in_text")),
        ({"grid_code": "231222900101001"}, ("grid_code", "id_in_text")),
        ({"tags": "poor"}, ("tags", "tags")),
        ({"tags": ["lifted", 3]}, ("tags", "tags")),
        ({"tags": 3}, ("tags", "tags")),
        ({"labour": "strong"}, ("labour", "word")),
        ({"name": "某某"}, ("name", "unknown_column")),
    ],
)
def test_a_bad_cell_names_its_column_and_the_reason(changes: Row, expected: tuple[str, str]) -> None:
    result = register_record_of({**ROW, **changes}, 3, REGISTER)

    assert isinstance(result, RowProblem)
    assert (result.field, result.code) == expected
    assert result.row == 3
