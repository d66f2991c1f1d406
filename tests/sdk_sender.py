"""A department's program that may be killed: it sends rows one by one, and writes down each that was taken.

python tests/sdk_sender.py URL KEY_FILE SPOOL TAKEN_FILE ROWS PACE PREFIX; started again it goes on after the last that
it wrote down. With a pace it waits so many seconds after each row, and ends once TAKEN_FILE.stop is there.
"""

from __future__ import annotations

import sys
from itertools import islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from deploy.up.program import Deadline
from producers import Limits, Publisher
from tests.people import Row, identity_number

LIMITS = Limits(batch_rows=50, linger_seconds=0.05, retry_seconds=0.05, most_seconds=0.5, close_seconds=60)
PREFIX, BORN = "SDK", "19410203"


def inspection(number: int, prefix: str = PREFIX) -> Row:
    """Row of housing about one of 900 people."""
    what: Row = {"event_id": f"{prefix}-{number}", "kind": "inspection", "grade": "A", "hazard": "none"}
    person = {"id_number": identity_number(number % 900, BORN)}
    return {**what, **person, "occurred_at": "2026-09-01", "inspected_on": "2026-09-01"}


def taken_rows(file: Path) -> int:
    """How many rows were taken by what it wrote down; the last line may be half written."""
    return file.read_text().count("\n") if file.exists() else 0


def stop_file(taken: Path) -> Path:
    return taken.with_name(taken.name + ".stop")


def main(url: str, key: str, spool: str, taken: Path, rows: int, pace: float, prefix: str) -> None:
    begin, stop = taken_rows(taken), stop_file(taken)
    with Publisher(url, key=key, department="housing", spool=spool, limits=LIMITS) as publisher, taken.open("a") as out:
        for number in islice(range(rows), begin, None):
            publisher.send(inspection(number, prefix))
            out.write(f"{number}\n")
            out.flush()
            if pace and Deadline(pace).reached(stop.exists, every_s=pace):
                break


if __name__ == "__main__":
    url, key, spool, taken, rows, pace, prefix = sys.argv[1:]
    main(url, Path(key).read_text(), spool, Path(taken), int(rows), float(pace), prefix)
