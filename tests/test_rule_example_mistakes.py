"""What is said of every mistake in an example of a rule file."""

from __future__ import annotations

import pytest

from schemas.rule_table import RuleError
from streams.rule_examples import examples_of
from streams.rule_set import shipped


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
