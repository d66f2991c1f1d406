"""Which alerts name events of a delivery as their evidence, as the store has it: in counts, without the events' ids.

Of an event the store keeps 8 bytes of a hash of its id: enough to count, nothing to read.
"""

from __future__ import annotations

import hashlib
import json
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, case, func, select, text
from sqlalchemy.dialects.sqlite import insert

from producers.gateway.store import ALERTS, EVIDENCE, SENT
from producers.results.came_of import Verdicts, is_raised, verdict_of, verdicts_of
from schemas.codec import HEADER_BYTES
from schemas.departments import BY_CODE

_COUNTS = (
    select(ALERTS.c.verdict, func.count().label("alerts"))
    .where(
        ALERTS.c.raised,
        ALERTS.c.alert_id.in_(
            select(EVIDENCE.c.alert_id).where(
                text("evidence.department = :department AND evidence.event IN (SELECT value FROM json_each(:marks))")
            )
        ),
    )
    .group_by(ALERTS.c.verdict)
)


def mark_of(event_id: bytes) -> int:
    """What the store keeps of an event id."""
    return int.from_bytes(hashlib.blake2b(event_id, digest_size=8).digest(), "little", signed=True)


def event_id_in(message: bytes) -> bytes:
    """Id of an encoded event: the first field of every department's schema."""
    length, shift, at = 0, 0, HEADER_BYTES
    while True:
        byte = message[at]
        at += 1
        length |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            break
    return message[at : at + (length >> 1)]


def keep_sent(conn: Connection, batch_id: str, marks: Iterable[int]) -> None:
    """Note a delivery's events."""
    events = array("q", sorted(set(marks))).tobytes()
    given = insert(SENT).values(batch_id=batch_id, events=events)
    conn.execute(given.on_conflict_do_update(index_elements=["batch_id"], set_={"events": events}))


def note_alerts(conn: Connection, versions: Iterable[Mapping[str, Any]]) -> None:
    """Take in versions of alerts, in any order and as often as they come."""
    for alert in versions:
        conn.execute(_UPSERT, _alert_row(alert))
        if evidence := list(_evidence_rows(alert)):
            conn.execute(insert(EVIDENCE).on_conflict_do_nothing(), evidence)


def _alert_row(alert: Mapping[str, Any]) -> dict[str, Any]:
    verdict = verdict_of(alert)
    return {
        "alert_id": alert["alert_id"],
        "raised": is_raised(alert),
        "verdict": verdict,
        "verdict_version": alert["version"] if verdict else -1,
    }


def _evidence_rows(alert: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    rows = {
        (department, mark_of(event_id.encode()))
        for cause in alert["causes"]
        for department in cause["departments"]
        if department in BY_CODE
        for event_id in cause["evidence"]
    }
    return ({"department": d, "event": mark, "alert_id": alert["alert_id"]} for d, mark in sorted(rows))


def came_of(conn: Connection, department: str, batch_id: str) -> Verdicts | None:
    """Alerts that name an event of a delivery, by verdict; None where its events are not known."""
    events = conn.execute(select(SENT.c.events).where(SENT.c.batch_id == batch_id)).scalar_one_or_none()
    if events is None:
        return None
    marks = json.dumps(array("q", events).tolist())
    found = Counter(
        {row.verdict: row.alerts for row in conn.execute(_COUNTS, {"department": department, "marks": marks})}
    )
    return verdicts_of(found)


def _upsert() -> Any:
    given = insert(ALERTS)
    new, newer = given.excluded, given.excluded.verdict_version > ALERTS.c.verdict_version
    return given.on_conflict_do_update(
        index_elements=["alert_id"],
        set_={
            "raised": ALERTS.c.raised | new.raised,
            "verdict": case((newer, new.verdict), else_=ALERTS.c.verdict),
            "verdict_version": func.max(ALERTS.c.verdict_version, new.verdict_version),
        },
    )


_UPSERT = _upsert()
