"""The process that reads one workbook: what to read comes by standard input, rows go to standard output.

python -m schemas.readers.child     exit 0; 65 refused, standard error says why; 66 memory; 67 too many rows
"""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Iterator
from pathlib import Path

from schemas.faults import FileError
from schemas.readers import NumberedRow, open_source
from schemas.readers.headings import Needed
from schemas.readers.limits import EX_MEMORY, EX_REFUSED, EX_SIZE, Limits
from schemas.readers.packed import write_rows


def main() -> int:
    """Read the workbook; the exit code says how it went."""
    path, all_of, any_of, called, titles, limits = json.load(sys.stdin)
    confine(Limits(*limits))
    try:
        source = open_source(Path(path), Needed(tuple(all_of), tuple(any_of), called, titles))
        return _write(source.rows(), Path(path).name)
    except FileError as error:
        sys.stderr.buffer.write(str(error).encode())
        return EX_REFUSED
    except MemoryError:
        return EX_MEMORY


def confine(limits: Limits) -> None:
    """Bind this process, for good."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory, limits.memory))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.seconds, limits.seconds + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits.rows, limits.rows))


def _write(rows: Iterator[NumberedRow], name: str) -> int:
    try:
        write_rows(rows, sys.stdout.buffer, name)
        sys.stdout.buffer.flush()
    except OSError:
        return EX_SIZE
    return 0


if __name__ == "__main__":
    sys.exit(main())
