"""The database feed as a program on a real broker and a real PostgreSQL: killed at will, cut off, told to stop."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine

from deploy.up.program import Deadline
from schemas.codec import Record
from tests.kafka_hands import decoded
from tests.live_broker import LiveBroker
from tests.live_postgres import LivePostgres
from tests.outboxes import fee_row, fees, put
from tests.rows import KEY, numbered
from tests.source_tree import ROOT, text_of

pytestmark = pytest.mark.kafka

KILLS, ROWS, BATCH = 4, 600, 20
_SECONDS = 90
CONFIG = """
[feeds.fees]
department = "education"
table = "outbox"
mode = "outbox"
order = "id"
url_env = "FEES_URL"
overlap = 200
batch = {batch}
every_seconds = 0.2
columns = {{ bill_no = "event_id", rev = "revision", changed_at = "" }}
"""


class LiveFeed:
    """`python -m producers database` with a folder of its own."""

    def __init__(self, servers: str, url: str, folder: Path) -> None:
        (folder / "county.key").write_bytes(KEY)
        (folder / "database.toml").write_text(CONFIG.format(batch=BATCH))
        self._env = {
            **os.environ,
            "KAFKA_BOOTSTRAP_SERVERS": servers,
            "ALERTBUS_DATA_DIR": str(folder),
            "FEES_URL": url,
        }
        self.folder = folder
        self.log = folder / "feed.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            command = (sys.executable, "-m", "producers", "database")
            self.process = subprocess.Popen(command, cwd=ROOT, env=self._env, stdout=log, stderr=log)

    def kill(self) -> None:
        assert self.process
        self.process.kill()
        self.process.wait()

    def come(self) -> tuple[int, bool]:
        """Position of the cursor, and whether the poll has its delivery record."""
        file = self.folder / "database.db"
        if not file.exists() or not file.stat().st_size:
            return 0, False
        try:
            with sqlite3.connect(file) as db:
                found = db.execute("SELECT position, started FROM feed").fetchone()
        except sqlite3.OperationalError:  # not made yet, or being written
            return 0, False
        return (int(found[0] or 0), found[1] is None) if found else (0, False)

    def reaches(self, position: int, *, delivered: bool = False) -> None:
        def there() -> bool:
            come, done = self.come()
            return come >= position and (done or not delivered)

        assert Deadline(_SECONDS).reached(there), (self.come(), self.log.read_text()[-3000:])


@pytest.fixture
def source(postgres: LivePostgres) -> Iterator[tuple[str, Engine]]:
    url = postgres.new_database()
    engine = create_engine(url)
    yield url, engine
    engine.dispose()


def ours(broker: LiveBroker, topic: str, prefix: str) -> list[Record]:
    return [event for event in decoded(broker.bootstrap_servers, topic) if str(event["event_id"]).startswith(prefix)]


def test_killed_at_random_points_each_row_of_postgresql_is_once_in_effect(
    broker: LiveBroker, source: tuple[str, Engine], tmp_path: Path
) -> None:
    url, engine = source
    put(engine, fees(engine), *(fee_row(n, bill_no=f"DBK-{n}") for n in range(1, ROWS + 1)))
    live = LiveFeed(broker.declared(), url, tmp_path)

    for turn in range(KILLS):
        live.start()
        live.reaches(min(live.come()[0] + 1 + 37 * turn % BATCH, ROWS))
        live.kill()
    live.start()
    live.reaches(ROWS, delivered=True)
    assert live.process
    live.process.terminate()
    assert live.process.wait(30) == 0

    events = ours(broker, "events.education", "DBK-")
    said = {(event["event_id"], event["revision"], str(event["body"]), event["person_id"]) for event in events}
    assert len(said) == ROWS
    assert Counter(event_id for event_id, *_ in said).most_common(1)[0][1] == 1
    batches = {event["batch_id"] for event in events}
    deliveries = {d["batch_id"]: d["accepted"] for d in decoded(broker.bootstrap_servers, "feed.deliveries")}
    assert sum(deliveries[batch] for batch in batches) == ROWS


def test_a_database_that_is_away_is_waited_for(broker: LiveBroker, tmp_path: Path) -> None:
    server = LivePostgres()
    server.start()
    try:
        url = server.new_database()
        engine = create_engine(url)
        table = fees(engine)
        put(engine, table, *(fee_row(n, bill_no=f"DBA-{n}") for n in range(1, 6)))
        live = LiveFeed(broker.declared(), url, tmp_path)
        live.start()
        live.reaches(5, delivered=True)
        engine.dispose()
        server.kill()
        assert Deadline(_SECONDS).reached(lambda: "does not answer" in live.log.read_text())
        server.start()
        put(engine, table, fee_row(6, bill_no="DBA-6"))
        live.reaches(6, delivered=True)
        live.kill()
        engine.dispose()
    finally:
        server.remove()

    assert {event["event_id"] for event in ours(broker, "events.education", "DBA-")} == {
        f"DBA-{n}" for n in range(1, 7)
    }


def test_a_mistake_stops_the_program_for_a_person(broker: LiveBroker, tmp_path: Path) -> None:
    live = LiveFeed(broker.declared(), "sqlite:///nowhere/at/all.db", tmp_path)
    (tmp_path / "database.toml").write_text("feeds = 3")
    live.start()

    assert live.process
    assert live.process.wait(_SECONDS) == 78
    assert "STOPPED: " in live.log.read_text()


def test_the_outbox_of_the_manual_is_read_as_it_stands_there(
    broker: LiveBroker, source: tuple[str, Engine], tmp_path: Path
) -> None:
    url, engine = source
    manual = text_of("docs/database-feed.md")
    table = manual[manual.index("CREATE TABLE") : manual.index("CREATE ROLE")]
    row = "INSERT INTO outbox (bill_no, kind, id_number, occurred_at, stage, due, overdue, overdue_days) VALUES"
    with engine.begin() as conn:
        conn.exec_driver_sql(table)
        conn.exec_driver_sql(f"{row} ('DBM-1', 'fee', '{numbered(1)}', now(), 'junior', 1200, 600.50, 30)")
    live = LiveFeed(broker.declared(), url, tmp_path)
    columns = 'columns = { bill_no = "event_id", created_at = "" }'
    (tmp_path / "database.toml").write_text("\n".join([*CONFIG.format(batch=BATCH).splitlines()[:-1], columns]))

    live.start()
    live.reaches(1, delivered=True)
    live.kill()

    (event,) = ours(broker, "events.education", "DBM-1")
    assert event["body"]["overdue_fen"] == 60_050
