"""A rule file: what it asks, how grave it is, on what basis, what helps, how it is worded."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter

from schemas.beijing import DAY_MS
from streams.conditions import Base, Condition, Count, Parts, Standing, Sum
from streams.rule_table import Table
from streams.rule_words import groups_in, kind_in, thresholds_in, where_in
from streams.where import Where
from streams.wording import LEVELS, PLACEHOLDERS

CAUSES = (
    "illness",
    "exposure",
    "income",
    "schooling",
    "house",
    "water",
    "disaster",
    "disability",
    "production",
    "stated",
    "compound",
)
EXAMPLES = "examples"
_ID = re.compile(r"[A-Z]\d+(-[a-z]+)?")


@dataclass(frozen=True, slots=True)
class Grade:
    """One of a rule's levels; `says` words it where the rule's wording has {says}."""

    level: str
    says: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule.

    Attributes:
        part: it raises nothing itself, only feeds combinations; then cause, grades, measures and wording are empty.
        grades: highest first; the condition's grades are places here.
        measures: codes of what helps.
        parts: ids of the rules a combination reads.
        least: how many of them it needs at least; 1 for a rule that reads none.

    """

    id: str
    version: int
    title: str
    basis: str
    part: bool
    condition: Condition
    cause: str = ""
    grades: tuple[Grade, ...] = ()
    measures: tuple[str, ...] = ()
    wording: str = ""
    parts: tuple[str, ...] = ()
    least: int = 1


@dataclass(frozen=True, slots=True)
class _Levels:
    """The levels of a rule, highest first; of a part one without a name."""

    grades: tuple[Grade, ...]
    tables: tuple[Table, ...]

    def numbers(self, key: str) -> tuple[int, ...]:
        """Number of each level; 1 where it is left out."""
        return tuple(table.number(key) if table.has(key) else 1 for table in self.tables)


def is_combination(values: Mapping[str, object]) -> bool:
    """Whether a rule file reads other rules, which must be read before it."""
    condition = values.get("condition")
    return isinstance(condition, Mapping) and condition.get("type") == "parts"


def rule_of(
    file: str, values: Mapping[str, object], others: Mapping[str, Rule], measures: Mapping[str, object]
) -> Rule:
    """Read a rule, a combination after the rules it reads.

    Raises:
        RuleError: the first mistake, with file, key and the allowed words.

    """
    table = Table(file, values)
    table.has(EXAMPLES)
    part = table.flag("part")
    levels = _levels(table, part=part)
    condition = table.table("condition")
    type_ = condition.word("type", PLACEHOLDERS)
    parts = condition.words("parts", _base_ids(others)) if type_ == "parts" else ()
    together = _parts(table, levels, [others[rule] for rule in parts]) if type_ == "parts" else None
    rule = Rule(
        id=_id(table),
        version=table.number("version"),
        title=table.text("title"),
        basis=table.text("basis"),
        part=part,
        condition=together or _base(table, condition, levels, type_, part=part),
        cause="" if part else table.word("cause", CAUSES),
        grades=() if part else levels.grades,
        measures=() if part else table.words("measures", measures.keys()),
        wording="" if part else _wording(table, type_, levels),
        parts=parts,
        least=min(together.at_least) if together else 1,
    )
    for each in (*levels.tables, condition, table):
        each.close()
    return rule


def _base_ids(others: Mapping[str, Rule]) -> list[str]:
    return [rule.id for rule in others.values() if not isinstance(rule.condition, Parts)]


def _id(table: Table) -> str:
    rule_id = table.text("id")
    if not _ID.fullmatch(rule_id):
        raise table.mistake("id", "is a capital letter and a number, as R04 or R04-lite")
    return rule_id


def _levels(table: Table, *, part: bool) -> _Levels:
    if part:
        return _Levels((Grade("", ""),), (Table(table.file, {}, "levels."),))
    items = table.tables("levels")
    if not items:
        raise table.mistake("levels", "is missing; each names a level", LEVELS)
    found = [(item.word("level", LEVELS), item.text("says") if item.has("says") else "", item) for item in items]
    found.sort(key=lambda level: LEVELS.index(level[0]))
    return _Levels(tuple(Grade(level, says) for level, says, _ in found), tuple(item for _, _, item in found))


def _window(table: Table) -> int:
    return table.number("window_days") * DAY_MS


def _base(table: Table, condition: Table, levels: _Levels, type_: str, *, part: bool) -> Base:
    kind = kind_in(condition, standing=type_ == "standing")
    where = where_in(condition, kind)
    if type_ == "standing":
        grades: tuple[Where, ...] = tuple(where_in(level, kind) for level in levels.tables)
        return Standing(kind.number, where, grades)
    window = None if part else _window(table)
    if type_ == "count":
        return Count(kind.number, where, window, levels.numbers("at_least"))
    money = {field.column: field.name for field in kind.fields if field.unit == "fen"}
    place = kind.index(money[condition.word("field", money)])
    groups = groups_in(table)
    thresholds = thresholds_in(table, groups)
    factors = levels.numbers("factor")
    return Sum(kind.number, place, where, window, factors, thresholds, groups, thresholds.lowest * min(factors))


def _parts(table: Table, levels: _Levels, rules: list[Rule]) -> Parts:
    bars = levels.numbers("at_least")
    if max(bars) > len(rules):
        raise table.mistake("levels", f"ask for more parts than the {len(rules)} there are")
    conditions = [rule.condition for rule in rules]
    return Parts(
        tuple(c for c in conditions if isinstance(c, Sum | Count)),
        tuple(c for c in conditions if isinstance(c, Standing)),
        _window(table),
        bars,
    )


def _wording(table: Table, type_: str, levels: _Levels) -> str:
    wording = table.text("wording")
    try:
        names = {name for _, name, _, _ in Formatter().parse(wording) if name is not None}
    except ValueError as error:
        raise table.mistake("wording", f"cannot be read: {error}") from error
    for name in sorted(names - PLACEHOLDERS[type_]):
        raise table.mistake("wording", f"does not know {{{name}}}", PLACEHOLDERS[type_])
    if "says" in names and not all(grade.says for grade in levels.grades):
        raise table.mistake("levels", "need `says` each, because the wording has {says}")
    return wording
