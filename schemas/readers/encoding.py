"""Which encoding a text file has: UTF-8 with or without mark, else GB18030; nothing else is guessed."""

from __future__ import annotations

import codecs
from pathlib import Path

from schemas.faults import FileError

_CHUNK = 1 << 20


def encoding_of(path: Path) -> str:
    """Python's name of the encoding in which the whole file can be read.

    Raises:
        FileError: there is none, or the file holds NUL (UTF-16 and binaries do).

    """
    for name in ("utf-8-sig", "gb18030"):
        if _readable(path, name):
            return name
    raise FileError(f"文件 {path.name} 的编码既不是 UTF-8 也不是 GB18030：请另存为 UTF-8 后重新提交")


def _readable(path: Path, name: str) -> bool:
    decoder = codecs.getincrementaldecoder(name)()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            if b"\0" in chunk:
                raise FileError(f"文件 {path.name} 不是文本（或是 UTF-16）：请另存为 UTF-8 后重新提交")
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError:
                return False
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
