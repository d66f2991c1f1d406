"""What is said of every mistake in a rule file, in the measures, in a published set."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from schemas.rule_table import RuleError
from streams.conditions import Level
from streams.rule_set import MEASURES_FILE, RULES_FOLDER, RuleSet, shipped
from tests.test_rule_files import copied

LINES_OF_TWO = """
[[groups]]
name = "poor"
title = "低收入户"
tags = ["lifted"]

[[groups]]
name = "line"
title = "一般户"

"""
AGAIN = '[[condition.costs]]\nkind = "education.fee"\nfield = "due"\n\n[condition.income]'
MISTAKES = [
    # file, text, what stands there instead, what the message must hold
    ("R13", "cause =", "couse =", ["cause: is missing", "house", "schooling"]),
    ("R13", "version = 1", "version = 1\nnote = 2", ["note", "is not a key here", "basis", "cause", "title"]),
    ("R13", '"house"', '"hose"', ["cause", "'hose'", "house", "schooling"]),
    ("R13", '"red"', '"rot"', ["levels[1].level", "'rot'", "orange", "watch", "yellow"]),
    ("R13", '"standing"', '"stands"', ["condition.type", "'stands'", "count", "near", "parts", "standing", "sum"]),
    ("R13", '"housing.inspection"', '"housing.visit"', ["condition.kind", "'housing.visit'", "housing.inspection"]),
    ("R13", '"housing.inspection"', '"education.fee"', ["condition.kind", "'education.fee'"]),
    ("R13", 'where.grade = ["C"]', 'where.grad = ["C"]', ["levels[0].where.grad", "grade", "hazard"]),
    ("R13", 'where.grade = ["C"]', 'where.grade = ["E"]', ["levels[0].where.grade", "'E'", "A, B, C, D"]),
    ("R13", 'where.grade = ["C"]', 'where.grade = "C"', ["levels[0].where.grade", "list of words"]),
    ("R13", 'where.grade = ["C"]', 'where.grade = ["C", "C"]', ["levels[0].where.grade", "twice"]),
    ("R13", 'where.grade = ["C"]', "where.grade = []", ["levels[0].where.grade", "names no word"]),
    (
        "R13",
        'where.grade = ["C"]',
        "where.inspected_on = { over = 1 }",
        ["where.inspected_on", "days cannot"],
    ),
    ("R13", 'says = "C', 'say = "C', ["levels", "says"]),
    ("R13", 'says = "C级（局部危险）"\n', "", ["levels", "need `says` each"]),
    ("R13", '[condition]\ntype = "standing"\nkind = "housing.inspection"\n', "condition = 5\n", ["condition"]),
    ("R13", "{says}", "{band}", ["wording", "{band}", "period", "says"]),
    ("R13", "{says}", "{says", ["wording", "cannot be read"]),
    ("R13", '["M14"]', '["M99"]', ["measures", "'M99'", "M01", "M14"]),
    ("R13", 'basis = "assumption"', 'basis = " "', ["basis", "not empty"]),
    ("R13", 'basis = "assumption"\n', "", ["basis", "is missing"]),
    ("R13", "version = 1", "version = 0", ["version", "1 or more"]),
    ("R13", "version = 1", "version = true", ["version", "whole number"]),
    ("R13", 'id = "R13"', 'id = "r13"', ["id", "file's name"]),
    ("R13", 'id = "R13"\n', "", ["id", "is missing"]),
    ("R13", 'id = "R13"', 'id = "R14"', ["id", "file's name"]),
    ("R13", 'id = "R13"', 'id = "R13', ["cannot be read"]),
    ("R13", 'cause = "house"', 'cause = "house"\nlevels = 1', ["cannot be read"]),
    ("R13", 'cause = "house"', 'cause = "house"\nwindow_days = 3', ["window_days", "is not a key here"]),
    ("R10", '"education.enrolment"', '"education.enrolment"\nfield = "x"', ["condition.field", "is not a key here"]),
    ("R10", 'level = "red"', 'level = "red"\nfactor = 2', ["levels[0].factor", "is not a key here"]),
    ("R04", '"self_pay"', '"self_paid"', ["condition.field", "'self_paid'", "self_pay", "total_fee"]),
    ("R04", "window_days = 365\n", "", ["window_days", "is missing"]),
    ("R04", "window_days = 365", "window_days = 0.5", ["window_days", "whole number"]),
    ("R04", "low_income = 10_000\n", "", ["thresholds[0].low_income", "is missing"]),
    ("R04", "low_income = 10_000", "low_income = 10.001", ["thresholds[0].low_income", "two decimals"]),
    ("R04", "low_income = 10_000", "low_income = -1", ["thresholds[0].low_income", "yuan"]),
    ("R04", "other = 26_000", "others = 26_000", ["thresholds[0].other"]),
    ("R04", 'region = "*"', 'region = "22"', ["thresholds", '"*"']),
    ("R04", 'region = "*"', 'region = "2x"', ["thresholds[0].region", "region code"]),
    ("R04", "year = 2021", "year = 21", ["thresholds[0].year", "1990"]),
    ("R04", "factor = 2", "factor = 0", ["levels[1].factor", "1 or more"]),
    ("R04", 'tags = ["lifted", "monitored"]', 'tags = ["poor"]', ["groups[0].tags", "'poor'", "lifted"]),
    ("R04", 'where.action = ["granted"]', "where.action = 1", ["groups[0].standing[1].where.action"]),
    ("R04", 'title = "一般户"', 'title = "一般户"\ntags = ["lifted"]', ["groups", "last"]),
    ("R12-lite", "{ over = 0 }", "{ above = 0 }", ["condition.where.overdue.above", "at_least", "over", "under"]),
    ("R12-lite", "{ over = 0 }", "{ }", ["condition.where.overdue", "figure"]),
    ("R12-lite", "{ over = 0 }", "0", ["condition.where.overdue", "is a table"]),
    ("R12-lite", "part = true", "part = 1", ["part", "true or false"]),
    ("R12-lite", "part = true", 'part = true\ncause = "schooling"', ["cause", "is not a key here"]),
    ("R12-lite", "part = true", "part = false", ["levels", "is missing"]),
    (
        "C1",
        '"R13"]',
        '"R99"]',
        ["condition.parts", "'R99'", "R04, R04-lite, R05, R06, R07"],
    ),
    ("C1", '"R13"]', '"C1"]', ["condition.parts", "'C1'"]),
    ("C1", 'type = "parts"', 'type = "parts"\nlevel = "red"', ["condition.parts", "R04-lite", "never red"]),
    ("C1", 'type = "parts"', 'type = "parts"\nown_windows = true', ["condition.parts", "R04-lite", "no window"]),
    ("C1", 'type = "parts"', 'type = "parts"\ndistinct = true', ["condition.distinct", "needs a cause"]),
    ("C1", 'type = "parts"', 'type = "parts"\ntags = ["poor"]', ["condition.tags", "'poor'", "monitored"]),
    ("C5", 'level = "yellow"', 'level = "gelb"', ["condition.level", "'gelb'", "yellow"]),
    ("C5", "distinct = true", "distinct = 1", ["condition.distinct", "true or false"]),
    ("C7", "own_windows = true", "own_windows = 1", ["condition.own_windows", "true or false"]),
    ("C7", "own_windows = true", "", ["window_days", "is missing"]),
    ("R06", 'newest = "year"', 'newest = "status"', ["condition.newest", "'status'", "allowed: year"]),
    ("R08", '"R22",', '"R08",', ["condition.parts", "'R08'", "R04, R05, R06, R07, R09, R10, R11, R12, R13, R14"]),
    ("R08", '"R22",', '"R04-lite",', ["condition.parts", "'R04-lite'"]),
    ("R08", '"R22",', '"C1",', ["condition.parts", "'C1'"]),
    ("R08", '"R22",', '"C3",', ["condition.parts", "'C3'"]),
    ("R01", "[[thresholds]]", "[[threshold]]", ["thresholds", '"*"', "every household needs a line"]),
    ("R01", 'region = "*"', 'region = "22"', ["thresholds", '"*"']),
    ("R01", "year = 2022", "", ["thresholds[0].year", "1990"]),
    ("R01", "line = 6_700", "", ["thresholds[0].line", "is missing"]),
    ("R01", '["under_line"]', '["under"]', ["condition.asks", "'under'", "fallen, under_line"]),
    ("R01", 'asks = ["under_line"]', "", ["condition.asks", "is missing", "fallen, under_line"]),
    ("R01", 'year = "year"', 'year = "period_end"', ["condition.year", "'period_end'", "allowed: year"]),
    ("R01", '"per_capita_net"', '"source"', ["condition.field", "'source'", "per_capita_net, prev_year"]),
    ("R01", 'level = "orange"', 'level = "orange"\n[[levels]]\nlevel = "red"', ["levels", "one level"]),
    (
        "R01",
        "[measures_by_labour]",
        "[measures_by_labour]\nstrong = []",
        ["measures_by_labour.strong", "able, none, weak"],
    ),
    ("R01", 'none = ["M07", "M08"]', 'none = ["M77"]', ["measures_by_labour.none", "'M77'", "M07"]),
    ("R01", 'type = "yearly"', 'type = "yearly"\nfallen = { percent = 3 }', ["condition.fallen", "is not a key here"]),
    ("R02", 'together = "any"\n', 'together = "some"\n', ["condition.together", "'some'", "all, any"]),
    ("R02", 'together = "any"\n', "", ["condition.together", "is missing"]),
    ("R03", "percent = 30", "percent = 101", ["condition.fallen.percent", "0 to 100"]),
    ("R03", '"prev_year"', '"last_year"', ["condition.fallen.from", "'last_year'", "prev_year"]),
    ("R03", "[[levels]]", '[[thresholds]]\nregion = "*"\n\n[[levels]]', ["thresholds", "is not a key here"]),
    ("R05", "[[levels]]", '[[levels]]\nlevel = "yellow"\n\n[[levels]]', ["levels", "one level"]),
    ("R05", "percent = 40", "percent = 0", ["condition.percent", "1 or more"]),
    ("R05", "percent = 40\n", "", ["condition.percent", "is missing"]),
    ("R05", "[condition.income]", "[condition.incomes]", ["condition.income.kind", "is missing"]),
    ("R05", "[[condition.costs]]", "[[condition.cost]]", ["condition.costs", "each kind once"]),
    ("R05", "window_days = 365\n", "", ["window_days", "is missing"]),
    ("C6", '"education.fee"', '"health_insurance.settlement"', ["condition.costs[1].field", "'overdue'", "self_pay"]),
    ("C6", "[condition.income]", AGAIN, ["condition.costs", "each kind once"]),
    ("C6", 'type = "shortfall"', 'type = "shortfall"\npercent = 4', ["condition.percent", "is not a key here"]),
    ("C3", 'parts = ["R09"]', 'parts = ["C1"]', ["condition.parts", "'C1'"]),
    ("C3", 'parts = ["R09"]', 'parts = ["R08"]', ["condition.parts", "'R08'"]),
    ("C3", "days = 60\n", "", ["condition.days", "is missing"]),
    ("C3", "[[condition.given]]", "[[condition.help]]", ["condition.help", "is not a key here", "entitled, given"]),
    ("P01", "[[condition.given]]", "[[condition.help]]", ["condition.given", "is missing"]),
    ("R23", '["anti_poverty"]', '["life"]', ["condition.entitled[0].where.product", "'life'", "anti_poverty"]),
    ("R15", 'scope = "village"', 'scope = "hamlet"', ["scope", "'hamlet'", "household, township, village"]),
    ("R15", 'scope = "village"\n', "", ["condition.kind", "'water.outage'", "agriculture.loss"]),
    ("R15", '"water.outage"', '"agriculture.loss"', ["condition.kind", "'agriculture.loss'", "water.outage"]),
    ("R15", 'type = "count"', 'type = "yearly"', ["condition.type", "'yearly'", "count, standing, sum"]),
    ("R17", '"occurred_at"', '"hired_on"', ["condition.late.after", "'hired_on'", "allowed: occurred_at"]),
    ("R19", 'until = "valid_to"', 'until = "level"', ["condition.until", "'level'", "valid_from, valid_to"]),
    ("R08", "within_days = 90\n", "", ["condition.within_days", "is missing"]),
    ("R08", "parts = [", "others = [", ["condition.parts", "is missing"]),
    ("R14", 'after = "due_on"', 'after = "due"', ["condition.late.after", "'due'", "allowed: due_on, occurred_at"]),
    ("R14", "days = 30", "days = -1", ["condition.late.days", "0 or more"]),
    ("R14", "days = 30", "days = 30, feed = 1", ["condition.late.feed", "is not a key here"]),
    ("R13", '"standing"', '["standing"]', ["condition.type", "count, lacking, near"]),
    ("R13", '"standing"', '"standing"\nparts = ["R10"]', ["condition.parts", "is not a key here"]),
    ("R04", '"health_insurance.settlement"', '"rural_revitalisation.income"', ["condition.kind", "household_loss"]),
    ("R15", 'count"\nkind = "water.outage', 'standing"\nkind = "housing.inspection', ["condition.kind", "'housing."]),
    ("R05", "[condition.income]", "[condition.income]\nnote = 1", ["condition.income.note", "is not a key here"]),
    ("R03", "percent = 30", "percent = 30, note = 1", ["condition.fallen.note", "is not a key here"]),
    ("R03", "[[levels]]", LINES_OF_TWO + "[[levels]]", ["groups", "is not a key here"]),
    ("R05", "[[levels]]", LINES_OF_TWO + "[[levels]]", ["groups", "is not a key here"]),
    ("R01", "[[levels]]", LINES_OF_TWO + "[[levels]]", ["thresholds[0].poor", "is missing"]),
    ("C3", "[[levels]]", '[[levels]]\nlevel = "yellow"\n\n[[levels]]', ["levels", "one level"]),
    ("C7", 'level = "red"', 'level = "watch"', ["condition.parts", "no rule that is ever watch"]),
    ("C1", "at_least = 3", "at_least = 4", ["levels", "more parts than the 3"]),
    ("C1", "window_days = 180\n", "", ["window_days", "is missing"]),
]


@pytest.mark.parametrize(("rule_id", "right", "wrong", "said"), MISTAKES)
def test_a_mistake_names_file_key_and_the_allowed_words(
    tmp_path: Path, rule_id: str, right: str, wrong: str, said: list[str]
) -> None:
    folder = copied(tmp_path)
    path = next(folder.glob(f"{rule_id}_*.toml"))
    text = path.read_text(encoding="utf-8")
    assert right in text
    path.write_text(text.replace(right, wrong, 1), encoding="utf-8")

    with pytest.raises(RuleError) as caught:
        RuleSet.from_toml_folder(folder)

    assert str(caught.value).startswith(f"{path.name}: ")
    for words in said:
        assert words in str(caught.value)


def test_a_fall_of_everything_may_be_asked_for(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    path = folder / "R03_income_drop.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("percent = 30", "percent = 100"), encoding="utf-8")

    condition = RuleSet.from_toml_folder(folder).rules["R03"].condition

    assert isinstance(condition, Level)
    assert condition.fall is not None
    assert condition.fall.percent == 100


def test_a_level_may_be_asked_for_that_only_some_of_the_parts_ever_have(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    path = folder / "C7_red_on_monitored.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('"R13"]', '"R13", "R11"]'), encoding="utf-8")

    assert RuleSet.from_toml_folder(folder).rules["C7"].parts == ("R04", "R05", "R10", "R13", "R11")


def test_a_combination_of_combinations_is_a_mistake(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    text = (folder / "C1_medical_fee_house.toml").read_text(encoding="utf-8")
    again = text.replace('id = "C1"', 'id = "C2"').replace('"R13"]', '"C1"]')
    (folder / "C2_again.toml").write_text(again, encoding="utf-8")

    with pytest.raises(RuleError, match=r"C2_again\.toml: condition\.parts: does not know 'C1'"):
        RuleSet.from_toml_folder(folder)


def test_two_rules_of_one_id_are_a_mistake(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    shutil.copy(folder / "R13_unsafe_house.toml", folder / "R13_again.toml")

    with pytest.raises(RuleError, match="R13 is the id of another rule too"):
        RuleSet.from_toml_folder(folder)


def test_one_year_given_twice_is_a_mistake(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    path = folder / "R04-lite_medical_spending.toml"
    twice = '[[thresholds]]\nregion = "*"\nyear = 2021\nline = 1\n\n'
    text = path.read_text(encoding="utf-8").replace("[[examples]]", f"{twice}[[examples]]", 1)
    path.write_text(text, encoding="utf-8")

    with pytest.raises(RuleError, match=r"thresholds\[1\]\.year: is given twice"):
        RuleSet.from_toml_folder(folder)


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ('title = "危房改造"', 'name = "危房改造"', "M14.title: is missing"),
        ('"started", "finished"', '"startd"', "M14.given[0].where.state: does not know 'startd'; allowed: finished"),
        ("where.granted = true", 'where.granted = "yes"', "M12.given[0].where.granted: is true or false"),
        ("where.granted = true", "when.granted = true", "M12.given[0].when: is not a key here; allowed: kind, where"),
        ('"education.aid"', '"education.fee"', "M12.given[0].kind: does not know 'education.fee'"),
    ],
)
def test_a_mistake_in_the_measures_names_its_place(tmp_path: Path, right: str, wrong: str, said: str) -> None:
    text = MEASURES_FILE.read_text(encoding="utf-8")
    assert right in text
    path = tmp_path / "measures.toml"
    path.write_text(text.replace(right, wrong, 1), encoding="utf-8")

    with pytest.raises(RuleError) as caught:
        RuleSet.from_toml_folder(RULES_FOLDER, path)

    assert str(caught.value).startswith(f"measures.toml: {said}")


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"rules": []}', "null"])
def test_content_that_is_no_rule_set_is_refused(content: str) -> None:
    with pytest.raises(RuleError, match="rule set"):
        RuleSet.from_content(content)


def test_an_id_that_is_none_is_refused() -> None:
    content = shipped().content.replace('"id":"R10"', '"id":"r10"')

    with pytest.raises(RuleError, match="id: is a capital letter and a number, as R04 or R04-lite"):
        RuleSet.from_content(content)


def test_a_set_with_words_unknown_here_is_refused() -> None:
    values = json.loads(shipped().content)
    values["rules"][0]["condition"]["type"] = "ratio"

    with pytest.raises(RuleError, match="does not know 'ratio'"):
        RuleSet.from_content(json.dumps(values))
