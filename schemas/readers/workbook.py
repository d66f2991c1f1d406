"""XLSX: the one sheet that has the needed headings. Dates come as dates, numbers as floating point."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from schemas.cells import Cell, Row, empty
from schemas.faults import FieldError, FileError
from schemas.readers.headings import Needed, headings_of, row_of

if TYPE_CHECKING:
    from python_calamine import CalamineSheet

MAX_UNPACKED = 1 << 30
_NO_WORKBOOK = (
    "文件 {name} 不是可读的 XLSX 工作簿：请用表格软件重新另存"
    " / {name} is no readable XLSX workbook: save it again with a spreadsheet program"
)


def reader(path: Path, needed: Needed) -> Callable[[], Iterator[tuple[int, Row | FieldError]]]:
    """How to read the workbook.

    Raises:
        FileError: it is none, is over 1 GiB unpacked, or not exactly one sheet has the needed headings.

    """
    from python_calamine import CalamineError, CalamineWorkbook  # noqa: PLC0415  # heavy, and only XLSX needs it

    _refuse_bomb(path)
    try:
        book = CalamineWorkbook.from_path(str(path))
        sheets = [book.get_sheet_by_index(place) for place in range(len(book.sheet_names))]
    except CalamineError as error:
        raise FileError(_NO_WORKBOOK.format(name=path.name)) from error
    filled = [sheet for sheet in sheets if _first(sheet) is not None]
    if not filled:
        return partial(iter, ())
    fit = [sheet for sheet in filled if not needed.missing([str(cell).strip() for cell in _first(sheet) or ()])]
    if len(fit) > 1:
        raise FileError(
            f"文件 {path.name} 有 {len(fit)} 张数据表：请只保留一张，或分成几个文件提交"
            f" / {path.name} has {len(fit)} sheets of rows: keep one, or send several files"
        )
    sheet = (fit or filled)[0]
    return partial(_rows, sheet, headings_of(_first(sheet) or (), needed))


def _refuse_bomb(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except zipfile.BadZipFile as error:
        raise FileError(_NO_WORKBOOK.format(name=path.name)) from error
    if unpacked > MAX_UNPACKED:
        raise FileError(
            f"文件 {path.name} 解压后超过 1 GB：请另存为 CSV 后重新提交"
            f" / {path.name} is over 1 GB unpacked: save it as CSV"
        )


def _first(sheet: CalamineSheet) -> Sequence[Cell] | None:
    """Cells of the first line that is not empty."""
    return next((cells for cells in _lines(sheet) if not all(map(empty, cells))), None)


def _lines(sheet: CalamineSheet) -> Iterator[list[Cell]]:
    for line in sheet.iter_rows():
        yield [cell if isinstance(cell, (str, float, int, bool, date, datetime)) else None for cell in line]


def _rows(sheet: CalamineSheet, headings: tuple[str, ...]) -> Iterator[tuple[int, Row | FieldError]]:
    given = _lines(sheet)
    for cells in given:
        if not all(map(empty, cells)):
            break
    for number, cells in enumerate(given, 1):
        if not all(map(empty, cells)):
            yield number, row_of(headings, cells)
