"""A rule file: what it asks, how grave it is, on what basis, what helps, how it is worded."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter

from schemas.beijing import DAY_MS
from streams.combinations import Combination, Condition, Near, Part, Parts
from streams.conditions import Base, Count, Standing, Sum
from streams.rule_table import Table
from streams.rule_words import groups_in, kind_in, late_in, newest_in, tags_in, thresholds_in, where_in
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
_NEAR, _PARTS = "near", "parts"
_COMBINATIONS = (_NEAR, _PARTS)
"""Types that read other rules; each reads only those before it."""
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


@dataclass(frozen=True, slots=True)
class _Levels:
    """The levels of a rule, highest first; of a part one without a name."""

    grades: tuple[Grade, ...]
    tables: tuple[Table, ...]

    def numbers(self, key: str) -> tuple[int, ...]:
        """Number of each level; 1 where it is left out."""
        return tuple(table.number(key) if table.has(key) else 1 for table in self.tables)


def place_in_order(values: Mapping[str, object]) -> int:
    """How late a rule file must be read: after the rules that it may read."""
    condition = values.get("condition")
    type_ = condition.get("type") if isinstance(condition, Mapping) else None
    return _COMBINATIONS.index(type_) + 1 if type_ in _COMBINATIONS else 0


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
    parts = condition.words("parts", _readable(type_, others)) if type_ in _COMBINATIONS else ()
    read = [others[rule] for rule in parts]
    rule = Rule(
        id=_id(table),
        version=table.number("version"),
        title=table.text("title"),
        basis=table.text("basis"),
        part=part,
        condition=_combination(table, condition, levels, read) or _base(table, condition, levels, type_, part=part),
        cause="" if part else table.word("cause", CAUSES),
        grades=() if part else levels.grades,
        measures=() if part else table.words("measures", measures.keys()),
        wording="" if part else _wording(table, type_, levels),
        parts=parts,
    )
    for each in (*levels.tables, condition, table):
        each.close()
    return rule


def _readable(type_: str, others: Mapping[str, Rule]) -> list[str]:
    """Rules that a combination may read: those before it, `near` only such as raise something."""
    if type_ == _NEAR:
        return [rule.id for rule in others.values() if not rule.part and isinstance(rule.condition, Base)]
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
    if type_ == "standing":
        return _standing(condition, levels)
    kind = kind_in(condition, standing=False)
    where = where_in(condition, kind)
    window = None if part else _window(table)
    if type_ == "count":
        return Count(kind.number, where, window, levels.numbers("at_least"))
    money = {field.column: field.name for field in kind.fields if field.unit == "fen"}
    place = kind.index(money[condition.word("field", money)])
    groups = groups_in(table)
    thresholds = thresholds_in(table, groups)
    factors = levels.numbers("factor")
    return Sum(kind.number, place, where, window, factors, thresholds, groups, thresholds.lowest * min(factors))


def _standing(condition: Table, levels: _Levels) -> Standing:
    kind = kind_in(condition, standing=True)
    return Standing(
        kind.number,
        where_in(condition, kind),
        tuple(where_in(level, kind) for level in levels.tables),
        tags_in(condition),
        newest_in(condition, kind),
        late_in(condition, kind),
    )


def _combination(table: Table, condition: Table, levels: _Levels, read: list[Rule]) -> Combination | None:
    type_ = condition.word("type", PLACEHOLDERS)
    if type_ == _NEAR:
        return _near(condition, levels, read)
    return _parts(table, condition, levels, read) if type_ == _PARTS else None


def _near(condition: Table, levels: _Levels, read: list[Rule]) -> Near:
    others = tuple(rule.condition for rule in read if isinstance(rule.condition, Base))
    if not others:
        raise condition.mistake("parts", "is missing; it names the rules of which one must hold")
    return Near(_standing(condition, levels), others, condition.number("within_days") * DAY_MS)


def _parts(table: Table, condition: Table, levels: _Levels, read: list[Rule]) -> Parts:
    window = None if condition.flag("own_windows") else _window(table)
    level = condition.word("level", LEVELS) if condition.has("level") else None
    parts = tuple(_part(condition, rule, level, own_window=window is None) for rule in read)
    distinct, bars = condition.flag("distinct"), levels.numbers("at_least")
    if max(bars) > len(parts):
        raise table.mistake("levels", f"ask for more parts than the {len(parts)} there are")
    if distinct and not all(part.cause for part in parts):
        raise condition.mistake("distinct", "needs a cause of each of the parts")
    return Parts(parts, window, bars, tags_in(condition), distinct)


def _part(table: Table, rule: Rule, level: str | None, *, own_window: bool) -> Part:
    if isinstance(rule.condition, Parts):  # `_readable` names none
        raise table.mistake(_PARTS, f"names {rule.id}, which reads other rules itself")
    if own_window and isinstance(rule.condition, Sum | Count) and rule.condition.window is None:
        raise table.mistake(_PARTS, f"names {rule.id}, which has no window of its own")
    grades = None
    if level is not None:
        grades = frozenset(place for place, grade in enumerate(rule.grades) if grade.level == level)
        if not grades:
            raise table.mistake(_PARTS, f"names {rule.id}, which is never {level}")
    return Part(rule.condition, grades, rule.cause)


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
