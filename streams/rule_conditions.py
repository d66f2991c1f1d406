"""Reads the `[condition]` of a rule file: one function for each type that a rule may ask."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from schemas.beijing import DAY_MS
from schemas.kinds import Kind
from schemas.rule_table import Table
from streams.combinations import Near, Part, Parts
from streams.conditions import Base, Costs, Count, Fall, Late, Level, Standing, Sum
from streams.lacking import Lacking
from streams.rule_words import (
    cost_in,
    field_of,
    groups_in,
    kind_in,
    late_in,
    money_in,
    newest_in,
    stands_in,
    tags_in,
    thresholds_in,
    where_in,
    yearly_in,
)
from streams.thresholds import Thresholds
from streams.where import Group, Where
from streams.wording import LEVELS

NEAR, LACKING, PARTS = "near", "lacking", "parts"
_WHOLE_FALL = 100


class Grade(Protocol):
    """What is read of a level of another rule."""

    @property
    def level(self) -> str:
        """One of LEVELS."""


class Known(Protocol):
    """What is read of another rule."""

    @property
    def id(self) -> str:
        """Its id."""

    @property
    def condition(self) -> object:
        """What it asks."""

    @property
    def grades(self) -> tuple[Grade, ...]:
        """Highest first."""

    @property
    def cause(self) -> str:
        """Empty for a part of combinations."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a condition is read from.

    Attributes:
        table: the whole file; `condition` its table of that name; `levels` highest first.
        part: the rule is only for combinations.
        area: it is judged over a village or township.
        others: the rules that it reads, in its order.

    """

    table: Table
    condition: Table
    levels: tuple[Table, ...]
    part: bool
    area: bool
    others: tuple[Known, ...]

    def numbers(self, key: str) -> tuple[int, ...]:
        """Number of each level; 1 where it is left out."""
        return tuple(level.number(key) if level.has(key) else 1 for level in self.levels)

    def window(self) -> int:
        """Length in ms."""
        return self.table.number("window_days") * DAY_MS

    def one_level(self) -> None:
        """Refuse a second level."""
        if len(self.levels) > 1:
            raise self.table.mistake("levels", "is one level for this type of condition")


def _counting(asked: Asked) -> tuple[Kind, Where, int | None]:
    kind = kind_in(asked.condition, standing=False, area=asked.area)
    return kind, where_in(asked.condition, kind), None if asked.part else asked.window()


def _sum(asked: Asked) -> Sum:
    kind, where, window = _counting(asked)
    place = money_in(asked.condition, kind)
    groups = groups_in(asked.table)
    thresholds = thresholds_in(asked.table, groups)
    factors = asked.numbers("factor")
    return Sum(kind.number, place, where, window, factors, thresholds, groups, thresholds.lowest * min(factors))


def _count(asked: Asked) -> Count:
    kind, where, window = _counting(asked)
    grades = tuple(where_in(level, kind) for level in asked.levels)
    until = field_of(asked.condition, "until", kind, {"day", "ms"}) if asked.condition.has("until") else None
    return Count(
        kind.number,
        where,
        window,
        asked.numbers("at_least"),
        grades if any(grades) else (),
        None if until is None else kind.index(until.name),
        until is not None and until.unit == "ms",
    )


def _standing(asked: Asked) -> Standing:
    condition = asked.condition
    kind = kind_in(condition, standing=True, area=asked.area)
    common = late_in(condition, kind)
    lates: tuple[Late | None, ...] = tuple(late_in(level, kind) or common for level in asked.levels)
    return Standing(
        kind.number,
        where_in(condition, kind),
        tuple(where_in(level, kind) for level in asked.levels),
        tags_in(condition),
        newest_in(condition, kind),
        lates if any(lates) else (),
    )


def _lines(asked: Asked, *, wanted: bool) -> tuple[Thresholds | None, tuple[Group, ...]]:
    """Thresholds and groups where a condition wants them; else they are no keys of the file."""
    groups = groups_in(asked.table) if wanted else groups_in(Table(asked.table.file, {}))
    return (thresholds_in(asked.table, groups) if wanted else None), groups


def _level(asked: Asked) -> Level:
    asked.one_level()
    condition = asked.condition
    figure, kind = yearly_in(condition)
    asks = condition.words("asks", ("under_line", "fallen"))
    if not asks:
        raise condition.mistake("asks", "is missing; it names one or both", ("under_line", "fallen"))
    thresholds, groups = _lines(asked, wanted="under_line" in asks)
    fall = None
    if "fallen" in asks:
        said = condition.table("fallen")
        percent = said.number("percent", 0)
        if percent > _WHOLE_FALL:
            raise said.mistake("percent", "is a whole number from 0 to 100")
        fall = Fall(money_in(said, kind, "from"), percent)
        said.close()
    both = len(asks) > 1 and condition.word("together", ("any", "all")) == "all"
    return Level(figure, thresholds, groups, fall, both, tags_in(condition))


def _costs(asked: Asked) -> Costs:
    asked.one_level()
    condition = asked.condition
    costs = tuple(cost_in(item) for item in condition.tables("costs"))
    if not costs or len({cost.kind for cost in costs}) < len(costs):
        raise condition.mistake("costs", "names what is added up, each kind once")
    income = condition.table("income")
    figure, _ = yearly_in(income)
    income.close()
    share = condition.number("percent") if condition.word("type", TYPES) == "share" else None
    thresholds, groups = _lines(asked, wanted=share is None)
    return Costs(costs, figure, asked.window(), share, thresholds, groups)


def _others(asked: Asked) -> tuple[Base, ...]:
    """Base rules of which one must hold."""
    others = tuple(rule.condition for rule in asked.others if isinstance(rule.condition, Base))
    if not others:
        raise asked.condition.mistake(PARTS, "is missing; it names the rules of which one must hold")
    return others


def _near(asked: Asked) -> Near:
    others = _others(asked)
    return Near(_standing(asked), others, asked.condition.number("within_days") * DAY_MS)


def _lacking(asked: Asked) -> Lacking:
    asked.one_level()
    condition = asked.condition
    others = _others(asked)
    given = stands_in(condition, "given", standing=None)
    if not given:
        raise condition.mistake("given", "is missing; it names the help of which none came")
    return Lacking(others, condition.number("days"), given, stands_in(condition, "entitled"), tags_in(condition))


def _parts(asked: Asked) -> Parts:
    condition = asked.condition
    window = None if condition.flag("own_windows") else asked.window()
    level = condition.word("level", LEVELS) if condition.has("level") else None
    parts = tuple(_part(condition, rule, level, own_window=window is None) for rule in asked.others)
    if level is not None and not any(part.grades for part in parts):
        raise condition.mistake(PARTS, f"names no rule that is ever {level}")
    distinct, bars = condition.flag("distinct"), asked.numbers("at_least")
    if max(bars) > len(parts):
        raise asked.table.mistake("levels", f"ask for more parts than the {len(parts)} there are")
    if distinct and not all(part.cause for part in parts):
        raise condition.mistake("distinct", "needs a cause of each of the parts")
    return Parts(parts, window, bars, tags_in(condition), distinct)


def _part(table: Table, rule: Known, level: str | None, *, own_window: bool) -> Part:
    if not isinstance(rule.condition, Base | Near):  # `readable` names none
        raise table.mistake(PARTS, f"names {rule.id}, which reads other rules itself")
    if own_window and isinstance(rule.condition, Sum | Count) and rule.condition.window is None:
        raise table.mistake(PARTS, f"names {rule.id}, which has no window of its own")
    grades = None
    if level is not None:
        if not rule.grades:
            raise table.mistake(PARTS, f"names {rule.id}, which has no level and is never {level}")
        grades = frozenset(place for place, grade in enumerate(rule.grades) if grade.level == level)
    return Part(rule.condition, grades, rule.cause)


Reader = Callable[[Asked], Base | Near | Lacking | Parts]
TYPES: Mapping[str, Reader] = {
    "sum": _sum,
    "count": _count,
    "standing": _standing,
    "yearly": _level,
    "share": _costs,
    "shortfall": _costs,
    NEAR: _near,
    LACKING: _lacking,
    PARTS: _parts,
}
"""Each type of condition, and what reads it."""
STRATA: Mapping[str, int] = {NEAR: 1, LACKING: 1, PARTS: 2}
"""How late a rule must be read: after those that it may read. What is not named reads facts only."""
OF_AREAS = ("sum", "count", "standing")
"""Types that may be asked of a village or township."""


def readable(type_: str, others: Mapping[str, Known]) -> list[str]:
    """Rules that a condition may read: such as come before it, and for one base rule alone such as raise something."""
    if type_ == PARTS:
        return [rule.id for rule in others.values() if isinstance(rule.condition, Base | Near)]
    return [rule.id for rule in others.values() if isinstance(rule.condition, Base) and rule.cause]
