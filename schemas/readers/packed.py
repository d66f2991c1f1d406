"""Rows on their way from the process that reads a workbook: each 4 bytes of length and MessagePack.

Nothing in them can run: dates and faults are extensions of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import IO

import msgspec
from msgspec.msgpack import Ext

from schemas.cells import Cell, Row
from schemas.faults import FieldError, FileError
from schemas.readers.limits import MAX_ROW_BYTES

_DATE, _DATETIME, _FAULT = 1, 2, 3
_LENGTH = 4

_encoder = msgspec.msgpack.Encoder()
_faults = msgspec.msgpack.Decoder(tuple[str, str, tuple[str, ...]])


def write_rows(rows: Iterable[tuple[int, Row | FieldError]], out: IO[bytes], name: str) -> None:
    """Write rows down.

    Raises:
        FileError: a row is over 1 MiB; `name` is the file's.
        OSError: `out` takes no more.

    """
    for number, row in rows:
        packed = _encoder.encode((number, _packed(row)))
        if len(packed) > MAX_ROW_BYTES:
            raise FileError(
                f"文件 {name} 第 {number} 行超过 1 MB：请删去多余的内容后重新提交"
                f" / row {number} of {name} is over 1 MB: delete what is not needed"
            )
        out.write(len(packed).to_bytes(_LENGTH, "big"))
        out.write(packed)


def read_rows(file: IO[bytes]) -> Iterator[tuple[int, Row | FieldError]]:
    """Rows as they were written, from the beginning."""
    file.seek(0)
    while length := file.read(_LENGTH):
        number, row = _decoder.decode(file.read(int.from_bytes(length, "big")))
        yield number, row


def _packed(row: Row | FieldError) -> object:
    if isinstance(row, FieldError):
        return Ext(_FAULT, _encoder.encode((row.field, row.code, row.words)))
    return {column: _cell(cell) for column, cell in row.items()}


def _cell(cell: Cell) -> object:
    if isinstance(cell, datetime):
        return Ext(_DATETIME, cell.isoformat().encode())
    return Ext(_DATE, cell.isoformat().encode()) if isinstance(cell, date) else cell


def _unpacked(code: int, data: memoryview) -> date | FieldError:
    if code == _FAULT:
        return FieldError(*_faults.decode(data))
    written = bytes(data).decode()
    return date.fromisoformat(written) if code == _DATE else datetime.fromisoformat(written)


_decoder = msgspec.msgpack.Decoder(ext_hook=_unpacked)
