"""The examples at the bottom of a rule file: facts in one line each, and what the rule must say of them.

Such a line is `2023-03-01 health_insurance.settlement self_pay=6000 person=a`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from schemas.beijing import day_number, milliseconds
from schemas.departments import DEPARTMENTS
from schemas.fact import Fact, Value
from schemas.kinds import Field, kinds_by_code
from schemas.rule_table import Table
from streams.conditions import Count, Sum
from streams.household import Household, Membership, Row
from streams.rule import Rule
from streams.rule_words import TAGS
from streams.view import View
from streams.windows import Held
from streams.wording import LEVELS

NONE, HOLDS = "none", "holds"
_HOME = "example"
_EVER = 10**18
_TOWNSHIP = 9
"""Digits of a township's code."""


@dataclass(frozen=True, slots=True)
class Example:
    """An example.

    Attributes:
        expect: a level, `holds` for a part of combinations, or `none`.
        evidence: places of the facts it must rest on, from 1; None where the example does not say.
        tick: day of the last tick, which comes after the facts; None where none came.
        fed_to: day up to which every department's feed had come then.
        members: how many people live there; 0: those whom the facts name.
        region: code of the village.

    """

    title: str
    tags: tuple[str, ...]
    facts: tuple[Fact, ...]
    expect: str
    evidence: tuple[int, ...] | None
    tick: int | None = None
    fed_to: int = 0
    members: int = 0
    region: str = ""


def example_of(table: Table, rule: Rule) -> Example:
    """Read an example.

    Raises:
        RuleError: the first mistake in it.

    """
    lines = table.texts("facts")
    expect = table.word("expect", (NONE, HOLDS) if rule.part else (NONE, *LEVELS))
    evidence = tuple(int(place) for place in table.texts("evidence")) if table.has("evidence") else None
    facts = tuple(fact_in(table, line, f"{place}") for place, line in enumerate(lines, 1))
    tick = _day_in(table, "tick") if table.has("tick") else None
    fed_to = _day_in(table, "fed_to") if table.has("fed_to") else 0
    members = table.number("members") if table.has("members") else 0
    if 0 < members < len(_named(facts)):
        raise table.mistake("members", f"are fewer than the {len(_named(facts))} whom the facts name")
    region = table.text("region") if table.has("region") else ""
    tags = table.words("tags", TAGS)
    example = Example(table.text("title"), tags, facts, expect, evidence, tick, fed_to, members, region)
    table.close()
    return example


def outcome(example: Example, rule: Rule) -> tuple[str, tuple[int, ...]]:
    """What the rule says of an example's household, and on which facts that rests."""
    household = Household()
    named = _named(example.facts)
    others = [f"other {number}" for number in range(max(1, example.members) - (len(named) if example.members else 0))]
    for person in (*named, *others):
        household.settle(person, Membership(0, [_row(example)]))
    for fact in example.facts:
        household.put(fact, None)
    positions = {department.code: example.fed_to for department in DEPARTMENTS}
    held = _ask(rule, View(_HOME, household, example.tick, positions))
    if held is None:
        return NONE, ()
    level = HOLDS if rule.part else rule.grades[held.grade].level
    return level, tuple(sorted(int(fact.event_id) for fact in held.evidence))


def fact_in(table: Table, line: str, event_id: str) -> Fact:
    """Fact of a line; fields left out are zero, false or the first word.

    Raises:
        RuleError: the line cannot be read.

    """
    time, code, *pairs = line.split() + [""] * (2 - len(line.split()))
    kind = kinds_by_code().get(code)
    if kind is None:
        raise table.mistake("facts", f"{line!r}: does not know {code!r}", kinds_by_code())
    said = dict(pair.partition("=")[::2] for pair in pairs)
    person = said.pop("person", None)
    fields = {field.column: field for field in kind.fields}
    for name in said:
        if name not in fields:
            raise table.mistake("facts", f"{line!r}: does not know {name!r}", ["person", *fields])
    try:
        values = [_value(field, said.get(column)) for column, field in fields.items()]
        occurred_at = milliseconds(datetime.fromisoformat(time))
    except ValueError as error:
        raise table.mistake("facts", f"{line!r}: {error}") from error
    number = f"{kind.department.number}:{event_id}"
    return Fact(number, kind.number, 0, False, b"", person, occurred_at, occurred_at, values)


def _day_in(table: Table, key: str) -> int:
    text = table.text(key)
    try:
        return day_number(date.fromisoformat(text))
    except ValueError as error:
        raise table.mistake(key, f"{text!r} is no date, as 2023-03-01") from error


def _named(facts: Iterable[Fact]) -> set[str]:
    """People of whom facts are."""
    return {fact.person for fact in facts if fact.person}


def _row(example: Example) -> Row:
    village = example.region
    return Row(_HOME, 0, None, village[:_TOWNSHIP], village, village, list(example.tags), "able")


def _ask(rule: Rule, view: View) -> Held | None:
    """Ask a rule; a part without a window of its own is asked over all time."""
    condition = rule.condition
    if rule.part and isinstance(condition, Sum | Count):
        return condition.windows(view).best(_EVER)
    return condition.judge(view)


def _value(field: Field, said: str | None) -> Value:
    if field.type == "set":
        return tuple(_word(field, word) for word in (said or "").split(";") if word)
    if field.symbols:
        return field.symbols[0] if said is None else _word(field, said)
    if field.type == "boolean":
        return said == "true"
    if field.type in {"int", "long"}:
        return _number(field.unit, said) if said else 0
    return said or ""


def _number(unit: str, said: str) -> int:
    if unit == "ms":
        return milliseconds(datetime.fromisoformat(said))
    if unit == "day":
        return day_number(datetime.fromisoformat(said).date())
    return round(float(said) * 100) if unit == "fen" else int(said)


def _word(field: Field, said: str) -> str:
    if field.symbols and said not in field.symbols:
        message = f"{field.column} does not know {said!r}; allowed: {', '.join(field.symbols)}"
        raise ValueError(message)
    return said


def examples_of(file: str, values: Mapping[str, object], rule: Rule) -> list[Example]:
    """Read all examples of a rule file."""
    return [example_of(item, rule) for item in Table(file, values).tables("examples")]
