"""A folder of rules is checked, and becomes a set that goes by its content."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from schemas.codec import encode
from streams.activation import published_in
from streams.rule_check import checked
from streams.rule_set import RULES_FOLDER, shipped
from streams.rules_command import rules
from tests.explanations import published

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
