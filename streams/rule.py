"""A rule file: what it asks, how grave it is, on what basis, what helps, how it is worded."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from string import Formatter

from schemas.rule_table import Table
from streams.combinations import Condition
from streams.register import LABOUR
from streams.rule_conditions import OF_AREAS, PARTS, STRATA, TYPES, Asked, readable
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
HOUSEHOLD = "household"
SCOPES = (HOUSEHOLD, "village", "township")
"""Of what a rule may be asked."""
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
        measures: codes of what helps every household; `by_labour` of what helps besides, by the labour of its members.
        parts: ids of the rules a combination reads.
        scope: of what it is asked: a household, or a whole village or township.

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
    scope: str = HOUSEHOLD
    by_labour: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def helping(self, labour: str | None) -> tuple[str, ...]:
        """Codes of what helps a household of some labour (None: nobody is known), what is by labour first."""
        return tuple(dict.fromkeys((*self.by_labour.get(labour or "", ()), *self.measures)))


@dataclass(frozen=True, slots=True)
class _Levels:
    """The levels of a rule, highest first; of a part one without a name."""

    grades: tuple[Grade, ...]
    tables: tuple[Table, ...]


def place_in_order(values: Mapping[str, object]) -> int:
    """How late a rule file must be read: after the rules that it may read."""
    condition = values.get("condition")
    type_ = condition.get("type") if isinstance(condition, Mapping) else None
    return STRATA.get(type_, 0) if isinstance(type_, str) else 0


def rule_of(
    file: str, values: Mapping[str, object], others: Mapping[str, Rule], measures: Mapping[str, object]
) -> Rule:
    """Read a rule, a combination after the rules it reads.

    Raises:
        RuleError: the first mistake, with file, key and the allowed words.

    """
    table = Table(file, values)
    table.has(EXAMPLES)
    part, scope = table.flag("part"), table.word("scope", SCOPES) if table.has("scope") else HOUSEHOLD
    levels = _levels(table, part=part)
    condition = table.table("condition")
    type_ = condition.word("type", OF_AREAS if scope != HOUSEHOLD else TYPES)
    parts = condition.words(PARTS, readable(type_, others)) if type_ in STRATA else ()
    asked = Asked(table, condition, levels.tables, part, scope != HOUSEHOLD, tuple(others[rule] for rule in parts))
    rule = Rule(
        id=_id(table),
        version=table.number("version"),
        title=table.text("title"),
        basis=table.text("basis"),
        part=part,
        condition=TYPES[type_](asked),
        cause="" if part else table.word("cause", CAUSES),
        grades=() if part else levels.grades,
        measures=() if part else table.words("measures", measures.keys()),
        wording="" if part else _wording(table, type_, levels),
        parts=parts,
        scope=scope,
        by_labour={} if part else _by_labour(table, measures),
    )
    for each in (*levels.tables, condition, table):
        each.close()
    return rule


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


def _by_labour(table: Table, measures: Mapping[str, object]) -> Mapping[str, tuple[str, ...]]:
    """Measures that a household is given besides, by its labour."""
    said = table.table("measures_by_labour")
    found = {labour: said.words(labour, measures.keys()) for labour in LABOUR}
    said.close()
    return {labour: codes for labour, codes in found.items() if codes}


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
