"""A row becomes a valid event, or says which field is wrong and what to do; no row raises."""

from __future__ import annotations

import json
import math
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from producers.identity import person_id
from producers.intake import Event, Intake, event_of
from schemas.beijing import BEIJING, day_number, milliseconds
from schemas.cells import Cell, Row
from schemas.codec import decode, encode
from schemas.events import problem_of
from schemas.faults import FAULTS, RowProblem
from schemas.kinds import all_kinds
from schemas.reasons import REASONS

KEY = b"county key of the tests, 32 byte"
NUMBER = "231222199001010010"
PUBLISHED = milliseconds(datetime(2026, 4, 3, 10, tzinfo=BEIJING))
INTAKES = {code: Intake(code, KEY, PUBLISHED, f"{code}-1") for code, _ in all_kinds()}

BILL: Row = {
    "event_id": "YB-1",
    "kind": "settlement",
    "id_number": NUMBER,
    "occurred_at": "2026-03-14T09:30",
    "visit_type": "inpatient",
    "total_fee": "42500.00",
    "basic_paid": "21000",
    "serious_paid": "6000.5",
    "aid_paid": "3000",
    "self_pay": "12,499.50",
    "in_county": "否",
    "discharged_on": "2026-03-14",
}
GRADE: Row = {
    "event_id": "ZJ-1",
    "kind": "inspection",
    "household_id": "H0001001",
    "occurred_at": "2026-03-14",
    "grade": "D",
    "hazard": "tilt",
    "inspected_on": "2026-03-14",
}


def read(row: Row, department: str = "health_insurance") -> Event | RowProblem:
    return event_of(row, 7, INTAKES[department])


def event(row: Row, department: str = "health_insurance") -> Event:
    result = read(row, department)
    assert not isinstance(result, RowProblem), result
    return result


def body(**changes: Cell) -> dict[str, object]:
    found = event({**BILL, **changes})["body"]
    assert isinstance(found, dict)
    return found


def fault(department: str = "health_insurance", row: Row = BILL, **changes: Cell) -> tuple[str, str]:
    result = read({**row, **changes}, department)
    assert isinstance(result, RowProblem), result
    assert result.row == 7
    assert result.reason != result.code
    assert result.code in FAULTS.keys() | REASONS.keys()
    return result.field, result.code


def test_a_good_row_becomes_an_event_with_money_in_fen_and_days_as_numbers() -> None:
    found = event(BILL)

    assert found["person_id"] == person_id(KEY, NUMBER)
    assert found["occurred_at"] == milliseconds(datetime(2026, 3, 14, 9, 30, tzinfo=BEIJING))
    assert found["data_class"] == "sensitive"
    assert found["row"] == 7
    assert found["body"] == {
        "visit_type": "inpatient",
        "total_fee_fen": 4_250_000,
        "basic_paid_fen": 2_100_000,
        "serious_paid_fen": 600_050,
        "aid_paid_fen": 300_000,
        "self_pay_fen": 1_249_950,
        "in_county": False,
        "discharged_on": day_number(date(2026, 3, 14)),
    }
    assert decode(encode("health_insurance", found)) == ("health_insurance", found)


def test_a_household_is_enough_where_no_person_is_meant() -> None:
    found = event(GRADE, "housing")

    assert (found["person_id"], found["household_id"]) == (None, "H0001001")
    assert found["occurred_at"] == milliseconds(datetime(2026, 3, 14, tzinfo=BEIJING))


def test_a_retracted_row_needs_no_more_than_what_names_the_event() -> None:
    row: Row = {"event_id": "YB-1", "kind": "settlement", "id_number": NUMBER, "occurred_at": "2026-03-14"}

    found = event({**row, "retracted": "是", "revision": "2"})

    assert (found["retracted"], found["revision"], found["body"]) == (True, 2, None)


@pytest.mark.parametrize(
    ("cell", "instant"),
    [
        ("2026-03-14T09:30:00Z", datetime(2026, 3, 14, 9, 30, tzinfo=UTC)),
        ("2026-03-14T09:30:00+08:00", datetime(2026, 3, 14, 1, 30, tzinfo=UTC)),
        ("2026-03-14 09:30:15", datetime(2026, 3, 14, 1, 30, 15, tzinfo=UTC)),
        ("2026-03-14", datetime(2026, 3, 13, 16, tzinfo=UTC)),
        ("20260314", datetime(2026, 3, 13, 16, tzinfo=UTC)),
        ("2026/3/14", datetime(2026, 3, 13, 16, tzinfo=UTC)),
        ("２０２６－０３－１４", datetime(2026, 3, 13, 16, tzinfo=UTC)),
        (date(2026, 3, 14), datetime(2026, 3, 13, 16, tzinfo=UTC)),
        (datetime(2026, 3, 14, 9, 30), datetime(2026, 3, 14, 1, 30, tzinfo=UTC)),  # noqa: DTZ001  # as XLSX gives it
    ],
)
def test_times_are_beijings_unless_they_say_otherwise(cell: Cell, instant: datetime) -> None:
    assert event({**BILL, "occurred_at": cell})["occurred_at"] == milliseconds(instant)


@pytest.mark.parametrize(
    ("cell", "fen"),
    [
        ("0", 0),
        ("0.1", 10),
        ("12.30", 1230),
        (12.3, 1230),
        (1249.9499999999998, 124_995),
        (7, 700),
        ("1,234.5", 123_450),
    ],
)
def test_money_is_exact(cell: Cell, fen: int) -> None:
    assert body(self_pay=cell)["self_pay_fen"] == fen


