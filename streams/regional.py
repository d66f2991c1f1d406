"""Regional risk: so many households of a township with the same cause within so many days. Read from TOML; pure.

Days are those on which the causes became true. Signals name a cause, and behind it a class where the file tells a
rule's households apart from others of the same cause.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from schemas.rule_table import RuleError, Table
from streams.rule import CAUSES, Rule
from streams.wording import LEVELS

_PER = 10_000
"""A percentage of two decimals is so many of these."""


@dataclass(frozen=True, slots=True)
class RiskClass:
    """One of the classes of regional risk.

    Attributes:
        rules: whose households belong here whatever their cause.

    """

    name: str
    title: str
    causes: frozenset[str]
    rules: frozenset[str]


class Cluster(NamedTuple):
    """The latest window with enough households of one cause; days since 1970-01-01."""

    group: str
    first: int
    last: int
    households: Sequence[str]


@dataclass(frozen=True, slots=True)
class Regional:
    """When households make a regional alert.

    Attributes:
        days: length of a window; `valid_days` how long after its last day the alert stands.
        at_least: households, in a small township too; `rate` of 10 000 households of a larger one.
        causes: cause -> Chinese.
        steps: what is to be done, in order.

    """

    id: str
    version: int
    title: str
    level: str
    days: int
    valid_days: int
    at_least: int
    rate: int
    wording: str
    steps: tuple[str, ...]
    causes: Mapping[str, str]
    classes: Mapping[str, RiskClass]

    def group_of(self, rule: Rule) -> str:
        """What a rule's households are counted under: its cause, or the class that names the rule."""
        for each in self.classes.values():
            if rule.id in each.rules:
                return f"{rule.cause}/{each.name}"
        return rule.cause

    def class_of(self, group: str) -> RiskClass | None:
        """Class of what households are counted under; None where this file has none."""
        cause, _, named = group.partition("/")
        if named:
            return self.classes.get(named)
        return next((each for each in self.classes.values() if cause in each.causes), None)

    def bar(self, households: int) -> int:
        """Households with the same cause that are enough in a township of so many."""
        return max(self.at_least, -(-households * self.rate // _PER))

    def cluster(self, group: str, since: Mapping[str, int], bar: int) -> Cluster | None:
        """The latest window with at least `bar` of the households; `since` is the day of each."""
        days = sorted(since.values())
        for end in range(len(days) - 1, bar - 2, -1):
            start = bisect_left(days, days[end] - self.days + 1)
            if end - start + 1 >= bar:
                first, last = days[start], days[end]
                return Cluster(group, first, last, sorted(home for home, day in since.items() if first <= day <= last))
        return None


def regional_of(file: str, values: object) -> Regional:
    """Read the file. It may name rules that a set does not have.

    Raises:
        RuleError: the first mistake, with file, key and the allowed words.

    """
    table = Table(file, {file: values}).table(file)
    table.text("basis")
    said = table.table("causes")
    causes = {cause: said.text(cause) for cause in CAUSES}
    classes = [_class_of(item) for item in table.tables("classes")]
    named = [cause for each in classes for cause in each.causes]
    if sorted(named) != sorted(CAUSES):
        raise table.mistake("classes", "name each cause once", CAUSES)
    found = Regional(
        id=table.text("id"),
        version=table.number("version"),
        title=table.text("title"),
        level=table.word("level", LEVELS),
        days=table.number("window_days"),
        valid_days=table.number("valid_days"),
        at_least=table.number("at_least"),
        rate=table.fen("percent"),
        wording=table.text("wording"),
        steps=table.texts("steps"),
        causes=causes,
        classes={each.name: each for each in classes},
    )
    for each in (said, table):
        each.close()
    try:
        found.wording.format(period="", count=0, cause="", line=0)
    except (KeyError, ValueError, IndexError) as error:
        raise RuleError(f"{file}: wording: cannot be filled in: {error}") from error
    return found


def _class_of(table: Table) -> RiskClass:
    rules = table.texts("rules") if table.has("rules") else ()
    found = RiskClass(
        table.text("name"), table.text("title"), frozenset(table.words("causes", CAUSES)), frozenset(rules)
    )
    table.close()
    return found
