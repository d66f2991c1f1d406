"""A body -> its rows: JSON here, files by the same readers as `alertbus publish`."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

from producers.gateway.words import RefusedError
from producers.publish import REGISTER
from schemas.cells import Row
from schemas.event_columns import event_columns
from schemas.faults import FieldError, FileError
from schemas.readers import NumberedRow, Source, open_source
from schemas.readers.headings import REGISTER_COLUMNS

JSON = "application/json"
MULTIPART = "multipart/form-data"
SUFFIXES = {
    "application/x-ndjson": ".jsonl",
    "application/jsonl": ".jsonl",
    "text/csv": ".csv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
}
"""Content type -> suffix by which the readers know the format."""


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
def rows_of(body: Body, sender: str, most: int, folder: Path) -> Iterator[Source]:
    """Rows of a body, counted before the first is given away.

    Args:
        body: what was sent.
        sender: department code, or `register`.
        most: rows at most.
        folder: where a file may lie while it is read.

    Raises:
        RefusedError: it cannot be read as a whole, or has too many rows.

    """
    if body.suffix == ".json":
        yield _counted(Source(body.sha256, partial(_json_rows, _loaded(body.content))), most)
        return
    with tempfile.TemporaryDirectory(dir=folder) as place:
        file = Path(place) / f"body{body.suffix}"
        file.write_bytes(body.content)
        try:
            source = open_source(file, REGISTER_COLUMNS if sender == REGISTER else event_columns(sender))
            yield _counted(source, most)
        except FileError as error:
            raise RefusedError("bad_file", detail=str(error)) from error


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
