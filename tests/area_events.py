"""Builders: events of villages as departments publish them, so many days after START."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from schemas.beijing import DAY_MS, start_of
from schemas.codec import Record
from tests.areas import TOWNSHIP, VILLAGE
from tests.builders import day

START = day("2023-06-01")
NEXT = f"{TOWNSHIP[:6]}102"
PLACES = (VILLAGE, f"{TOWNSHIP}202", f"{NEXT}201")


def event(department: str, kind: str, event_id: str, on: int, body: Record, /, **more: Any) -> Record:
    """An event of VILLAGE so many days after START."""
    said: Record = {
        "event_id": event_id,
        "revision": 0,
        "retracted": False,
        "department": department,
        "kind": kind,
        "region_code": VILLAGE,
        "person_id": None,
        "household_id": None,
        "occurred_at": start_of(START + on),
        "published_at": start_of(START + on) + DAY_MS,
        "batch_id": "b",
        "row": 1,
        "data_class": "ordinary",
        "body": body,
    }
    return said | more


def outage(event_id: str, on: int, places: Sequence[str] = PLACES[:1], est_days: int = 5, **more: Any) -> Record:
    body = {"facility_id": "S1", "village_codes": list(places), "since": start_of(START + on), "est_days": est_days}
    return event("water", "outage", event_id, on, body, **more)


def water_test(event_id: str, on: int, places: Sequence[str], good: bool, facility: str = "S1", **more: Any) -> Record:
    body = {"facility_id": facility, "village_codes": list(places), "pass": good}
    return event("water", "quality", event_id, on, body | {"indicator": "microbe", "tested_on": START + on}, **more)


def warned(event_id: str, on: int, places: Sequence[str], level: int, until: int, **more: Any) -> Record:
    said = start_of(START + on)
    body = {"hazard": "flood", "level": level, "region_codes": list(places), "valid_from": said}
    return event("emergency", "warning", event_id, on, body | {"valid_to": start_of(START + until)}, **more)


def sick(event_id: str, on: int, region: str, **more: Any) -> Record:
    return event("health", "epidemic_impact", event_id, on, {"affected_households": 3}, region_code=region, **more)
