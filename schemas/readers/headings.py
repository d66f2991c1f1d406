"""Column headings of a table: which must be there, and what each row becomes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from schemas.cells import Cell, Row, empty
from schemas.faults import FieldError, FileError

MOST_COLUMNS = 1000


@dataclass(frozen=True, slots=True)
class Needed:
    """Columns without which a table is not what it should be.

    Attributes:
        all_of: each of them.
        any_of: at least one of them.
        called: other name of a column -> the column; rows keep the name they have.
        titles: what clerks call a column -> the column, which rows have instead.

    """

    all_of: tuple[str, ...]
    any_of: tuple[str, ...]
    called: Mapping[str, str] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)

    def missing(self, headings: Sequence[str]) -> list[str]:
        """Columns that are lacking, in words."""
        named = {**self.called, **self.titles}
        there = {named.get(heading, heading) for heading in headings}
        lacking = [column for column in self.all_of if column not in there]
        if self.any_of and not set(self.any_of) & there:
            lacking.append(" 或 ".join(self.any_of))
        return lacking


REGISTER_COLUMNS = Needed(("id_number", "household_id", "valid_from"), ())


def headings_of(cells: Sequence[Cell], needed: Needed) -> tuple[str, ...]:
    """Names of a table's columns; without those at the end that are empty.

    Raises:
        FileError: a needed column is lacking, a name stands twice, or there are over 1000. Names are not repeated:
            a table without headings has people's numbers there.

    """
    names = [str(cell).strip() if not empty(cell) else "" for cell in cells]
    names = [needed.titles.get(name, name) for name in names]
    while names and not names[-1]:
        names.pop()
    lacking = needed.missing(names)
    if lacking:
        raise FileError(
            f"表头缺少列 {'、'.join(lacking)}：请在第一行写上列名后重新提交"
            f" / the heading lacks {', '.join(lacking).replace('或', 'or')}: name the columns in the first row"
        )
    if len(names) > MOST_COLUMNS:
        raise FileError(
            f"表头超过 {MOST_COLUMNS} 列：请只保留数据说明里的列"
            f" / the heading has over {MOST_COLUMNS} columns: keep those of the description"
        )
    for place, name in enumerate(names):
        if name and name in names[:place]:
            raise FileError(
                f"表头第 {place + 1} 列与前面的列重名：请改名或删去"
                f" / column {place + 1} has the name of an earlier one: rename it or leave it out"
            )
    return tuple(names)


def row_of(headings: tuple[str, ...], cells: Sequence[Cell]) -> Row | FieldError:
    """Row of a line of cells; short ones are empty at the end."""
    if len(cells) > len(headings) and not all(map(empty, cells[len(headings) :])):
        return FieldError("?", "too_many_cells")
    return dict(zip(headings, cells, strict=False))
