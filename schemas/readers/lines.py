"""Lines of a text file, none longer than a row may be."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from schemas.faults import FileError
from schemas.readers.limits import MAX_ROW_BYTES


class Lines:
    """Lines of a file, with their ends.

    Attributes:
        taken: characters since whoever reads set it to 0, at the end of a row.

    """

    def __init__(self, path: Path, encoding: str) -> None:
        """Open nothing yet."""
        self._path = path
        self._encoding = encoding
        self.taken = 0

    def __iter__(self) -> Iterator[str]:
        """Lines one by one.

        Raises:
            FileError: more than 1 MB came without the end of a row.

        """
        with self._path.open("r", encoding=self._encoding, newline="") as file:
            while line := file.readline(MAX_ROW_BYTES):
                self.taken += len(line)
                if self.taken >= MAX_ROW_BYTES:
                    raise FileError(
                        f"文件 {self._path.name} 有超过 1 MB 的行：请检查换行和引号，每行只写一条记录"
                        f" / {self._path.name} has a row over 1 MB: check line ends and quotation marks"
                    )
                yield line
