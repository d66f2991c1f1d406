"""A department's program that may be killed: it sends rows one by one, and writes down each that was taken.

python tests/sdk_sender.py URL KEY_FILE SPOOL TAKEN_FILE ROWS; started again it goes on after the last that it wrote.
"""

from __future__ import annotations

import sys
from itertools import islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from producers import Limits, Publisher
from tests.people import Row, identity_number

LIMITS = Limits(batch_rows=50, linger_seconds=0.05, retry_seconds=0.05, most_seconds=0.5, close_seconds=60)
PREFIX = "SDK"


def inspection(number: int, prefix: str = PREFIX) -> Row:
    """Row of housing; nobody lives in that house."""
    what: Row = {"event_id": f"{prefix}-{number}", "kind": "inspection", "grade": "A", "hazard": "none"}
    born = f"19{40 + number // 900 % 50}0203"
    return {
        **what,
        "id_number": identity_number(number % 900, born),
        "occurred_at": "2026-09-01",
        "inspected_on": "2026-09-01",
    }


def taken_rows(file: Path) -> int:
    """How many rows were taken by what it wrote down; the last line may be half written."""
    return file.read_text().count("\n") if file.exists() else 0


def main(url: str, key: str, spool: str, taken: Path, rows: int) -> None:
    begin = taken_rows(taken)
    with Publisher(url, key=key, department="housing", spool=spool, limits=LIMITS) as publisher, taken.open("a") as out:
        for number in islice(range(rows), begin, None):
            publisher.send(inspection(number))
            out.write(f"{number}\n")
            out.flush()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]).read_text(), sys.argv[3], Path(sys.argv[4]), int(sys.argv[5]))
