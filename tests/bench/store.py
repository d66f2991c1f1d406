"""The store with 200 000 alerts, on SQLite and on PostgreSQL: how fast it fills, and how long what a page asks takes.

Two versions of each alert; one in ten is open; 20 townships; every alert has an inbox message and a sent delivery.
PostgreSQL is the tests' own server, with fsync on.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import quantiles
from typing import Any

from sqlalchemy import Connection, Engine

from consumers.notify_outgoing import pending
from consumers.stages import answered
from consumers.store.alert_counts import alerts_by_state
from consumers.store.alert_lists import Wanted, alert_of, count_alerts, list_alerts, versions_of
from consumers.store.alert_stages import Progress, red_unseen, remember_stages
from consumers.store.alerts import apply_alerts
from consumers.store.book import Family, put_families, read_family
from consumers.store.book_key import BookKey
from consumers.store.database import open_store, reading, writing
from consumers.store.deliveries import Delivery, claim, next_due, plan, sent
from consumers.store.outbox import unsent
from consumers.store.tasks import Message, messages_for, put_messages, unread
from tests.alerts import alert, cause
from tests.live_postgres import LivePostgres

NOW = 1_790_000_500_000
TOWNSHIPS = [f"2203020{number:02}" for number in range(20)]
LEVELS = ("red", "orange", "yellow", "watch", "yellow", "watch")
OPEN, ENDED = ("ALERTED", "ACKED", "VERIFYING", "CONFIRMED"), ("CLOSED", "REJECTED", "WITHDRAWN")
BATCH = 500
TIMES = 200
KEY = BookKey(bytes(32))

Query = Callable[[Connection], Any]


def version_of(number: int, version: int) -> dict[str, Any]:
    level = LEVELS[number % len(LEVELS)]
    states = OPEN if number % 10 == 0 else ENDED
    return alert(
        version,
        level,
        alert_id=f"a_{number:026}",
        household_id=f"H-{number}",
        township_code=TOWNSHIPS[number % 7 * 3 % 20],
        status=states[number // 10 % len(states)] if version > 1 else "ALERTED",
        causes=[cause("R-A", level), cause("R-B", level, "house"), cause("R-C", "yellow", "schooling")],
        raised_at=NOW - number * 1000,
        text="近 180 天医疗费用自付金额超出预警线；住房鉴定为 D 级；学生连续缺勤" * 3,
    )


def fill(engine: Engine, alerts: int) -> tuple[float, float]:
    """Versions applied a second; and alerts a second with their message, delivery and book entry."""
    begun = time.perf_counter()
    for version in (1, 2):
        for first in range(0, alerts, BATCH):
            with writing(engine) as conn:
                apply_alerts(conn, [version_of(n, version) for n in range(first, min(first + BATCH, alerts))], NOW)
    applied = time.perf_counter()
    for first in range(0, alerts, BATCH):
        with writing(engine) as conn:
            _tell(conn, [version_of(n, 2) for n in range(first, min(first + BATCH, alerts))])
    return 2 * alerts / (applied - begun), alerts / (time.perf_counter() - applied)


def _tell(conn: Connection, alerts: list[dict[str, Any]]) -> None:
    messages = [Message(a["alert_id"], 2, a["township_code"], "raised", a["level"], None, NOW) for a in alerts]
    put_messages(conn, messages)
    remember_stages(conn, {a["alert_id"]: answered(Progress(NOW, NOW), a) for a in alerts})
    plan(conn, [Delivery(m.alert_id, 2, "t", "webhook", "raised", NOW) for m in messages])
    for delivery in claim(conn, NOW, 1000, BATCH):
        sent(conn, delivery, NOW)
    put_families(conn, KEY, [(a["household_id"], Family("张三", "东沟村三组", "13904561237")) for a in alerts], NOW)


def queries(conn: Connection, alerts: int) -> Iterator[tuple[str, Query]]:
    """What pages and the notifier ask."""
    mine = Wanted(TOWNSHIPS[3])
    _, deep = list_alerts(conn, mine, min(2000, alerts // 300))
    newest = f"a_{alerts - 10:026}"
    yield "township: open alerts, first 50", lambda c: list_alerts(c, mine, 50)
    yield "township: open alerts, a page far behind", lambda c: list_alerts(c, mine, 50, deep)
    yield "township: ended alerts, first 50", lambda c: list_alerts(c, Wanted(TOWNSHIPS[3], is_open=False), 50)
    yield "township: one state", lambda c: list_alerts(c, Wanted(TOWNSHIPS[3], status="VERIFYING"), 50)
    yield "township: counts by level and state", lambda c: count_alerts(c, TOWNSHIPS[3])
    yield (
        "township: newest messages and unread",
        lambda c: (messages_for(c, TOWNSHIPS[3], 50), unread(c, TOWNSHIPS[3], 100)),
    )
    yield "county: open alerts, first 50", lambda c: list_alerts(c, Wanted(None), 50)
    yield "county: one level", lambda c: list_alerts(c, Wanted(None, level="yellow"), 50)
    yield "county: one state", lambda c: list_alerts(c, Wanted(None, status="CONFIRMED"), 50)
    yield "county: counts by township, level and state", lambda c: count_alerts(c, None)
    yield "one alert with all its versions", lambda c: (alert_of(c, newest, None), versions_of(c, newest))
    yield "household book, read and noted", lambda c: read_family(c, KEY, "H-7", "u_1", NOW)
    yield "notifier: what is due, and claim it", lambda c: (next_due(c), claim(c, NOW, 1000, 50))
    yield "notifier: what its metrics show", lambda c: (pending(c), alerts_by_state(c), red_unseen(c))
    yield "publisher: what waits", lambda c: unsent(c, 100)


def measured(engine: Engine, query: Query) -> tuple[float, float]:
    """Milliseconds of a transaction with the query, p50 and p99."""
    took = []
    for _ in range(TIMES):
        begun = time.perf_counter()
        with writing(engine) as conn:
            query(conn)
        took.append((time.perf_counter() - begun) * 1000)
    cuts = quantiles(took, n=100)
    return cuts[49], cuts[98]


def run(name: str, engine: Engine, alerts: int) -> None:
    versions, told = fill(engine, alerts)
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as own:
            own.exec_driver_sql("VACUUM ANALYZE")  # as autovacuum does by itself within minutes
    print(f"\n{name}: {alerts} alerts, {versions:.0f} versions/s applied, {told:.0f} alerts/s told", flush=True)
    with reading(engine) as conn:
        asked = list(queries(conn, alerts))
    for what, query in asked:
        p50, p99 = measured(engine, query)
        print(f"| {what} | {p50:.1f} | {p99:.1f} |", flush=True)
    engine.dispose()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--alerts", type=int, default=200_000)
    alerts = parser.parse_args().alerts
    with tempfile.TemporaryDirectory() as folder:
        run("SQLite", open_store(f"sqlite:///{Path(folder) / 'store.db'}"), alerts)
    server = LivePostgres()
    server.start(fsync="on")
    run("PostgreSQL", open_store(server.new_database()), alerts)
    server.remove()


if __name__ == "__main__":
    main()
