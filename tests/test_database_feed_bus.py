"""The database feed as a program on a real broker and a real PostgreSQL: killed at will, cut off, told to stop."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine

from deploy.up.program import Deadline
from schemas.codec import Record
from tests.kafka_hands import decoded
from tests.live_broker import LiveBroker
from tests.live_feed import BATCH, CONFIG, LiveFeed
from tests.live_postgres import LivePostgres
from tests.outboxes import fee_row, fees, put
from tests.rows import LATELY, numbered
from tests.source_tree import text_of

pytestmark = pytest.mark.kafka

KILLS, ROWS = 4, 600
_SECONDS = 90


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
    put(engine, fees(engine), *(fee_row(n, bill_no=f"DBK-{n}", occurred_at=LATELY) for n in range(1, ROWS + 1)))
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
        put(engine, table, *(fee_row(n, bill_no=f"DBA-{n}", occurred_at=LATELY) for n in range(1, 6)))
        live = LiveFeed(broker.declared(), url, tmp_path)
        live.start()
        live.reaches(5, delivered=True)
        engine.dispose()
        server.kill()
        assert Deadline(_SECONDS).reached(lambda: "does not answer" in live.log.read_text())
        server.start()
        put(engine, table, fee_row(6, bill_no="DBA-6", occurred_at=LATELY))
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
