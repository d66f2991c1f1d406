"""JSON lines: one object per line."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from schemas.cells import Row
from schemas.faults import FieldError, FileError
from schemas.readers.encoding import encoding_of
from schemas.readers.headings import Needed
from schemas.readers.lines import Lines


def reader(path: Path, _needed: Needed) -> Callable[[], Iterator[tuple[int, Row | FieldError]]]:
    """How to read the file.

    Raises:
        FileError: no line of it is an object, though it is not empty; or a line is over 1 MB.

    """
    encoding = encoding_of(path)
    rows = partial(_rows, path, encoding)
    deque(_lines(path, encoding), maxlen=0)
    first = next(rows(), None)
    if isinstance(first and first[1], FieldError) and all(isinstance(row, FieldError) for _, row in rows()):
        raise FileError(
            f"文件 {path.name} 没有一行是 JSON 对象：请每行写一个 {{…}}，不要用数组"
            f" / no line of {path.name} is a JSON object: write one {{…}} a line, no array"
        )
    return rows


def _rows(path: Path, encoding: str) -> Iterator[tuple[int, Row | FieldError]]:
    for number, line in enumerate(_lines(path, encoding), 1):
        if not line.isspace():
            yield number, _row(line)


def _lines(path: Path, encoding: str) -> Iterator[str]:
    lines = Lines(path, encoding)
    for line in lines:
        lines.taken = 0
        yield line


def _row(line: str) -> Row | FieldError:
    try:
        loaded = json.loads(line)
    except (ValueError, RecursionError):
        return FieldError("?", "not_an_object")
    return loaded if isinstance(loaded, dict) else FieldError("?", "not_an_object")
