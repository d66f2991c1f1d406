"""Every topic: its key, how long it is kept, who writes and who reads it.

All partition counts are equal and fixed: an entity's records meet on one partition number, and a change would
part every entity from its state. Declared by `deploy.topics`, never by Faust.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from schemas.departments import DEPARTMENTS

PARTITIONS = 12
MAX_BATCH_BYTES = 2 * 1024 * 1024
KEPT_DAYS = 830
"""830 days: lateness (400) + longest window (365) + slack."""

HOUSEHOLD_EVENTS = "household.events"
TOWNSHIP_EVENTS = "township.events"
TOWNSHIP_ACTIONS = "township.actions"
REGISTER_PERSONS = "register.persons"
REGISTER_HOUSEHOLDS = "register.households"
DELIVERIES = "feed.deliveries"
OUTCOMES = "feed.outcomes"
ALERTS = "alerts"
AREA_ALERTS = "area.alerts"
RULES = "rules"
DEAD_LETTERS = "dead.letters"
SUBJECTS_CHANGELOG = "assign-subjects-changelog"
HOUSEHOLDS_CHANGELOG = "correlate-households-changelog"
AREAS_CHANGELOG = "area-places-changelog"


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic as it is declared.

    Attributes:
        cleanup: `compact` keeps the newest record of each key.
        retention_days: None keeps records for ever.
        max_message_bytes: limit of a whole produce batch.

    """

    name: str
    doc: str
    cleanup: Literal["delete", "compact"] = "delete"
    retention_days: int | None = KEPT_DAYS
    partitions: int = PARTITIONS
    max_message_bytes: int = MAX_BATCH_BYTES


def events_topic(department: str) -> str:
    """Topic of a department's events."""
    return f"events.{department}"


EVENT_TOPICS: tuple[str, ...] = tuple(events_topic(d.code) for d in DEPARTMENTS)


def _compact(name: str, doc: str) -> Topic:
    return Topic(name, doc, cleanup="compact", retention_days=None)


def _archive(name: str, doc: str) -> Topic:
    return Topic(name, doc, retention_days=None)


TOPICS: tuple[Topic, ...] = (
    *(
        Topic(
            events_topic(d.code),
            f"{d.name}: key person_id, or household_id; producers -> assign",
        )
        for d in DEPARTMENTS
    ),
    _compact(
        REGISTER_PERSONS,
        "key person_id|household_id|valid_from, partition by person_id; producers -> assign",
    ),
    _compact(
        REGISTER_HOUSEHOLDS,
        "key household_id|valid_from|person_id, partition by household_id; producers -> assign",
    ),
    Topic(
        HOUSEHOLD_EVENTS,
        "key household_id; assign, clock and activations -> correlate",
    ),
    Topic(TOWNSHIP_EVENTS, "key township code; correlate, assign, clock -> area"),
    _archive(TOWNSHIP_ACTIONS, "key household_id; inbox -> assign"),
    Topic(DELIVERIES, "key department; producers -> clock, county page"),
    _compact(OUTCOMES, "key batch_id|partition; assign -> receipts"),
    _archive(ALERTS, "key household_id; correlate -> notify; never compacted"),
    _archive(AREA_ALERTS, "key alert id; area, assign, clock -> notify"),
    _archive(RULES, "key rule set hash; rules publish -> correlate"),
    Topic(
        DEAD_LETTERS,
        "key topic|partition|offset; assign, correlate, area -> people",
        max_message_bytes=2 * MAX_BATCH_BYTES,
    ),
    _compact(SUBJECTS_CHANGELOG, "state of assign"),
    _compact(HOUSEHOLDS_CHANGELOG, "state of correlate"),
    _compact(AREAS_CHANGELOG, "state of area"),
)
