"""What the SDK refuses before it is sent the gateway would refuse as well; what it takes can be carried as JSON."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.intake import Intake, event_of
from producers.sdk.checking import line_of
from producers.sdk.errors import Problem
from schemas.beijing import DAY_MS
from schemas.faults import RowProblem
from tests.gateways import NOW
from tests.rows import KEY, fee, numbered

COLUMNS = ("event_id", "kind", "id_number", "household_id", "occurred_at", "stage", "due", "overdue", "overdue_days")
CELLS = st.one_of(
    *(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20), st.dates()),
    st.sampled_from(["2026-03-14", "1999-01-01", "fee", "junior", "1200.50", numbered(1), "H-1", "30"]),
    st.integers(0, 400_000).map(lambda hours: datetime.fromtimestamp(hours * 3600, UTC)),
)


def refused_by_the_gateway(row: object, days: int) -> bool:
    intake = Intake("education", KEY, NOW + days * DAY_MS, "batch")
    return not isinstance(row, dict) or isinstance(event_of(row, 1, intake), RowProblem)


@given(st.dictionaries(st.sampled_from([*COLUMNS, "other"]), CELLS, max_size=3), st.integers(-3_000, 3_000))
def test_what_is_refused_here_is_refused_there_whatever_the_day(changes: dict[str, object], days: int) -> None:
    row = fee(1, **changes)
    line = line_of(row, "education")

    if isinstance(line, Problem):
        plain = {k: v.isoformat() if isinstance(v, date) else v for k, v in row.items() if v is not None}
        assert refused_by_the_gateway(plain, days)
    else:
        assert isinstance(json.loads(line), dict)


@pytest.mark.parametrize(
    ("given_value", "sent"),
    [
        (Decimal("600.50"), "600.50"),
        (Decimal("1E+3"), "1000"),
        (600.5, 600.5),
        (7, 7),
    ],
)
def test_values_of_python_go_out_as_the_gateway_reads_them(given_value: object, sent: object) -> None:
    line = line_of(fee(1, overdue=given_value), "education")

    assert isinstance(line, str)
    assert json.loads(line)["overdue"] == sent


@pytest.mark.parametrize("occurred", [date(2026, 3, 14), datetime(2026, 3, 14, 9, 30, tzinfo=UTC)])
def test_days_and_times_go_out_as_text(occurred: date) -> None:
    line = line_of(fee(1, occurred_at=occurred), "education")

    assert isinstance(line, str)
    assert json.loads(line)["occurred_at"] == occurred.isoformat()


@pytest.mark.parametrize("value", [float("nan"), float("inf"), b"1", object(), "half \ud800", {"a": 1}])
def test_what_json_cannot_carry_is_a_problem_of_its_column(value: object) -> None:
    line = line_of(fee(1, event_id=value), "education", 7)

    assert isinstance(line, Problem)
    assert (line.row, line.field, line.rule) == (7, "event_id", "text")


@pytest.mark.parametrize("row", [None, 3, "text", [], {1: 2}])
def test_what_is_no_row_is_said_to_be_none(row: object) -> None:
    line = line_of(row, "education")

    assert isinstance(line, Problem)
    assert line.rule == "not_an_object"


def test_a_day_of_birth_that_never_was_is_refused_whatever_the_clock_says() -> None:
    line = line_of(fee(1, id_number="231222199913010012"), "education")

    assert isinstance(line, Problem)
    assert line.rule == "id_birth"
