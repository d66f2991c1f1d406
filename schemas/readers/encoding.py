"""Which encoding a text file has: UTF-8 with or without mark, else GB18030; nothing else is guessed.

GB18030 reads almost any bytes, so a file of both would come out garbled: it is refused.
"""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from schemas.faults import FileError

_CHUNK = 1 << 20
_HANZI = re.compile(rb"[\xe3-\xe9][\x80-\xbf]{2}|\xef[\xbc\xbd][\x80-\xbf]")
_SURE = 4
"""So many Chinese signs in one line that is UTF-8 as a whole: by chance GB18030 is this once in a million lines."""


def encoding_of(path: Path) -> str:
    """Python's name of the encoding in which the whole file can be read.

    Raises:
        FileError: there is none, there are both, or the file holds NUL (UTF-16 and binaries do).

    """
    if _readable(path, "utf-8-sig"):
        return "utf-8-sig"
    _refuse_both(path)
    if _readable(path, "gb18030"):
        return "gb18030"
    raise FileError(
        f"文件 {path.name} 的编码既不是 UTF-8 也不是 GB18030：请另存为 UTF-8 后重新提交"
        f" / {path.name} is neither UTF-8 nor GB18030: save it as UTF-8"
    )


def _readable(path: Path, name: str) -> bool:
    decoder = codecs.getincrementaldecoder(name)()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            if b"\0" in chunk:
                raise FileError(
                    f"文件 {path.name} 不是文本（或是 UTF-16）：请另存为 UTF-8 后重新提交"
                    f" / {path.name} is no text (or UTF-16): save it as UTF-8"
                )
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError:
                return False
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _refuse_both(path: Path) -> None:
    """Refuse a file some of whose lines are UTF-8, though as a whole it is not."""
    with path.open("rb") as file:
        for number, line in enumerate(iter(lambda: file.readline(_CHUNK), b""), 1):
            if not line.isascii() and len(_HANZI.findall(line)) >= _SURE and _is_utf8(line):
                raise FileError(
                    f"文件 {path.name} 混用了两种编码，第 {number} 行是 UTF-8，别的行不是："
                    "请全部另存为 UTF-8 后重新提交"
                    f" / {path.name} mixes two encodings, line {number} is UTF-8 and others are not: save all as UTF-8"
                )


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True
