"""The fault run of the on-ramps: `make onramps [SEED=1]`. kill -9 of gateway, SDK program and database feed under load.

A broker, the processors, a gateway, a database feed on a real PostgreSQL, a program that sends with the SDK, and a
system that posts batches, some of them of the same facts as the database's. Prints each kill; ends with 1 if anything
was lost, doubled or is stuck.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from sqlalchemy import create_engine

sys.path.insert(0, str(Path(__file__).parents[2]))

from deploy.up.program import Deadline
from streams.activation import publish_shipped_rules
from tests.chaos.checks import settle
from tests.chaos.cluster import Cluster
from tests.chaos.onramp_checks import Sides, check, quiet
from tests.chaos.onramp_sources import REGISTER, SDK_PACE, School, System, register
from tests.live_department import Department
from tests.live_feed import LiveFeed
from tests.live_gateway import gateway_on
from tests.live_postgres import LivePostgres
from tests.rows import KEY
from tests.sdk_sender import stop_file, taken_rows

KILLS = {"gateway": 20, "SDK program": 20, "database feed": 15}
_SHORTEST, _LONGEST = 0.3, 2.5
_END_SECONDS = 300
_MANY = 10**9


class Victim(Protocol):
    """A program that is killed."""

    process: subprocess.Popen[bytes] | None
    log: Path

    def kill(self) -> None:
        """Take it away without a word."""

    def start(self) -> None:
        """Start it again."""


@contextmanager
def all_sides(folder: Path, rnd: random.Random) -> Iterator[Sides]:
    """Everybody at work."""
    (folder / "county.key").write_bytes(KEY)
    server, cluster = LivePostgres(), Cluster(folder, 1)
    server.start()
    publish_shipped_rules(cluster.servers)
    cluster.start()
    generous = {"ALERTBUS_GATEWAY_REQUESTS": "100000"}
    try:
        with gateway_on(cluster.servers, folder / "county.key", folder, generous) as gateway:
            key = gateway.key("education")
            answer = gateway.post(REGISTER, json.dumps(register()), gateway.key("register"))
            assert answer.json()["rejected"] == 0, answer.text
            url = server.new_database()
            feed = LiveFeed(cluster.servers, url, folder)
            department = Department(gateway, folder, _MANY, SDK_PACE)
            school = School(create_engine(url))
            system = System(gateway, key, school, rnd)
            keys = key, (folder / "key").read_text()
            yield Sides(cluster, gateway, feed, department, school, system, keys)
    finally:
        cluster.close()
        server.remove()


def kill(sides: Sides, what: str) -> int:
    """kill -9, and start it again; the pid that went."""
    victims: dict[str, Victim] = {
        "gateway": sides.gateway,
        "SDK program": sides.department,
        "database feed": sides.feed,
    }
    victim = victims[what]
    process = victim.process
    assert process, f"{what} was not started"
    assert process.poll() is None, f"{what} ended by itself: {victim.log.read_text()[-2000:]}"
    victim.kill()
    victim.start()
    return process.pid


def carry_out(sides: Sides, rnd: random.Random) -> Counter[str]:
    """All kills in a shuffled order at random moments, while the sources write; how many there were of each."""
    order = [what for what, times in KILLS.items() for _ in range(times)]
    rnd.shuffle(order)
    done: Counter[str] = Counter()
    began = time.monotonic()
    for number, what in enumerate(order, 1):
        Deadline(rnd.uniform(_SHORTEST, _LONGEST)).reached(lambda: False, every_s=0.01)
        assert sides.school.is_alive(), sides.school.error
        assert sides.system.is_alive(), sides.system.error
        pid = kill(sides, what)
        done[what] += 1
        rows = (
            f"database {sides.school.rows:>6}, http {sides.system.rows:>6}, SDK {taken_rows(sides.department.taken):>6}"
        )
        print(f"{number:>3} {time.monotonic() - began:>5.0f} s  kill -9 {what:<14} pid {pid:<8} handed over: {rows}")
    return done


def run(seed: int, folder: Path) -> None:
    """Load, kills, end of the load, and the checks when all is quiet."""
    rnd = random.Random(seed)
    with all_sides(folder, rnd) as sides:
        sides.department.start()
        sides.feed.start()
        sides.school.start()
        sides.system.start()
        assert Deadline(60).reached(lambda: min(sides.system.rows, taken_rows(sides.department.taken)) > 0)
        killed = carry_out(sides, rnd)
        sides.school.finish()
        sides.system.finish()
        stop_file(sides.department.taken).touch()
        assert sides.department.ends() == 0, sides.department.log.read_text()[-2000:]
        quiet(sides, _END_SECONDS)
        settle(sides.cluster)
        figures = check(sides)
        sides.feed.kill()
    print(f"\nseed {seed}")
    for what, count in {**{f"kill -9 {name}": times for name, times in killed.items()}, **figures}.items():
        print(f"| {what:<40} | {count:>7} |")


def main(seed: int) -> int:
    """Exit 1 where something does not hold."""
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # a text file, always
    with tempfile.TemporaryDirectory(prefix="onramps-") as folder:
        try:
            run(seed, Path(folder))
        except AssertionError as error:
            print(f"FAILED: {error}")
            return 1
    print("nothing lost, nothing doubled, nothing stuck")
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1))
