"""Every number in a rule file is pinned from both sides by its own examples: one more or one less, and one changes."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from schemas.kinds import Field, kinds_by_code
from schemas.rule_table import RuleError
from streams.rule import Rule
from streams.rule_examples import Example, examples_of, outcome
from streams.rule_set import RuleSet, rule_files, shipped

Values = dict[str, Any]
Path = tuple[str | int, ...]
FILES = rule_files()
CENT = 0.01
NOT_LINES = ("version", "year")
"""Numbers that nothing is measured against."""
NEVER_SEEN = {
    ("R19", ("levels", 1, "where", "level", "at_least")): "a warning of level 1 is red before it could be orange",
}


def numbers(values: object, path: Path = ()) -> Iterator[Path]:
    """Where numbers stand in a rule's values."""
    if isinstance(values, dict):
        items: list[tuple[str | int, object]] = [(k, v) for k, v in values.items() if k not in NOT_LINES]
    else:
        items = list(enumerate(values)) if isinstance(values, list) else []
    for key, value in items:
        if isinstance(value, int | float) and not isinstance(value, bool):
            yield (*path, key)
        else:
            yield from numbers(value, (*path, key))


def field_of(rule: Values, path: Path) -> Field | None:
    """Field that a figure of `where` is about."""
    if "where" not in path:
        return None
    kind, place = rule["condition"].get("kind"), rule
    for key in path[: path.index("where")]:
        place = place[key]  # type: ignore[index]  # a path leads through tables and lists
        kind = place.get("kind", kind) if isinstance(place, dict) else kind
    fields = kinds_by_code()[str(kind)].fields
    return next(field for field in fields if field.column == path[path.index("where") + 1])


def steps(rule: Values, path: Path) -> tuple[float, ...]:
    """The least by which a number may be more or less: a cent of money, otherwise one; not under a field's least."""
    field = field_of(rule, path)
    by = CENT if path[0] == "thresholds" or (field and field.unit == "fen") else 1
    value: Any = rule
    for key in path:
        value = value[key]
    return (by,) if field and field.least is not None and value <= field.least else (by, -by)


@cache
def content() -> Values:
    values: Values = json.loads(shipped().content)
    return values


def raw(rule_id: str) -> Values:
    found: Values = next(rule for rule in content()["rules"] if rule["id"] == rule_id)
    return found


def moved(rule_id: str, path: Path, by: float) -> Rule | None:
    """The rule with one number moved; None where that is no rule any more."""
    values = copy.deepcopy(content())
    place: Any = next(rule for rule in values["rules"] if rule["id"] == rule_id)
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = round(place[path[-1]] + by, 2)
    try:
        rules = RuleSet.from_content(json.dumps(values))
    except RuleError:
        return None
    return {**rules.rules, **rules.areas}[rule_id]


def comes_out(example: Example, rule: Rule) -> bool:
    level, evidence = outcome(example, rule)
    return level == example.expect and example.evidence in (None, evidence)


def cases() -> Iterator[tuple[str, Path]]:
    for values in FILES.values():
        for path in numbers(raw(str(values["id"]))):
            if (str(values["id"]), path) not in NEVER_SEEN:
                yield str(values["id"]), path


@pytest.mark.parametrize(("rule_id", "path"), list(cases()), ids=str)
def test_a_line_has_an_example_on_it_and_one_just_beside_it(rule_id: str, path: Path) -> None:
    name, values = next((name, values) for name, values in FILES.items() if values["id"] == rule_id)

    for move in steps(raw(rule_id), path):
        rule = moved(rule_id, path, move)
        if rule is not None:
            examples = examples_of(name, values, rule)
            assert not all(comes_out(example, rule) for example in examples), f"{name}: {path} {move:+}"
