"""A folder of rules becomes a set that is published, and activated while the bus runs; and back again."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from schemas.codec import encode
from streams.activation import published_in
from streams.rule_check import checked
from streams.rule_set import RULES_FOLDER, shipped
from streams.rules_command import rules
from tests.explanations import by_rule, published
from tests.people import identity_number, json_lines, member
from tests.running_bus import RunningBus
from tests.test_end_to_end import alerts_of, inspection, workbook

HOUSE = "R13_unsafe_house.toml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a copy of the shipped rules."""
    copied = tmp_path / "rules"
    shutil.copytree(RULES_FOLDER, copied)
    return copied


def change(folder: Path, old: str, new: str) -> None:
    path = folder / HOUSE
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def make_grade_d_orange(folder: Path) -> None:
    """The whole path of an official: the level, every example that showed it, and the rule's version."""
    change(folder, '"red"', '"orange"')
    for wrong in checked(folder)[1]:  # a rule that reads this one has examples of it, too
        file, _, title = wrong.partition("」")[0].partition("：例子「")
        text = (folder / file).read_text(encoding="utf-8")
        begin = text.index(f'title = "{title}"')
        corrected = text[begin:].replace('expect = "red"', 'expect = "none"', 1)
        (folder / file).write_text(text[:begin] + corrected, encoding="utf-8")
    change(folder, "version = 1", "version = 2")


def test_a_folder_without_mistakes_has_the_hash_of_its_content(folder: Path) -> None:
    found, wrong = checked(folder)

    assert (found.hash, wrong) == (shipped().hash, [])


def test_an_example_that_comes_out_otherwise_is_named_with_both(folder: Path) -> None:
    change(folder, 'level = "red"\nwhere', 'level = "orange"\nwhere')
    _, wrong = checked(folder)

    assert f"{HOUSE}：例子「D级：红色」写的是红色，按规则是橙色" in wrong


def test_a_mistake_is_refused_with_file_key_and_the_allowed_words(folder: Path) -> None:
    change(folder, 'level = "red"', 'level = "rot"')
    done = CliRunner().invoke(rules, ["check", str(folder)])

    assert done.exit_code == 1
    assert all(word in done.output for word in (HOUSE, "level", "'rot'", "orange, red, watch, yellow"))


def test_a_rule_that_is_never_red_any_more_may_be_named_where_red_ones_count(folder: Path) -> None:
    make_grade_d_orange(folder)
    found, wrong = checked(folder)

    assert (wrong, found.rules["R13"].version) == ([], 2)


def test_a_published_set_goes_by_the_hash_of_what_it_holds_and_is_the_first_one() -> None:
    def message(rule_set: str, content: str, at: int = 5) -> bytes:
        return encode("rule_set", {"rule_set": rule_set, "content": content, "published_at": at})

    right = published()
    activated = encode("activation", {"rule_set": right.hash, "activated_at": 7, "activated_by": "a test"})
    messages = [message("0" * 64, right.content), message(right.hash, right.content, 6), activated]
    found = published_in([b"odd", None, message("1" * 64, '{"rules": [{"id": "R99"}], "measures": {}}'), *messages])

    assert {name: at for name, (_, at) in found.sets.items()} == {right.hash: 5}
    assert found.activations == [(right.hash, 7)]


@pytest.mark.kafka
def test_the_running_bus_follows_another_set_and_back(bus: RunningBus, tmp_path: Path, folder: Path) -> None:
    owner, home = identity_number(81, "19600606"), "RUL-1"
    bus.json("register", json_lines(tmp_path / "register.jsonl", [member(owner, home)]))
    bus.json("publish", "housing", workbook(tmp_path / "houses.xlsx", [inspection("RH-1", home, "D")]))
    bus.settle()
    [red] = alerts_of(bus, home)
    before = bus.json("explain", home)
    make_grade_d_orange(folder)
    done = bus.json("rules", "publish", folder)
    unchanged = alerts_of(bus, home)
    bus.json("rules", "activate", done["rule_set"][:12])
    bus.judged_anew()
    [orange] = alerts_of(bus, home)

    assert (red["level"], unchanged, orange["level"]) == ("red", [red], "orange")
    assert (orange["alert_id"], orange["rule_set"]) == (red["alert_id"], done["rule_set"])
    assert by_rule(before)["R13"]["level"] == "red"
    after = bus.json("explain", home)
    assert (by_rule(after)["R13"]["level"], by_rule(after)["R13"]["version"]) == ("orange", 2)
    assert [said["active"] for said in bus.json_lines("rules", "list")][-1]

    bus.json("rules", "activate", red["rule_set"])
    bus.judged_anew()
    [again] = alerts_of(bus, home)
    assert (again["level"], again["version"]) == ("red", orange["version"] + 1)
    reconciled = bus.run("reconcile", "--json")
    assert json.loads(reconciled.stdout)["differences"] == []