@given(st.integers(0, 10**12))
def test_money_in_floating_point_is_exact_to_the_fen(fen: int) -> None:
    assert body(self_pay=fen / 100)["self_pay_fen"] == fen


@pytest.mark.parametrize("cell", ["1.005", "-1", "abc", "1e3", "12,34", True, math.nan, math.inf, -0.5, 1.006, "1 000"])
def test_money_that_is_none_is_refused(cell: Cell) -> None:
    assert fault(self_pay=cell) == ("self_pay", "amount")


@pytest.mark.parametrize(
    ("cell", "value"),
    [("true", True), ("FALSE", False), ("1", True), (0, False), (1.0, True), ("是", True), ("否", False), (True, True)],
)
def test_truth_has_many_words(cell: Cell, value: bool) -> None:
    assert body(in_county=cell)["in_county"] is value


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"event_id": ""}, ("event_id", "missing")),
        ({"event_id": "编号"}, ("event_id", "bad_event_id")),
        ({"event_id": f"YB/{NUMBER}"}, ("event_id", "id_in_text")),
        ({"kind": "bill"}, ("kind", "unknown_kind")),
        ({"kind": None}, ("kind", "unknown_kind")),
        ({"id_number": None}, ("id_number", "no_subject")),
        ({"id_number": "231222199001010014"}, ("id_number", "id_check")),
        ({"id_number": "23122219900101001"}, ("id_number", "id_length")),
        ({"id_number": "231222202701010016"}, ("id_number", "id_birth")),
        ({"id_number": 2.3122219900101e17}, ("id_number", "id_as_number")),
        ({"id_number": "2.31222E+17"}, ("id_number", "id_as_number")),
        ({"household_id": NUMBER}, ("household_id", "bad_household_id")),
        ({"household_id": f"H{NUMBER}"}, ("household_id", "id_in_text")),
        ({"region_code": "兰西"}, ("region_code", "code_region")),
        ({"occurred_at": "2026-02-30"}, ("occurred_at", "time")),
        ({"occurred_at": 46000}, ("occurred_at", "date_serial")),
        ({"occurred_at": "４６０９５.375"}, ("occurred_at", "date_serial")),
        ({"occurred_at": 4609}, ("occurred_at", "time")),
        ({"occurred_at": "三月十四日"}, ("occurred_at", "time")),
        ({"discharged_on": 46095.0}, ("discharged_on", "date_serial")),
        ({"discharged_on": [46095]}, ("discharged_on", "date")),
        ({"occurred_at": "2026-04-05"}, ("occurred_at", "in_future")),
        ({"occurred_at": "2024-04-05"}, ("occurred_at", "too_old")),
        ({"occurred_at": "0001-01-01"}, ("occurred_at", "bad_time")),
        ({"discharged_on": "2026-13-01"}, ("discharged_on", "date")),
        ({"discharged_on": "1850-01-01"}, ("discharged_on", "bad_date")),
        ({"visit_type": "住院"}, ("visit_type", "word")),
        ({"revision": "-1"}, ("revision", "integer")),
        ({"revision": 1.5}, ("revision", "integer")),
        ({"retracted": "maybe"}, ("retracted", "truth")),
        ({"self_payy": "3"}, ("self_payy", "unknown_column")),
        ({NUMBER: "3"}, ("?", "unknown_column")),
        ({"self_pay": None}, ("self_pay", "missing")),
        ({"total_fee": "10000000001"}, ("total_fee", "amount")),
    ],
)
def test_a_bad_cell_names_its_column_and_the_reason(changes: Row, expected: tuple[str, str]) -> None:
    assert fault(row={**BILL, **changes}) == expected


def test_the_words_that_a_column_takes_are_listed() -> None:
    result = read({**BILL, "visit_type": "x"})

    assert isinstance(result, RowProblem)
    assert "inpatient、severe_outpatient、chronic_outpatient" in result.reason


def test_columns_of_other_kinds_may_stand_empty() -> None:
    assert event({**BILL, "year": "", "status": None, "subsidy": "  "}) == event(BILL)


def test_an_identity_number_of_fifteen_digits_survives_a_spreadsheet() -> None:
    assert event({**BILL, "id_number": 231222900101001.0}) == event({**BILL, "id_number": NUMBER})


cells = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20), st.dates(), st.datetimes(),
    st.lists(st.integers(), max_size=2),
)  # fmt: skip
words = st.sampled_from(["是", "2026-03-14", "C", "granted", "3", "12.50", NUMBER, "H1", "primary", "2026", "true"])


@settings(max_examples=800, deadline=None)
@given(st.sampled_from(sorted(all_kinds())), st.data())
def test_no_row_raises_and_what_is_accepted_can_be_sent(kind: tuple[str, str], data: st.DataObject) -> None:
    columns = ["event_id", "id_number", "household_id", "occurred_at", "revision", "retracted", "region_code", "extra"]
    columns += [field.column for field in all_kinds()[kind].fields]
    row: Row = {
        column: data.draw(st.one_of(words, cells), label=column) for column in columns if data.draw(st.booleans())
    }

    result = event_of({**row, "kind": kind[1]}, 1, INTAKES[kind[0]])

    if isinstance(result, RowProblem):
        assert NUMBER not in json.dumps(result, ensure_ascii=False)
    else:
        assert decode(encode(kind[0], result)) == (kind[0], result)
        assert problem_of(result, kind[0]) is None
        assert NUMBER not in str(result)
