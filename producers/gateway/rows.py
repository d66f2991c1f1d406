"""A body -> its rows: JSON here, files by the same readers as `alertbus publish`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import NamedTuple

from producers.gateway.words import RefusedError
from producers.publish import REGISTER
from schemas.cells import Row
from schemas.event_columns import event_columns
from schemas.faults import FieldError, FileError
from schemas.readers import NumberedRow, Source
from schemas.readers.apart import opened_bytes
from schemas.readers.headings import REGISTER_COLUMNS
from schemas.readers.limits import Limits as ReadingLimits

_WORKBOOK = ReadingLimits(memory=1 << 29, seconds=15, rows=1 << 28)
"""Of a request, whose sender waits."""


class Body(NamedTuple):
    """What was sent, unpacked.

    Attributes:
        suffix: of a file; `.json` is one object or an array.
        sha256: hex.

    """

    content: bytes
    suffix: str
    sha256: str


@contextmanager
def rows_of(body: Body, sender: str, most: int) -> Iterator[Source]:
    """Rows of a body, counted before the first is given away.

    Args:
        body: what was sent.
        sender: department code, or `register`.
        most: rows at most.

    Raises:
        RefusedError: it cannot be read as a whole, or has too many rows.

    """
    if body.suffix == ".json":
        yield _counted(Source(body.sha256, partial(_json_rows, _loaded(body.content))), most)
        return
    needed = REGISTER_COLUMNS if sender == REGISTER else event_columns(sender)
    try:
        with opened_bytes(body.content, body.suffix, needed, _WORKBOOK) as source:
            yield _counted(source, most)
    except FileError as error:
        zh, _, en = str(error).partition(" / ")
        raise RefusedError("bad_file", detail=zh, detail_en=en) from error


def _counted(source: Source, most: int) -> Source:
    rows: list[NumberedRow] = []
    for row in source.rows():
        if len(rows) == most:
            raise RefusedError("too_many_rows", limit=f"{most}")
        rows.append(row)
    return Source(source.sha256, lambda: iter(rows))


def _loaded(content: bytes) -> list[object]:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise RefusedError("bad_json") from error
    if not isinstance(found, dict | list):
        raise RefusedError("bad_json")
    return found if isinstance(found, list) else [found]


def _json_rows(items: list[object]) -> Iterator[NumberedRow]:
    for number, item in enumerate(items, 1):
        row: Row | FieldError = item if isinstance(item, dict) else FieldError("?", "not_an_object")
        yield number, row
