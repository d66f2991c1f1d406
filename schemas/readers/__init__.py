"""Where rows come from: JSON lines, CSV (UTF-8 or GB18030), XLSX.

A file is looked through once before its first row is given away: what cannot be read as a whole sends nothing.
Rows are streamed, so a month's file of a province need not fit into memory (a workbook must: see `apart`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from schemas.cells import Row
from schemas.faults import FieldError, FileError
from schemas.readers import json_lines, tables, workbook
from schemas.readers.headings import Needed

NumberedRow = tuple[int, Row | FieldError]
Reader = Callable[[Path, Needed], Callable[[], Iterator[NumberedRow]]]

WORKBOOK = ".xlsx"
READERS: dict[str, Reader] = {
    ".jsonl": json_lines.reader,
    ".ndjson": json_lines.reader,
    ".json": json_lines.reader,
    ".csv": tables.reader,
    WORKBOOK: workbook.reader,
}


@dataclass(frozen=True, slots=True)
class Source:
    """A file that can be read.

    Attributes:
        sha256: hex digest of its bytes.
        rows: call for (row number from 1, row or what is wrong with it); again for a second pass.

    """

    sha256: str
    rows: Callable[[], Iterator[NumberedRow]]


def open_source(path: Path, needed: Needed) -> Source:
    """Look a file through and answer how to read it; its suffix tells the format.

    It is read in this process. What comes from outside is opened by `schemas.readers.apart`.

    Raises:
        FileError: it cannot be read as a whole; the message says what to do.

    """
    read = READERS.get(path.suffix.lower())
    if read is None:
        raise FileError(
            f"不支持 {path.suffix or '无后缀'} 文件：请另存为 {'、'.join(READERS)} 之一"
            f" / {path.suffix or 'no suffix'} is not supported: save it as one of {', '.join(READERS)}"
        )
    digest = digest_of(path)
    try:
        return Source(digest, read(path, needed))
    except OSError as error:
        raise _closed(path, error) from error


def digest_of(path: Path) -> str:
    """Hex digest of a file's bytes.

    Raises:
        FileError: it cannot be opened, or is a folder, pipe or device.

    """
    if path.exists() and not path.is_file():
        raise FileError(f"{path.name} 不是文件：请核对路径 / {path.name} is no file: check the path")
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise _closed(path, error) from error


def _closed(path: Path, error: OSError) -> FileError:
    return FileError(
        f"打不开文件 {path.name}：{error.strerror}，请核对路径和权限"
        f" / {path.name} cannot be opened ({error.strerror}): check the path and who may read it"
    )
