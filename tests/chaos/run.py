"""The long fault run: `make chaos`. Prints each fault with pid, offset and lag; ends with 1 if anything was lost."""

from __future__ import annotations

import sys
import tempfile
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.chaos.story import Plan, run

LONG = Plan(events=200_000, households=10_000, per_second=1_500, kills=10, stops=4, broker_kills=2, away_seconds=60)


def main(seed: int) -> int:
    with tempfile.TemporaryDirectory(prefix="chaos-") as folder:
        try:
            run(replace(LONG, seed=seed), Path(folder))
        except AssertionError as error:
            print(f"FAILED: {error}", flush=True)
            return 1
    print("nothing lost, nothing doubled")
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1))
