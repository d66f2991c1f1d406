"""What helps against what, and which standing values show that help is given already."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from schemas.rule_table import Table
from streams.rule_words import stands_in
from streams.view import View
from streams.where import Stands


@dataclass(frozen=True, slots=True)
class Measure:
    """A kind of help.

    Attributes:
        given: standing values of which any shows that a household has it.
        last_resort: only where no other help is enough.

    """

    code: str
    title: str
    given: tuple[Stands, ...]
    last_resort: bool = False


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
        measures[code] = Measure(code, table.text("title"), given, table.flag("last_resort"))
        table.close()
    return measures


def missing(codes: Iterable[str], measures: Mapping[str, Measure], view: View) -> list[str]:
    """Codes whose help no standing value shows as given, sorted."""
    return [code for code in sorted(set(codes)) if not any(given.holds(view) for given in measures[code].given)]
