"""Ten departments' workbooks on a running bus: every row has its outcome, and the sources agree with the alerts."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
import xlsxwriter

from schemas.beijing import BEIJING
from schemas.cells import Row
from schemas.event_columns import titles_by_column
from schemas.kinds import all_kinds
from tests.clerks import CODES, KINDS, row_of
from tests.people import identity_number, json_lines, member
from tests.running_bus import RunningBus

pytestmark = pytest.mark.kafka

FIRST = ("health_insurance", "civil_affairs", "housing", "education")
OTHERS = [code for code in CODES if code not in FIRST]
SOMEBODY, HOUSEHOLD = identity_number(77, "19690911"), "SRC-1"


def workbook(path: Path, department: str) -> Path:
    """Every kind of a department, of our household, a month ago, under Chinese headings."""
    titles = titles_by_column(department)
    lately = f"{datetime.now(BEIJING) - timedelta(days=30):%Y-%m-%dT%H:%M}"  # an old day would be refused one day
    ours: Row = {"id_number": SOMEBODY, "household_id": HOUSEHOLD, "occurred_at": lately}
    drafts = [row_of(kind) for kind in KINDS if kind.department.code == department]
    rows = [draft | {column: cell for column, cell in ours.items() if column in draft} for draft in drafts]
    columns = list(dict.fromkeys(column for row in rows for column in row))
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, [titles[column] for column in columns])
        for place, row in enumerate(rows, 1):
            sheet.write_row(place, 0, [row.get(column, "") for column in columns])
    return path


def test_every_kind_of_the_ten_has_its_outcome_and_reconciliation_agrees(bus: RunningBus, tmp_path: Path) -> None:
    kinds = [kind for kind in all_kinds().values() if kind.department.code in OTHERS]
    bus.json("register", json_lines(tmp_path / "register.jsonl", [member(SOMEBODY, HOUSEHOLD)]))
    bus.settle()
    before = bus.json("status")["counts"]

    for code in OTHERS:
        own = sum(kind.department.code == code for kind in kinds)
        assert bus.json("publish", code, workbook(tmp_path / f"{code}.xlsx", code)) == {"accepted": own, "rejected": []}
    bus.settle()

    after = bus.json("status")["counts"]
    grown = {outcome: after[outcome] - before[outcome] for outcome in after}
    assert grown == {
        "published": len(kinds),
        "applied": len(kinds),
        "duplicate": 0,
        "parked": 0,
        "dead_lettered": 0,
    }
    assert bus.json("reconcile")["differences"] == []
