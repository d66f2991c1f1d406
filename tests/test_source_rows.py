"""What is wrong in a row of any department is answered with row, column and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from producers.commands import COMMANDS
from producers.identity import person_id
from producers.intake import event_of
from schemas.cells import Cell
from schemas.codec import decode
from schemas.event_columns import event_columns
from schemas.fact import fact_of
from schemas.faults import FileError, RowProblem
from schemas.kinds import Field, Kind, kinds_by_code
from schemas.readers import open_source
from schemas.rule_table import RuleError, Table
from streams.assign_area import take_area_event
from streams.rule_words import kind_in, where_in
from streams.subject import Source, new_subject, pack, unpack
from streams.where import fits
from tests.clerks import KINDS, NUMBER, PHONE, PUBLISHED, body_of, intake, read, refused, row_of
from tests.rows import KEY

WORDS = [(kind, field) for kind in KINDS for field in kind.fields if field.symbols]


@pytest.mark.parametrize(("kind", "field"), WORDS, ids=lambda known: getattr(known, "code", known.name))
def test_a_word_that_is_none_is_answered_with_those_there_are(kind: Kind, field: Field) -> None:
    found = refused(kind.code, **{field.column: "不知道"})

    assert found.field == field.column
    assert "、".join(field.symbols) in found.reason
    assert found.reason.endswith("请改正")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.code)
def test_an_empty_cell_is_named_unless_it_may_be_left_out(kind: Kind) -> None:
    for field in kind.fields:
        left_out = event_of({**row_of(kind), field.column: " "}, 3, intake(kind.department.code))

        if field.default is None:
            assert isinstance(left_out, RowProblem)
            assert (left_out.field, left_out.code) == (field.column, "missing")
        else:
            assert not isinstance(left_out, RowProblem)
            assert left_out["body"] == {**body_of(kind), field.name: field.default}


@pytest.mark.parametrize(
    ("code", "column", "cell", "fault"),
    [
        ("disability.cert", "grade", "0", "range"),
        ("disability.cert", "grade", "5", "range"),
        ("emergency.warning", "level", "5", "range"),
        ("emergency.warning", "valid_to", "2026-02-30", "time"),
        ("emergency.warning", "region_codes", "2312221", "codes_region"),
        ("emergency.warning", "region_codes", "；", "codes_region"),
        ("rural_revitalisation.income", "year", "26", "range"),
        ("rural_revitalisation.income", "per_capita_net", "6,699.999", "amount"),
        ("rural_revitalisation.self_report", "receipt_id", "张三的申报", "bad_code"),
        ("rural_revitalisation.self_report", "receipt_id", "SL 31", "bad_code"),
        ("rural_revitalisation.self_report", "receipt_id", "SL-13904561237", "bad_code"),
        ("rural_revitalisation.self_report", "receipt_id", f"SL/{NUMBER}", "id_in_text"),
        ("rural_revitalisation.self_report", "reporter", "张三", "reporter"),
        ("rural_revitalisation.self_report", "reporter", "12", "reporter"),
        ("rural_revitalisation.self_report", "need", "illness;money", "words"),
        ("rural_revitalisation.visit", "guarantees_ok", {"water": "yes"}, "words"),
        ("rural_revitalisation.household_change", "to_household", NUMBER, "bad_household_id"),
        ("water.outage", "village_codes", "231222101", "codes_12"),
        ("water.outage", "facility_id", "兰西水厂", "bad_code"),
        ("water.quality", "pass", "合格", "truth"),
        ("water.quality", "region_code", "12", "code_region"),
        ("health.epidemic_impact", "region_code", "", "no_area"),
        ("health.epidemic_impact", "affected_households", "-1", "integer"),
        ("transport.access", "id_number", NUMBER, "area_subject"),
        ("transport.access", "household_id", "H1", "area_subject"),
        ("agriculture.loss", "head", "1.5", "integer"),
        ("finance.microloan", "principal", "-1", "amount"),
    ],
)
def test_a_bad_cell_names_row_column_and_what_to_do(code: str, column: str, cell: Cell, fault: str) -> None:
    found = refused(code, **{column: cell})

    assert (found.field, found.code) == (column, fault)
    assert "请" in found.reason
    assert NUMBER not in found.reason


@pytest.mark.parametrize("cell", ["{0}；{1}", "{0}、{1} {1}", ["231222101004", 231222101003]])
def test_villages_are_parted_by_what_clerks_use_and_stand_once_in_order(cell: Cell) -> None:
    villages = cell.format("231222101004", "231222101003") if isinstance(cell, str) else cell
    found = read(kinds_by_code()["water.outage"], village_codes=villages, region_code=None)

    body = found["body"]
    assert isinstance(body, dict)
    assert body["village_codes"] == ["231222101003", "231222101004"]
    assert (found["region_code"], found["person_id"], found["household_id"]) == ("231222101003", None, None)


def test_a_retracted_event_of_an_area_is_found_by_its_region_or_its_villages() -> None:
    kind = kinds_by_code()["transport.access"]
    by_region = read(kind, retracted="是", village_codes=None, road_id=None)
    by_villages = read(kind, retracted="是", region_code=None)

    assert by_region["body"] is by_villages["body"] is None
    assert by_region["region_code"] == by_villages["region_code"] == "231222101003"
    assert refused("transport.access", retracted="是", village_codes=None, region_code=None).code == "no_area"


@pytest.mark.parametrize(
    "cell", ["education;water", ["water", "education"], {"education": True, "water": True, "housing": False}]
)
def test_guarantees_found_in_order_are_a_list_or_an_object(cell: Cell) -> None:
    body = read(kinds_by_code()["rural_revitalisation.visit"], guarantees_ok=cell)["body"]

    assert isinstance(body, dict)
    assert body["guarantees_ok"] == ["education", "water"]


@pytest.mark.parametrize("cell", ["none", "无", []])
def test_that_no_guarantee_was_found_in_order_can_be_said(cell: Cell) -> None:
    body = read(kinds_by_code()["rural_revitalisation.visit"], guarantees_ok=cell)["body"]

    assert isinstance(body, dict)
    assert body["guarantees_ok"] == []


def reporter_of(cell: Cell) -> str:
    event = read(kinds_by_code()["rural_revitalisation.self_report"], reporter=cell)
    assert NUMBER not in str(event)
    assert "13904561237" not in str(event)
    body = event["body"]
    assert isinstance(body, dict)
    return str(body["reporter_id"])


def test_who_reports_is_known_by_a_hash_alone() -> None:
    assert reporter_of(NUMBER) == person_id(KEY, NUMBER)
    written: list[Cell] = ["13904561237", PHONE, "+86-139-0456-1237", "１３９０４５６１２３７", 13904561237.0]
    by_phone = {reporter_of(cell) for cell in written}
    assert len(by_phone) == 1
    assert by_phone.pop().startswith("t_")
    assert reporter_of("0455-1234567") != reporter_of("0455-1234568")
    assert reporter_of("") == ""


def test_a_table_of_areas_needs_no_column_of_people_and_one_of_people_none_of_areas(tmp_path: Path) -> None:
    def lacking(department: str, headings: str) -> str:
        path = tmp_path / "a.csv"
        path.write_text(f"event_id,kind,occurred_at{headings}\nx,y,z{',1' * headings.count(',')}\n", encoding="utf-8")
        try:
            open_source(path, event_columns(department))
        except FileError as error:
            return str(error)
        return ""

    assert "region_code 或 village_codes" in lacking("water", ",facility_id")
    assert "id_number 或 household_id" in lacking("housing", ",region_code")
    assert lacking("water", ",村代码") == ""
    assert lacking("emergency", ",region_codes") == lacking("emergency", ",户号") == ""


def test_an_event_of_villages_is_kept_by_assign_and_sent_to_the_places_that_it_names() -> None:
    for kind in (kind for kind in KINDS if kind.area):
        subject, event = new_subject(), read(kind)

        effect = take_area_event(subject, event, Source(f"events.{kind.department.code}", 0, 5, PUBLISHED))

        assert effect.outcome == "applied"
        assert event["region_code"] in {decode(message)[1]["place"] for _, message in effect.sends}
        assert unpack(pack(subject)) == subject


def test_a_rule_asks_whether_a_word_is_among_several_and_never_for_codes_or_villages() -> None:
    kind = kinds_by_code()["rural_revitalisation.self_report"]
    fact = fact_of(read(kind, need="illness;house"), PUBLISHED)

    assert fits(fact, where_in(Table("r", {"where": {"need": ["house", "job"]}}), kind))
    assert not fits(fact, where_in(Table("r", {"where": {"need": ["job"]}}), kind))
    with pytest.raises(RuleError, match="code"):
        where_in(Table("r", {"where": {"receipt_id": ["SL"]}}), kind)
    with pytest.raises(RuleError, match=r"does not know 'water\.outage'"):
        kind_in(Table("r", {"kind": "water.outage"}), standing=False)


def test_the_clerk_reads_the_heading_beside_the_column_and_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "sources.csv"
    path.write_text(
        "事件编号,业务类型,身份证号,发生时间,病种组\nW-1,major_disease,1,2026-03-14,肿瘤\n", encoding="utf-8"
    )

    shown = CliRunner().invoke(COMMANDS[0], ["health", str(path), "--check"])

    assert shown.exit_code == 1
    assert shown.output.splitlines() == [
        "可以接收 0 行，退回 1 行",
        "第 1 行 id_number（身份证号）：身份证号应为 18 位（旧号 15 位）：请核对后重新填写",
    ]


@pytest.mark.parametrize(("code", "column"), [("disability.cert", "grade"), ("emergency.warning", "level")])
@pytest.mark.parametrize("edge", ["1", 4.0])
def test_the_edges_of_a_range_are_inside(code: str, column: str, edge: Cell) -> None:
    body = read(kinds_by_code()[code], **{column: edge})["body"]

    assert isinstance(body, dict)
    assert body[column] == (1 if edge == "1" else 4)
