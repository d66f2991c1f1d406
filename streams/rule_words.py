"""The words a rule may use for a household's facts: kinds, fields, tests, groups. Amounts are yuan there, fen here."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from schemas.beijing import day_number, start_of
from schemas.fact import Value
from schemas.kinds import Field, Kind, kinds_by_code
from schemas.rule_table import Table
from streams.conditions import Cost, Late, Yearly
from streams.thresholds import ANYWHERE, Line, Thresholds
from streams.where import COMPARISONS, Among, Figure, Group, Stands, Where, Words

TAGS = ("lifted", "monitored", "relocated")
EVERYBODY = Group("line", "")
HAPPENED = "occurred_at"
"""Word for the day on which a fact itself happened."""


def kind_in(table: Table, *, standing: bool | None = None, area: bool = False) -> Kind:
    """Kind named by `kind`, one of those whose newest value stands, or of those counted in windows; None: either.

    What concerns whole villages (`area`) reaches no household, and the other way round.
    """
    kinds = [kind for kind in kinds_by_code().values() if kind.area is area and standing in (None, kind.standing)]
    return kinds_by_code()[table.word("kind", [kind.code for kind in kinds])]


def where_in(table: Table, kind: Kind, key: str = "where") -> Where:
    """Tests of a kind's fields; none where the key is left out."""
    fields = {field.column: field for field in kind.fields}
    where = table.table(key)
    tests: list[Words | Figure | Among] = []
    for column in where.values:
        where.word_key(column, fields)
        field = fields[column]
        place = kind.index(field.name)
        tests += _figures(where, field, place) if field.type in {"long", "int"} else [_words(where, field, place)]
    return tuple(tests)


def _figures(where: Table, field: Field, place: int) -> list[Figure]:
    asked = where.table(field.column)
    if field.unit in {"day", "ms"} or not asked.values:
        raise where.mistake(field.column, "is a figure: { over = 0 }; days cannot be asked for", COMPARISONS)
    tests: list[Figure] = []
    for comparison in asked.values:
        asked.word_key(comparison, COMPARISONS)
        figure = asked.fen(comparison) if field.unit == "fen" else asked.number(comparison, 0)
        tests.append(Figure(place, COMPARISONS[comparison], figure))
    return tests


def _words(where: Table, field: Field, place: int) -> Words | Among:
    if field.type == "boolean":
        return Words(place, frozenset[Value]({where.flag(field.column)}))
    if not field.symbols:
        raise where.mistake(field.column, "holds a code, which cannot be asked for")
    words = where.words(field.column, field.symbols)
    if not words:
        raise where.mistake(field.column, "names no word", field.symbols)
    return Among(place, frozenset(words)) if field.type == "set" else Words(place, frozenset[Value](words))


def tags_in(table: Table) -> frozenset[str]:
    """Tags of which a household must have one; none where the key is left out."""
    return frozenset(table.words("tags", TAGS))


def newest_in(table: Table, kind: Kind) -> int | None:
    """Place of the figure named by `newest`, which is what tells a subject's standing values apart."""
    if not table.has("newest"):
        return None
    keys = [field.column for field in kind.fields if field.name == kind.own_key and field.type == "int"]
    return kind.index(table.word("newest", keys))


def late_in(table: Table, kind: Kind) -> Late | None:
    """Day by which a value was to change, and days of grace; None where the key is left out."""
    if not table.has("late"):
        return None
    late = table.table("late")
    days = {field.column: kind.index(field.name) for field in kind.fields if field.unit == "day"}
    after = late.word("after", {HAPPENED, *days})
    asked = Late(days.get(after), late.number("days", 0))
    late.close()
    return asked


def field_of(table: Table, key: str, kind: Kind, units: Collection[str]) -> Field:
    """Field of a kind named by a key, of those with one of some units."""
    fields = {field.column: field for field in kind.fields if field.unit in units}
    return fields[table.word(key, fields)]


def money_in(table: Table, kind: Kind, key: str = "field") -> int:
    """Place of the amount that a key names."""
    return kind.index(field_of(table, key, kind, {"fen"}).name)


def cost_in(table: Table) -> Cost:
    """One of the costs that are added up."""
    kind = kind_in(table, standing=False)
    cost = Cost(kind.number, money_in(table, kind), where_in(table, kind))
    table.close()
    return cost


def yearly_in(table: Table) -> tuple[Yearly, Kind]:
    """Amount that is reported year by year, and its kind."""
    kind = kind_in(table, standing=True)
    years = {field.column: field.name for field in kind.fields if field.name == kind.own_key and field.type == "int"}
    place = money_in(table, kind)
    return Yearly(kind.number, place, kind.index(years[table.word("year", years)])), kind


def stands_in(table: Table, key: str, *, standing: bool | None = True) -> tuple[Stands, ...]:
    """List of values asked for: kind and where."""
    asked = []
    for item in table.tables(key):
        kind = kind_in(item, standing=standing)
        asked.append(Stands(kind.number, where_in(item, kind)))
        item.close()
    return tuple(asked)


def groups_in(table: Table) -> tuple[Group, ...]:
    """Read the groups with lines of their own, the last for everybody else; without `groups` one for everybody."""
    groups = []
    for item in table.tables("groups"):
        groups.append(
            Group(
                item.text("name"),
                item.text("title"),
                frozenset(item.words("tags", TAGS)),
                stands_in(item, "standing"),
            )
        )
        item.close()
    if groups and [bool(g.tags or g.standing) for g in groups] != [True] * (len(groups) - 1) + [False]:
        raise table.mistake("groups", "each but the last asks for tags or standing; the last is for everybody else")
    return tuple(groups) or (EVERYBODY,)


def thresholds_in(table: Table, groups: tuple[Group, ...]) -> Thresholds:
    """Lines by region and year, one column per group."""
    regions: dict[str, list[Line]] = {}
    for item in table.tables("thresholds"):
        region = item.text("region")
        if region != ANYWHERE and not (region.isascii() and region.isdigit()):
            raise item.mistake("region", 'is the beginning of a region code, or "*" for anywhere else')
        since = start_of(day_number(date(item.number("year", 1990), 1, 1)))
        line = Line(since, {group.name: item.fen(group.name) for group in groups})
        item.close()
        if any(known.since == since for known in regions.setdefault(region, [])):
            raise item.mistake("year", "is given twice for this region")
        regions[region].append(line)
    if ANYWHERE not in regions:
        raise table.mistake("thresholds", 'has no row for region "*": every household needs a line')
    return Thresholds({region: tuple(sorted(lines, key=lambda li: li.since)) for region, lines in regions.items()})
