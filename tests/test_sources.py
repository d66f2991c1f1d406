"""Every kind of every department comes in by file, under English and Chinese headings, and becomes a fact."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
import xlsxwriter

from producers.publish import Run, event_messages
from schemas.cells import Cell, Row
from schemas.codec import decode
from schemas.event_columns import ENVELOPE, event_columns, titles_by_column, titles_of
from schemas.fact import fact_of, pack_routed, unpack_routed, value_of
from schemas.faults import RowProblem
from schemas.kinds import Kind
from schemas.partition import partition_of
from schemas.readers import open_source
from tests.builders import routed
from tests.clerks import CODES, KINDS, PUBLISHED, body_of, read, row_of
from tests.rows import KEY


def rows_of(department: str) -> list[Row]:
    return [row_of(kind) for kind in KINDS if kind.department.code == department]


def headings_of(department: str, *, chinese: bool) -> dict[str, str]:
    """Column -> heading."""
    columns = dict.fromkeys(column for row in rows_of(department) for column in row)
    titles = titles_by_column(department)
    return {column: titles[column] if chinese else column for column in columns}


def write(path: Path, department: str, *, chinese: bool) -> Path:
    rows, headings = rows_of(department), headings_of(department, chinese=chinese)
    table: list[list[Cell]] = [[*headings.values()], *([row.get(column, "") for column in headings] for row in rows)]
    if path.suffix == ".jsonl":
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    elif path.suffix == ".csv":
        with path.open("w", encoding="gb18030", newline="") as file:
            csv.writer(file).writerows(table)
    else:
        with xlsxwriter.Workbook(path) as book:
            sheet = book.add_worksheet()
            for place, line in enumerate(table):
                sheet.write_row(place, 0, line)
    return path


@pytest.mark.parametrize("department", CODES)
@pytest.mark.parametrize(("suffix", "chinese"), [(".jsonl", False), (".csv", False), (".csv", True), (".xlsx", True)])
def test_a_departments_file_becomes_its_events(tmp_path: Path, department: str, suffix: str, chinese: bool) -> None:
    path = write(tmp_path / f"file{suffix}", department, chinese=chinese)
    to_messages = event_messages(Run(department, PUBLISHED, "0" * 64), KEY)

    found = [to_messages(row, number) for number, row in open_source(path, event_columns(department)).rows() if row]  # type: ignore[arg-type]  # a fault would not become a message

    kinds = [kind for kind in KINDS if kind.department.code == department]
    assert len(found) == len(kinds)
    for kind, messages in zip(kinds, found, strict=True):
        assert not isinstance(messages, RowProblem), messages
        ((topic, partition, key, value),) = messages
        event = decode(value)[1]
        assert (topic, partition) == (f"events.{department}", partition_of(key))
        assert event["body"] == body_of(kind)
        assert event["data_class"] == ("sensitive" if kind.sensitive else "ordinary")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.code)
def test_a_fact_carries_figures_words_and_codes_and_survives_packing(kind: Kind) -> None:
    fact = fact_of(read(kind), PUBLISHED)

    assert unpack_routed(pack_routed(routed(fact))).fact == fact
    for field in kind.fields:
        said = value_of(fact, kind, field.name)
        assert isinstance(said, {"set": tuple, "boolean": bool, "int": int, "long": int}.get(field.type, str))


def test_no_field_of_any_kind_takes_free_text() -> None:
    texts = {f"{kind.code}.{f.name}" for kind in KINDS for f in kind.fields if f.type in {"string", "set"}}
    closed = {
        f"{kind.code}.{f.name}"
        for kind in KINDS
        for f in kind.fields
        if f.symbols or f.unit in {"code", "household", "reporter", "village", "region"}
    }

    assert texts <= closed


def test_no_department_calls_two_columns_by_one_heading() -> None:
    own = {title for titles in ENVELOPE.values() for title in titles}
    for code in CODES:
        kinds = [kind for kind in KINDS if kind.department.code == code]
        titles = {(f.title, f.column) for kind in kinds for f in kind.fields}
        assert len({title for title, _ in titles}) == len(titles) == len({column for _, column in titles}), code
        assert own.isdisjoint(title for title, _ in titles)
        assert titles_of(kinds).items() >= titles
