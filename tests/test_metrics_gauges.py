"""What notify shows of the store, and that two of them show the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from consumers.metrics import REGISTRY
from consumers.notify_gauges import NO_LEVEL, show_stored
from consumers.notify_intake import Arrival, take
from consumers.roster import NOBODY
from consumers.store.alert_stages import red_unseen
from consumers.store.database import open_store, reading, writing
from consumers.wording import Page
from schemas.actions import STATUSES
from tests.alerts import KNOWN_AT, NEXT_TOWNSHIP, alert

HOUR_MS = 3_600_000


def taken(store: Engine, *versions: dict[str, Any]) -> None:
    with writing(store) as conn:
        take(conn, [Arrival(each, True, KNOWN_AT) for each in versions], Page(NOBODY, "https://bus.example.org"), 0)


def shown(store: Engine, now: int = KNOWN_AT) -> dict[str, float]:
    """What a program shows: gauges, and `level status` of the alerts that there are."""
    with reading(store) as conn:
        show_stored(conn, now)
    samples = [sample for family in REGISTRY.collect() for sample in family.samples]
    return {
        " ".join(sample.labels.values()) or sample.name.removeprefix("alertbus_"): sample.value
        for sample in samples
        if (sample.name == "alertbus_stored_alerts" and sample.value) or sample.name.startswith("alertbus_red_")
    }


def test_alerts_are_shown_by_level_and_state_wherever_they_are(store: Engine) -> None:
    taken(
        store,
        *(alert(1, alert_id=f"a_{township}", township_code=township) for township in ("220302001", NEXT_TOWNSHIP)),
        alert(2, "watch", alert_id="a_watch", status="LEAD"),
        alert(2, "", alert_id="a_none", status="WITHDRAWN"),
    )

    assert shown(store, KNOWN_AT + HOUR_MS) == {
        "red ALERTED": 2,
        "watch LEAD": 1,
        f"{NO_LEVEL} WITHDRAWN": 1,
        "red_unacknowledged_alerts": 2,
        "red_unacknowledged_oldest_seconds": 3600,
    }


def test_what_is_over_is_shown_as_none_left(store: Engine) -> None:
    taken(store, alert(1), alert(1, "", alert_id="a_none", status="WITHDRAWN"))
    shown(store)
    taken(store, alert(2, "orange", status="CONFIRMED"), alert(2, alert_id="a_none", status="CONFIRMED"))

    found = shown(store)
    assert found == {
        "orange CONFIRMED": 1,
        "red CONFIRMED": 1,
        "red_unacknowledged_alerts": 0,
        "red_unacknowledged_oldest_seconds": 0,
    }


def test_every_level_and_state_is_shown_from_the_start(store: Engine) -> None:
    shown(store)
    names = {
        (sample.labels["level"], sample.labels["status"])
        for family in REGISTRY.collect()
        for sample in family.samples
        if sample.name == "alertbus_stored_alerts"
    }

    assert names >= {(level, status) for level in ("red", "orange", "yellow", "watch") for status in STATUSES}


def test_the_oldest_red_alert_is_read_from_an_index_of_red_ones_alone(tmp_path: Path) -> None:
    engine = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    asked: list[str] = []
    with reading(engine) as conn:
        event.listen(conn, "before_cursor_execute", lambda *given: asked.append(given[2]))
        assert red_unseen(conn) == (0, None)
        [plan] = conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked[0]}").all()
    engine.dispose()

    assert "COVERING INDEX ix_alert_stage_red" in plan[3]
