"""What a condition asked of a single fact, test by test, and how near the fact came. Pure."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeAlias

from schemas.beijing import date_of
from schemas.fact import Fact, Value
from schemas.kinds import Field, Kind
from streams.conditions import Late, Standing
from streams.symbols import word_of
from streams.view import View
from streams.where import Among, Fallen, Figure, Where, Words

HOLDS = 1000
_Test: TypeAlias = Words | Figure | Among | Fallen
_COMPARED: Mapping[Callable[[int, int], bool], str] = {
    operator.gt: "大于",
    operator.ge: "不少于",
    operator.lt: "小于",
    operator.le: "不超过",
}
_NOT_SAID = "未填"
_NOT_YET = 900
"""Closeness of a value that fits, and whose deadline was not found over."""


class Asked(NamedTuple):
    """A test of a fact in Chinese: which field, what it says, what was asked, whether it fits."""

    field: str
    says: str
    asked: str
    fits: bool


def share(value: int, line: int) -> int:
    """So many thousandths of a line."""
    return HOLDS if line <= 0 else max(0, value) * HOLDS // line


def capped(closeness: int, *, holds: bool) -> int:
    """1000 for what holds, at most 999 for what does not."""
    return HOLDS if holds else min(closeness, HOLDS - 1)


def asked_of(condition: Standing, fact: Fact, view: View, kind: Kind) -> tuple[int, tuple[Asked, ...]]:
    """Closeness and tests of a standing value, for the level that it comes nearest to."""
    lates = condition.lates or (None,) * len(condition.grades)
    levels = [
        _of_level((*condition.where, *where), late, fact, view, kind)
        for where, late in zip(condition.grades, lates, strict=True)
    ]
    return max(levels, key=lambda level: level[0])


def _of_level(where: Where, late: Late | None, fact: Fact, view: View, kind: Kind) -> tuple[int, tuple[Asked, ...]]:
    near, asked = _tested(where, fact, kind)
    if late is None:
        return near, asked
    fits, deadline = _late(late, fact, view, kind)
    return (near if fits else min(near, _NOT_YET)), (*asked, deadline)


def _tested(where: Where, fact: Fact, kind: Kind) -> tuple[int, tuple[Asked, ...]]:
    near, asked = HOLDS, []
    for test in where:
        field = kind.fields[test.place]
        value = fact.values[test.place] if test.place < len(fact.values) else None
        fits = test.fits(fact)
        near = min(near, HOLDS if fits else _nearness(test, value))
        asked.append(Asked(field.title, _says(value, field), _wants(test, field), fits))
    return near, tuple(asked)


def _nearness(test: _Test, value: Value) -> int:
    """Of a test that failed: a figure's part of what was asked, nothing for a word."""
    if not isinstance(test, Figure) or not isinstance(value, int):
        return 0
    if test.holds in (operator.lt, operator.le):
        return min(share(test.figure, value), HOLDS - 1)
    return min(share(value, test.figure), HOLDS - 1) if test.figure > 0 else HOLDS - 1


def _says(value: Value, field: Field) -> str:
    if isinstance(value, tuple):
        return "、".join(map(word_of, value)) or _NOT_SAID
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, int):
        return number_text(value, field)
    return _NOT_SAID if value is None else word_of(value)


def number_text(value: int, field: Field) -> str:
    """A field's figure with its unit; days as dates."""
    if field.unit == "fen":
        return yuan(value)
    return date_of(value).isoformat() if field.unit == "day" else str(value)


def yuan(fen: int) -> str:
    """Money as officials write it."""
    return f"{fen // 100:,}.{fen % 100:02d}元"


def _wants(test: _Test, field: Field) -> str:
    if isinstance(test, Figure):
        return f"{_COMPARED[test.holds]}{number_text(test.figure, field)}"
    if isinstance(test, Fallen):
        return f"比上年减少{test.percent}%以上"
    words = sorted(_says(value, field) for value in test.allowed)
    return f"{'含' if isinstance(test, Among) else ''}{'或'.join(words)}"


def _late(late: Late, fact: Fact, view: View, kind: Kind) -> tuple[bool, Asked]:
    """Whether a value's deadline was found over, and what that was asked of."""
    title = "发生日期" if late.place is None else kind.fields[late.place].title
    deadline = late.deadline(fact)
    if deadline is None:
        return False, Asked(title, _NOT_SAID, f"已过{late.days}天", fits=False)
    tick = "尚无日切" if view.tick is None else f"日切到{date_of(view.tick)}"
    fed = view.positions.get(fact.department)
    feed = "该部门数据尚未报到" if fed is None else f"该部门数据报到{date_of(fed)}"
    fits = view.passed(fact, deadline)
    return fits, Asked(title, f"{tick}，{feed}", f"日切和数据均已过{date_of(deadline)}", fits)
