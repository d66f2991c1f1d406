"""Every rule file's own examples, and what is said of every mistake in one."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest

from streams.combinations import Near, Parts
from streams.conditions import Base
from streams.lacking import Lacking
from streams.rule import Rule
from streams.rule_examples import NONE, Example, examples_of, outcome
from streams.rule_set import RULES_FOLDER, RuleSet, rule_files, shipped
from tests.builders import Home, graded

FILES = rule_files()


def rule_called(rule_id: str) -> Rule:
    """A rule, of households or of areas."""
    return {**shipped().rules, **shipped().areas}[rule_id]


def examples() -> list[tuple[str, Example]]:
    found = []
    for name, values in FILES.items():
        rule = rule_called(str(values["id"]))
        found += [(rule.id, example) for example in examples_of(name, values, rule)]
    return found


@pytest.mark.parametrize(("rule_id", "example"), examples(), ids=lambda value: getattr(value, "title", value))
def test_an_example_comes_out_as_its_file_says(rule_id: str, example: Example) -> None:
    level, evidence = outcome(example, rule_called(rule_id))

    assert level == example.expect
    assert example.evidence in (None, evidence)


@pytest.mark.parametrize("name", FILES)
def test_every_rule_has_examples_both_ways(name: str) -> None:
    rule = rule_called(str(FILES[name]["id"]))

    said = [example.expect for example in examples_of(name, FILES[name], rule)]
    assert {grade.level for grade in rule.grades} <= set(said)
    assert said.count(NONE) >= 2
    assert len(said) - said.count(NONE) >= 2


def test_every_rule_names_its_basis() -> None:
    for rule in (*shipped().rules.values(), *shipped().areas.values()):
        assert rule.basis == "assumption" or "「" in rule.basis or "：" in rule.basis


def test_every_rule_that_raises_suggests_help_but_the_one_whose_parts_do() -> None:
    raising = [rule for rule in (*shipped().rules.values(), *shipped().areas.values()) if not rule.part]

    assert [rule.id for rule in raising if not (rule.measures or rule.by_labour)] == ["C7"]


def test_a_published_set_is_all_a_worker_needs() -> None:
    again = RuleSet.from_content(shipped().content)

    assert (again.hash, again.content) == (shipped().hash, shipped().content)
    assert again.hash == hashlib.sha256(again.content.encode()).hexdigest()
    assert again.rules == shipped().rules
    assert again.measures == shipped().measures
    home = Home(rules=again).take(graded("D"))
    assert home.messages == Home().take(graded("D")).messages


def copied(tmp_path: Path) -> Path:
    return Path(shutil.copytree(RULES_FOLDER, tmp_path / "rules"))


def test_the_hash_does_not_depend_on_the_order_of_keys_or_on_examples(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    path = folder / "R13_unsafe_house.toml"
    text = path.read_text(encoding="utf-8").partition("[[examples]]")[0]
    path.write_text(text.replace('id = "R13"\nversion = 1\n', 'version = 1\nid = "R13"\n'), encoding="utf-8")

    assert RuleSet.from_toml_folder(folder).hash == shipped().hash
    path.write_text(text.replace("version = 1", "version = 2"), encoding="utf-8")
    assert RuleSet.from_toml_folder(folder).hash != shipped().hash


def test_combinations_come_after_the_rules_they_read() -> None:
    conditions = [rule.condition for rule in shipped().rules.values()]
    ranks = [2 if isinstance(each, Parts) else int(isinstance(each, Near | Lacking)) for each in conditions]

    assert set(ranks) == {0, 1, 2}
    assert ranks == sorted(ranks)


def test_every_rule_that_raises_by_its_own_facts_is_company_for_a_cut_allowance() -> None:
    base = {rule.id for rule in shipped().rules.values() if not rule.part and isinstance(rule.condition, Base)}

    assert set(shipped().rules["R08"].parts) == {rule for rule in base if rule.startswith("R")}
