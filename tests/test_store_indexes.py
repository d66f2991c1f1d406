"""Lists are read in the order of an index, never sorted or looked through whole: that keeps them quick at any size."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event

from consumers.store.alert_lists import Place, Wanted, alert_of, count_not_mine, list_alerts, places_of, versions_of
from consumers.store.area_alerts import area_alerts_of, count_area_alerts, list_area_alerts
from consumers.store.book import reads_of
from consumers.store.database import open_store, writing
from consumers.store.deliveries import claim, next_due
from consumers.store.funnel import disowned_by_state
from consumers.store.outbox import actions_of, unsent, waiting
from consumers.store.tasks import mark_read, messages_about, messages_for, unread

AFTER = Place(1, 5, "a")
WHOLE_OR_SORTED = re.compile(r"^SCAN [a-z_]+( |$)|TEMP B-TREE")
HOLDS_FEW = "SCAN alert USING INDEX ix_alert_not_mine"

QUERIES: dict[str, Callable[[Connection], Any]] = {
    "open ones of a township": lambda conn: list_alerts(conn, Wanted("t"), 50, AFTER),
    "ended ones of a township": lambda conn: list_alerts(conn, Wanted("t", is_open=False), 50, AFTER),
    "a township's in a state": lambda conn: list_alerts(conn, Wanted("t", status="ACKED"), 50, AFTER),
    "a township's of a level": lambda conn: list_alerts(conn, Wanted("t", level="red"), 50, AFTER),
    "open ones of the county": lambda conn: list_alerts(conn, Wanted(None), 50, AFTER),
    "the county's in a state": lambda conn: list_alerts(conn, Wanted(None, status="ACKED"), 50, AFTER),
    "the county's of a level": lambda conn: list_alerts(conn, Wanted(None, level="red"), 50, AFTER),
    "what a township disowned": lambda conn: (
        list_alerts(conn, Wanted(None, not_mine=True), 50, AFTER),
        count_not_mine(conn),
        places_of(conn, ["a", "b"]),
    ),
    "what has a mark": lambda conn: (
        list_alerts(conn, Wanted(None, mark="insurer_nudge"), 50, AFTER),
        list_alerts(conn, Wanted("t", mark="not_enrolled", monitored=True), 50, AFTER),
    ),
    "what concerns the county": lambda conn: (
        list_area_alerts(conn, 9),
        count_area_alerts(conn, 9),
        area_alerts_of(conn, ["r", "s"]),
    ),
    "one alert": lambda conn: (alert_of(conn, "a", "t"), versions_of(conn, "a")),
    "messages": lambda conn: (messages_for(conn, "t", 9), unread(conn, "t", 100), messages_about(conn, "a", "t")),
    "reading messages": lambda conn: mark_read(conn, "a", "t", "u", 1),
    "what is due": lambda conn: (next_due(conn), claim(conn, 1, 1, 9)),
    "the outbox": lambda conn: (unsent(conn, 9), waiting(conn), actions_of(conn, "H")),
    "what townships disowned": disowned_by_state,
    "who read the book": lambda conn: reads_of(conn, "H"),
}


@pytest.mark.parametrize("name", QUERIES)
def test_sqlite_reads_by_an_index_in_its_order(tmp_path: Path, name: str) -> None:
    engine = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    asked: list[tuple[str, Any]] = []
    with writing(engine) as conn:
        event.listen(conn, "before_cursor_execute", lambda *given: asked.append((given[2], given[3])))
        QUERIES[name](conn)
        plans = [
            step[3]
            for statement, values in list(asked)
            for step in conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        ]
    engine.dispose()

    assert plans
    assert [step for step in plans if step != HOLDS_FEW and WHOLE_OR_SORTED.search(step)] == []
