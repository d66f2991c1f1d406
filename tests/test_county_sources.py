"""The made-up county's other departments: an ordinary year of each, in files of their own, beside the stories."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from producers.county import SENDERS, File, make_county
from producers.county_sources import FORMATS
from producers.publish import REGISTER, Run, check_rows, event_messages
from schemas.beijing import day_number, start_of
from schemas.codec import Record, decode
from schemas.departments import BY_CODE
from schemas.event_columns import event_columns
from schemas.faults import RowProblem
from schemas.kinds import all_kinds
from schemas.readers import open_source
from tests.rows import KEY

END = date(2026, 9, 30)
PUBLISHED = start_of(day_number(END))


def files(seed: int, *, sources: bool = True, households: int = 400) -> list[File]:
    return [step for step in make_county(seed, households, END, sources=sources).steps if isinstance(step, File)]


def events(file: File, folder: Path) -> list[Record]:
    """What the on-ramp makes of a file; it refuses the rows that were spoilt, and no others."""
    path = folder / file.name
    path.write_bytes(file.content)
    to_messages = event_messages(Run(file.sender, PUBLISHED, "0" * 64), KEY)
    source = open_source(path, event_columns(file.sender))
    assert {p.row: p.field for p in check_rows(source.rows(), to_messages).rejected} == file.bad_rows, file.name
    messages = [to_messages(row, number) for number, row in source.rows() if isinstance(row, dict)]
    taken = [each for each in messages if not isinstance(each, RowProblem)]
    return [decode(message.value)[1] for each in taken for message in each]


def test_all_fourteen_send_and_each_in_a_format_of_its_own() -> None:
    assert {*SENDERS, *FORMATS} == BY_CODE.keys()
    assert {file.sender for file in files(1)} == {*BY_CODE, REGISTER}


@pytest.mark.parametrize("seed", [1, 7])
def test_what_the_others_report_changes_no_file_of_the_first_four(seed: int) -> None:
    alone = files(seed, sources=False)

    assert [file for file in files(seed) if file.sender not in FORMATS] == alone


def test_every_kind_occurs_but_reports_of_trouble_and_the_on_ramp_takes_all(tmp_path: Path) -> None:
    kinds = Counter(
        (event["department"], event["kind"])
        for file in files(7, households=2000)
        if file.sender in FORMATS
        for event in events(file, tmp_path)
    )

    expected = {code for code in all_kinds() if code[0] in FORMATS} - {("rural_revitalisation", "self_report")}
    assert kinds.keys() == expected


def test_an_ordinary_year_stays_under_every_line(tmp_path: Path) -> None:
    said: dict[str, list[Record]] = {}
    for file in files(1, households=1000):
        for event in events(file, tmp_path) if file.sender in FORMATS else []:
            said.setdefault(event["kind"], []).append(event["body"] or {})

    assert all(body["pass"] for body in said["quality"])
    assert all(body.get("est_days", 0) < 3 for body in [*said["outage"], *said["access"]])
    assert all(body.get("grade", 4) >= 3 for body in said["cert"])
    assert all(body.get("overdue_days", 0) < 30 for body in said["microloan"])
    assert all(body.get("loss_fen", 0) < 500_000 for body in said["household_loss"])
    assert all(body.get("insured") or body.get("loss_fen", 0) < 500_000 for body in said["loss"])
    assert all(body["per_capita_net_fen"] > body["prev_year_fen"] > 1_000_000 for body in said["income"])
    assert all(body["treated"] for body in said["major_disease"])
    assert all(body["level"] >= 3 for body in said["warning"])
