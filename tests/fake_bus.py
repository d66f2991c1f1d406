"""Runs the real supervisor with fake programs: python fake_bus.py DATA_DIR BOOTSTRAP_SERVERS|own NAME=BEHAVIOUR ..."""

from __future__ import annotations

import sys
from pathlib import Path

from deploy.up.run import run
from deploy.up.settings import UpSettings
from deploy.up.state import AlreadyRunningError

FAKE = str(Path(__file__).with_name("fake_program.py"))


def main() -> None:
    data_dir, servers = Path(sys.argv[1]), sys.argv[2]
    table = tuple((name, (sys.executable, FAKE, how)) for name, how in (pair.split("=") for pair in sys.argv[3:]))
    cluster = None if servers == "own" else servers
    try:
        run(UpSettings(data_dir, data_dir / "county.key", cluster, table), lambda _: None)
    except AlreadyRunningError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
