"""What is said of every mistake in a rule file, in the measures, in an example, in a published set."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from streams.rule_examples import examples_of
from streams.rule_set import MEASURES_FILE, RULES_FOLDER, RuleSet, shipped
from streams.rule_table import RuleError
from tests.test_rule_files import copied

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
        ["condition.parts", "'R99'", "R04, R04-lite, R06, R08, R10"],
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
    ("R08", '"R14"]', '"R08"]', ["condition.parts", "'R08'", "R04, R06, R10, R11, R12, R13, R14"]),
    ("R08", '"R14"]', '"R04-lite"]', ["condition.parts", "'R04-lite'"]),
    ("R08", '"R14"]', '"C1"]', ["condition.parts", "'C1'"]),
    ("R08", "within_days = 90\n", "", ["condition.within_days", "is missing"]),
    ("R08", "parts = [", "others = [", ["condition.parts", "is missing"]),
    ("R14", 'after = "due_on"', 'after = "due"', ["condition.late.after", "'due'", "allowed: due_on"]),
    ("R14", "days = 30", "days = -1", ["condition.late.days", "0 or more"]),
    ("R14", "days = 30", "days = 30, feed = 1", ["condition.late.feed", "is not a key here"]),
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


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("2023-05-01 housing.inspection grad=C", "does not know 'grad'"),
        ("2023-05-01 housing.inspection grade=E", "grade does not know 'E'; allowed: A, B, C, D"),
        ("2023-05-01 housing.visit grade=C", "does not know 'housing.visit'"),
        ("2023-05-01", "does not know ''"),
        ("1. Mai housing.inspection", "does not know 'Mai'"),
        ("2023-13-01 housing.inspection", "2023-13-01"),
        ("2023-05-01 education.fee due=x", "could not convert"),
    ],
)
def test_a_mistake_in_an_example_quotes_its_line(line: str, said: str) -> None:
    rule = shipped().rules["R13"]
    values = {"examples": [{"title": "t", "facts": [line], "expect": "red"}]}

    with pytest.raises(RuleError) as caught:
        examples_of("R13.toml", values, rule)

    assert str(caught.value).startswith("R13.toml: examples[0].facts: ")
    assert said in str(caught.value)


def test_a_day_in_an_example_is_a_date() -> None:
    example = {"title": "t", "facts": [], "expect": "none", "tick": "soon"}

    with pytest.raises(RuleError, match=r"R14\.toml: examples\[0\]\.tick: 'soon' is no date"):
        examples_of("R14.toml", {"examples": [example]}, shipped().rules["R14"])


def test_an_example_must_expect_a_word_that_exists() -> None:
    values = {"examples": [{"title": "t", "facts": [], "expect": "rot"}]}

    with pytest.raises(RuleError, match="allowed: none, orange, red, watch, yellow"):
        examples_of("R13.toml", values, shipped().rules["R13"])
    with pytest.raises(RuleError, match="allowed: holds, none"):
        examples_of("R12.toml", values, shipped().rules["R12-lite"])
