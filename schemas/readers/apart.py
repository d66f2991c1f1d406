"""The shell: files from outside. Workbooks are read in a process of their own, bound in memory and time.

JSON lines and CSV are read here, row by row: their lines and cells are bounded. A workbook's rows come in a file
without a name, so all of it has been read before its first row is given away, and memory stays free.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO

from schemas.faults import FileError
from schemas.readers import WORKBOOK, Source, digest_of, open_source
from schemas.readers.headings import Needed
from schemas.readers.limits import EX_REFUSED, Limits, in_words
from schemas.readers.packed import read_rows

_ROOT = Path(__file__).parents[2]
_CHILD = (sys.executable, "-P", "-m", "schemas.readers.child")
_LIMITS = Limits()


def open_outside(path: Path, needed: Needed, limits: Limits = _LIMITS) -> Source:
    """Look a file from outside through and answer how to read it; its suffix tells the format.

    Raises:
        FileError: it cannot be read as a whole; the message says what to do.

    """
    if path.suffix.lower() != WORKBOOK:
        return open_source(path, needed)
    digest = digest_of(path)
    spool = tempfile.TemporaryFile()  # noqa: SIM115  # the source keeps it
    try:
        _read_apart(path, needed, limits, spool)
    except BaseException:
        spool.close()
        raise
    return Source(digest, partial(read_rows, spool))


@contextmanager
def opened_bytes(content: bytes, suffix: str, needed: Needed, limits: Limits = _LIMITS) -> Iterator[Source]:
    """Look bytes from outside through as a file with this suffix; rows can be read inside the `with`.

    Raises:
        FileError: see open_outside.

    """
    with tempfile.TemporaryDirectory(prefix="alertbus-") as folder:
        path = Path(folder, f"upload{suffix}")
        path.write_bytes(content)
        yield open_outside(path, needed, limits)


def _read_apart(path: Path, needed: Needed, limits: Limits, spool: IO[bytes]) -> None:
    asked = json.dumps([str(path), needed.all_of, needed.any_of, {**needed.called}, {**needed.titles}, limits])
    env = {**os.environ, "PYTHONPATH": str(_ROOT)}
    with subprocess.Popen(_CHILD, stdin=subprocess.PIPE, stdout=spool, stderr=subprocess.PIPE, env=env) as child:
        try:
            _, said = child.communicate(asked.encode(), timeout=2 * limits.seconds)
        except BaseException as error:
            child.kill()
            if not isinstance(error, subprocess.TimeoutExpired):
                raise
            said = b""
    if child.returncode == EX_REFUSED:
        raise FileError(said.decode())
    if child.returncode:
        raise FileError(in_words(path.name, child.returncode, limits))
