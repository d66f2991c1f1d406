"""Builders of what the bus says of a department's deliveries: deliveries, outcomes, events, letters, verdicts."""

from __future__ import annotations

from typing import Any

from schemas.codec import Record, encode
from tests.alerts import alert, cause
from tests.builders import at

HOUSING = "housing"
MARCH = at("2026-03-05T10:00:00")
SHA = "ab" * 32
ANSWERED = MARCH + 5 * 86_400_000
WRONG: Any = {"reason": "data_error", "acted_at": ANSWERED}
"""What makes a rejection an objection."""


def batch_id(number: int, department: str = HOUSING) -> str:
    return f"{department}-20260305100000-{number:08x}"


def delivery(number: int, accepted: int, rejected: int = 0, **more: Any) -> Record:
    """A file of housing's, delivered in March 2026."""
    return {
        "department": HOUSING,
        "batch_id": batch_id(number, more.get("department", HOUSING)),
        "source": "file",
        "covers_to": None,
        "delivered_at": MARCH,
        "accepted": accepted,
        "rejected": rejected,
        "content_sha256": SHA,
        "rejected_by": {},
        **more,
    }


def outcome(number: int, partition: int = 0, **counts: int) -> Record:
    nothing = dict.fromkeys(("applied", "duplicate", "parked", "dead_lettered", "parked_now"), 0)
    return {"batch_id": batch_id(number), "department": HOUSING, "partition": partition, **nothing, **counts}


def event(event_id: str, number: int, row: int = 1, grade: str = "D", **more: Any) -> Record:
    """An inspection of a batch, as the department's topic has it."""
    body = {"grade": grade, "hazard": "crack", "inspected_on": 20_000}
    return {
        "event_id": event_id,
        "revision": 0,
        "retracted": False,
        "department": HOUSING,
        "kind": "inspection",
        "region_code": "231222101003",
        "person_id": "p_one",
        "household_id": None,
        "occurred_at": MARCH - 86_400_000,
        "published_at": MARCH,
        "batch_id": batch_id(number),
        "row": row,
        "data_class": "ordinary",
        "body": body,
        **more,
    }


def letter(letter_id: str, number: int, *, replayed: bool = False, reason: str = "too_old") -> Record:
    value = b"" if replayed else encode(HOUSING, event(letter_id, number))
    return {
        "id": letter_id,
        "department": HOUSING,
        "reason": reason,
        "field": "occurred_at",
        "at": MARCH,
        "key": b"p_one",
        "value": value,
        "size": len(value),
        "replayed": replayed,
        "known_at": MARCH,
        "source_topic": "events.housing",
        "source_partition": 0,
        "source_offset": 1,
    }


def done(action: str, version_seen: int = 1, **more: Any) -> Record:
    """What an `alert` record says of an answer that counted."""
    return {
        "action_id": f"x_{action}",
        "action": action,
        "reason": None,
        "actor": "c_1",
        "role": "township",
        "township_code": "220302001",
        "acted_at": ANSWERED,
        "version_seen": version_seen,
        "outcome": "accepted",
        "why": None,
        **more,
    }


def about(*event_ids: str, alert_id: str = "a_one", departments: tuple[str, ...] = (HOUSING,), **more: Any) -> Record:
    """Version of an alert whose one cause rests on these events."""
    seen = {"evidence": list(event_ids), "evidence_count": len(event_ids), "departments": list(departments)}
    return alert(**{"alert_id": alert_id, "causes": [cause("R13") | seen], **more})
