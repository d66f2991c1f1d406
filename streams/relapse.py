"""A risk that comes back in the tracking year: how much graver it is taken than its rule says. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from schemas.beijing import day_of
from schemas.fact import Fact
from schemas.rule_table import Table
from streams.basis import unpacked, unseen
from streams.finding import Finding, Handled
from streams.wording import LEVELS

WATCH = LEVELS[-1]
_RELAPSE = "relapse"
Facts = Mapping[str, Fact]
"""Fact.id -> fact."""


@dataclass(frozen=True, slots=True)
class Relapse:
    """What a rule set says of a relapse.

    Attributes:
        levels_up: by how many a level goes up; what is only watched never comes back.
        wording: why, as an alert says it.

    """

    id: str
    version: int
    title: str
    basis: str
    levels_up: int
    wording: str

    def lifted(self, level: str) -> str:
        """Level of a cause that came back."""
        return LEVELS[max(0, LEVELS.index(level) - self.levels_up)]


class Level(NamedTuple):
    """Level of an alert; rule and reason where it is above that of every cause."""

    level: str
    rule: str = ""
    reason: str = ""


def relapse_of(clearing: Table) -> Relapse | None:
    """Read what is said of a relapse; None where nothing is, as in sets of earlier releases.

    Raises:
        RuleError: a mistake in it.

    """
    if not clearing.has(_RELAPSE):
        return None
    table = clearing.table(_RELAPSE)
    found = Relapse(
        table.text("id"),
        table.number("version"),
        table.text("title"),
        table.text("basis"),
        table.number("levels_up", least=0),
        table.text("wording"),
    )
    table.close()
    return found


def came_back(found: Iterable[Finding], settled: bytes, year: tuple[int, int], facts: Facts) -> set[str]:
    """Rules, but those that only watch, with a fact that no answer has dealt with and that happened in the year.

    `year`: first and last Beijing day.
    """
    (first, last), known = year, unpacked(settled)
    grave = [finding for finding in found if finding.level != WATCH]
    return {
        finding.rule
        for finding in grave
        if any(first <= day_of(facts[fact].occurred_at) <= last for fact in unseen(finding, known))
    }


def level_of(
    found: Sequence[Finding], handled: Handled, other: str, relapse: Relapse | None, facts: Callable[[], Facts]
) -> Level:
    """Level of an alert with some findings; `other` where there are none. `facts` are asked for where they matter."""
    highest = min((finding.level for finding in found), key=LEVELS.index, default=other)
    year = handled.relapse_year
    if relapse is None or year is None or not found:
        return Level(highest)
    back = came_back(found, handled.settled, year, facts())
    levels = [relapse.lifted(finding.level) if finding.rule in back else finding.level for finding in found]
    lifted = min(levels, key=LEVELS.index)
    return Level(lifted, relapse.id, relapse.wording) if lifted != highest else Level(highest)
