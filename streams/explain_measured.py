"""What was measured of a rule, as explanations keep it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from schemas.fact import Fact
from streams.explain_tests import Asked
from streams.rule import Rule
from streams.symbols import word_of
from streams.view import View

FEN, TIMES, DAYS, ASPECTS, PERCENT = "fen", "times", "days", "aspects", "percent"
DAY_MS = 86_400_000


class Figure(NamedTuple):
    """One thing measured.

    Attributes:
        what: Chinese.
        value: in `unit`; None where only words were asked for.
        bars: what each level asks for, the highest first.
        holds: whether the lowest of them is reached.
        below: the value must stay below the bars, not reach them; `at_most` it must not pass them.
        window: days; None without one.
        facts: on which the value rests.
        asked: what a single fact was tested for.
        group: whose line.
        part: the part of a combination that it belongs to.
        grade: the one level that it concerns; None: all that have a bar.

    """

    what: str
    value: int | None = None
    unit: str = ""
    bars: tuple[int, ...] = ()
    holds: bool = False
    below: bool = False
    at_most: bool = False
    window: int | None = None
    facts: tuple[Fact, ...] = ()
    asked: tuple[Asked, ...] = ()
    group: str = ""
    part: str = ""
    grade: int | None = None


class Measured(NamedTuple):
    """All that a rule measured; `closeness` is 0 to 1000."""

    closeness: int
    figures: tuple[Figure, ...]


class Scope(NamedTuple):
    """What a measurement is made in.

    Attributes:
        others: the rules that this one reads, in its order.
        now: instant by which lines are read where there is no fact, ms.
        window: ms, of a combination whose part this is.
        end: where that window ends, ms; None: wherever most is reached.

    """

    view: View
    others: Sequence[Rule] = ()
    now: int = 0
    window: int | None = None
    end: int | None = None


def untagged(tags: frozenset[str], view: View) -> Measured | None:
    """That the household has none of the tags that a rule asks for; None where it has, or none is asked for."""
    if not tags or not tags.isdisjoint(view.place.tags):
        return None
    return Measured(0, (Figure(f"本户不是{'、'.join(word_of(tag) for tag in sorted(tags))}"),))
