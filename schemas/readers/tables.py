"""CSV with headings; comma, or what the headings are parted by."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from schemas.cells import Row
from schemas.faults import FieldError, FileError
from schemas.readers.encoding import encoding_of
from schemas.readers.headings import Needed, headings_of, row_of
from schemas.readers.lines import Lines

_SEPARATORS = ",;\t"


def reader(path: Path, needed: Needed) -> Callable[[], Iterator[tuple[int, Row | FieldError]]]:
    """How to read the file, after every line of it has been seen.

    Raises:
        FileError: a quotation mark is open to the end, a row is over 1 MB, or the headings are not those needed.

    """
    encoding = encoding_of(path)
    lines = partial(_lines, path, encoding)
    headings: tuple[str, ...] | None = None
    place = 0
    try:
        for cells in lines():
            place += 1
            if headings is None and any(cells):
                headings = headings_of(cells, needed)
    except csv.Error as error:
        raise FileError(
            f"文件 {path.name} 第 {place + 1} 行起引号不配对或单元格过长：请检查英文双引号"
            f" / from line {place + 1} on {path.name} has an open quotation mark or a cell that is too long: check them"
        ) from error
    return partial(_rows, lines, headings or ())


def _lines(path: Path, encoding: str) -> Iterator[list[str]]:
    lines = Lines(path, encoding)
    first = next(iter(lines), "")
    lines.taken = 0
    for cells in csv.reader(lines, delimiter=max(_SEPARATORS, key=first.count), strict=True):
        lines.taken = 0
        yield cells


def _rows(
    lines: Callable[[], Iterator[list[str]]], headings: tuple[str, ...]
) -> Iterator[tuple[int, Row | FieldError]]:
    given = lines()
    for cells in given:
        if any(cells):
            break
    width = len(headings)
    for number, cells in enumerate(given, 1):
        if len(cells) == width:
            if any(cells):
                yield number, dict(zip(headings, cells, strict=True))
        elif any(cells):
            yield number, row_of(headings, cells)
