"""The inbox's pages over 200 000 alerts, on SQLite and on PostgreSQL: milliseconds from request to answer.

The store is that of tests/bench/store.py, and the county was told of one alert in twenty. Nothing is analysed by hand:
what PostgreSQL knows of its tables is what it found out by itself while they were filled. The application is asked
without a network: everything but that is in it, cookies, session, queries, the logged reading of the household book,
templates, headers.
"""

from __future__ import annotations

import argparse
import tempfile
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from statistics import quantiles

from sqlalchemy import Engine

from consumers.inbox.program import settle_memory
from consumers.store.accounts import COUNTY
from consumers.store.alert_lists import Wanted, list_alerts
from consumers.store.alerts import apply_alerts
from consumers.store.database import open_store, reading, writing
from consumers.store.tasks import Message, put_messages
from tests.bench.store import KEY, NOW, TOWNSHIPS, fill, version_of
from tests.live_postgres import LivePostgres
from tests.offices import Browser, TestOffice

TIMES = 100
GOAL_MS = 100


def pages(office: TestOffice) -> Iterator[tuple[str, Browser, str]]:
    """What is opened, by whom."""
    office.person("officer", TOWNSHIPS[3])
    office.person("county", None)
    officer, county = office.signed_in("officer"), office.signed_in("county")
    with reading(office.engine) as conn:
        (newest, *_), _ = list_alerts(conn, Wanted(TOWNSHIPS[3]), 1)
    yield "township: tasks", officer, "/tasks"
    yield "township: ended alerts", officer, "/tasks?tab=ended"
    yield "township: messages", officer, "/messages"
    yield "township: an alert, household book read", officer, f"/alerts/{newest.alert_id}"
    yield "township: what the page asks by itself", officer, f"/alerts/{newest.alert_id}/progress?version=1&stand=0-0"
    yield "county: view", county, "/county"
    yield "county: messages", county, "/messages"
    yield "county: what townships disowned", county, "/county/alerts?tab=not_mine"
    yield "county: waiting alerts of all townships", county, "/county/alerts?tab=waiting"
    yield "county: red ones of one township", county, f"/county/alerts?township={TOWNSHIPS[3]}&level=red"
    yield "county: an alert", county, f"/alerts/{newest.alert_id}"


def tell_county(engine: Engine, alerts: int) -> None:
    """Messages that reached no township, and a few alerts that nobody wants."""
    told = [version_of(number, 2) for number in range(0, alerts, 20)]
    with writing(engine) as conn:
        put_messages(conn, [Message(a["alert_id"], 2, COUNTY, "raised", a["level"], None, NOW) for a in told])
        apply_alerts(conn, [version_of(number, 3) | {"not_mine": True} for number in range(0, alerts, 5000)], NOW)


def measured(browser: Browser, url: str) -> tuple[float, float]:
    """Milliseconds of a request, p50 and p99."""
    took = []
    for _ in range(TIMES):
        begun = time.perf_counter()
        page = browser.get(url)
        took.append((time.perf_counter() - begun) * 1000)
        assert page.status_code == 200, (url, page.status_code)
    cuts = quantiles(took, n=100)
    return cuts[49], cuts[98]


def run(name: str, engine: Engine, alerts: int) -> bool:
    """Whether every page is within the goal."""
    fill(engine, alerts)
    tell_county(engine, alerts)
    print(f"\n{name}: {alerts} alerts\n| page | p50 ms | p99 ms |\n| --- | --- | --- |", flush=True)
    good = True
    settle_memory()
    for what, browser, url in pages(TestOffice(engine, NOW, KEY)):
        p50, p99 = measured(browser, url)
        good = good and p99 < GOAL_MS
        print(f"| {what} | {p50:.1f} | {p99:.1f} |", flush=True)
    engine.dispose()
    return good


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--alerts", type=int, default=200_000)
    alerts = parser.parse_args().alerts
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder:
        good = run("SQLite", open_store(f"sqlite:///{Path(folder) / 'store.db'}"), alerts)
    server = LivePostgres()
    server.start(fsync="on")
    good = run("PostgreSQL", open_store(server.new_database()), alerts) and good
    server.remove()
    raise SystemExit(0 if good else 1)


if __name__ == "__main__":
    main()
