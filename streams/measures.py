"""What helps against what, and which standing values show that help is given already."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from schemas.rule_table import Table
from streams.rule_words import stands_in
from streams.where import Stands


@dataclass(frozen=True, slots=True)
class Measure:
    """A kind of help.

    Attributes:
        given: standing values of which any shows that a household has it.
        last_resort: only where no other help is enough.
        waits_for: values of which the last of somebody's must not be such, before a last resort is asked.

    """

    code: str
    title: str
    given: tuple[Stands, ...]
    last_resort: bool = False
    waits_for: tuple[Stands, ...] = ()


def measures_of(file: str, values: Mapping[str, object]) -> dict[str, Measure]:
    """Read the catalogue.

    Raises:
        RuleError: a mistake in it.

    """
    catalogue = Table(file, values)
    measures = {}
    for code in values:
        table = catalogue.table(code)
        given = stands_in(table, "given")
        waits_for = stands_in(table, "waits_for", standing=None)
        measures[code] = Measure(code, table.text("title"), given, table.flag("last_resort"), waits_for)
        table.close()
    return measures
