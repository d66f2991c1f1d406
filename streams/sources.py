"""What reconciliation reads: the sources up to where the processors are, their log's order, and the live alerts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from schemas.codec import Decoded, Record, SchemaError, decode
from schemas.departments import BY_CODE
from schemas.events import problem_of, subject_of
from schemas.fact import fact_of
from schemas.partition import partition_of
from schemas.register import row_problem
from schemas.topics import (
    ALERTS,
    DEAD_LETTERS,
    EVENT_TOPICS,
    HOUSEHOLD_EVENTS,
    REGISTER_HOUSEHOLDS,
    REGISTER_PERSONS,
    TOWNSHIP_ACTIONS,
    events_topic,
)
from streams.action_copy import trouble_with
from streams.activation import read_published
from streams.area_sources import live_area_alerts, read_area_order, read_feeds
from streams.case_states import WITHDRAWN
from streams.lag import Offsets, Positions, lag_of, read_positions
from streams.log_reader import decoded, ends_of, read_all, source_of
from streams.recount_area_history import Areas, Reported
from streams.recount_feeds import FeedHistory
from streams.recount_history import Acted, History, Position, Published, Registered, Rolled, Ticked, first_arrivals
from streams.register import Row
from streams.rule_set import RuleSet

_TOO_LARGE = ("household_too_large", "area_too_large")
_DEPARTMENTS = {events_topic(code): code for code in BY_CODE}
_ROW_FIELDS = Row.__struct_fields__


@dataclass(slots=True)
class Reading:
    """The bus at one moment.

    Attributes:
        live: newest version of each household's alert.
        lag: records that the processors had not read.
        removed: household -> its facts whose source is no longer kept.
        live_areas: newest version of each area alert that is recounted, by its id.

    """

    history: History
    live: dict[str, Record]
    lag: int
    removed: dict[str, set[Position]] = field(default_factory=dict)
    areas: Areas = field(default_factory=Areas)
    live_areas: dict[str, Record] = field(default_factory=dict)
    feeds: FeedHistory = field(default_factory=FeedHistory)


def read_sources(servers: str) -> Reading:
    """Read the bus.

    Raises:
        KafkaError: it does not answer.

    """
    positions = read_positions(servers)
    letters, rule_sets = _too_large(servers), read_published(servers)
    reading = Reading(History(), {}, sum(behind for group in lag_of(positions).values() for behind in group.values()))
    _read_order(servers, positions, letters, rule_sets, reading)
    read_area_order(servers, positions, letters, rule_sets, reading.areas)
    assigned = ends_of(positions, "assign")
    _read_rows(servers, assigned, reading.history)
    _read_events(servers, assigned, letters, reading)
    _read_actions(servers, assigned, reading.history)
    _read_alerts(servers, reading)
    reading.feeds = read_feeds(servers)
    reading.live_areas = live_area_alerts(servers)
    return reading


def _too_large(servers: str) -> set[Position]:
    """Records that were refused because of what household, person or place held already; only the processors know."""
    found = (decode(record.value)[1] for record in read_all(servers, [DEAD_LETTERS]))
    return {
        (letter["source_topic"], letter["source_partition"], letter["source_offset"])
        for letter in found
        if letter["reason"] in _TOO_LARGE
    }


def _read_order(
    servers: str, positions: Positions, letters: set[Position], rule_sets: Mapping[str, RuleSet], reading: Reading
) -> None:
    history = reading.history
    taken: set[tuple[str, Position]] = set()
    for record, item in decoded(servers, [HOUSEHOLD_EVENTS], ends_of(positions, "correlate")):
        if isinstance(item, SchemaError):
            continue
        name, content = item
        if name == "tick":
            tick = Ticked(record.offset, content["day"], content["positions"])
            history.ticks.setdefault(record.partition, []).append(tick)
        elif name == "activation":
            rules = history.rule_sets[record.partition] = rule_sets[content["rule_set"]]
            history.activated.setdefault(record.partition, []).append((record.offset, rules))
        elif name == "membership":
            rolled = Rolled(record.offset, content["person_id"], content["source_offset"])
            history.rolls.setdefault(record.key.decode(), []).append(rolled)
            _arrives(history, record, _place(content))
        elif name == "household_action":
            _arrives(history, record, _place(content))
        elif name == "household_fact":
            household_id, at = record.key.decode(), source_of(content["fact"])
            _arrives(history, record, at)
            refused = (record.topic, record.partition, record.offset) in letters
            (history.refused if refused else taken).add((household_id, at))
            if at[2] < positions.first.get(at[:2], 0):
                reading.removed.setdefault(household_id, set()).add(at)
    history.refused -= taken


def _arrives(history: History, record: Any, at: Position) -> None:
    history.arrivals.setdefault(record.key.decode(), []).append((record.offset, at))


def _place(content: Record) -> Position:
    return content["source_topic"], content["source_partition"], content["source_offset"]


def _read_rows(servers: str, ends: Offsets, history: History) -> None:
    newest: dict[tuple[str, str, int], Record] = {}
    for record, item in decoded(servers, [REGISTER_PERSONS, REGISTER_HOUSEHOLDS], ends):
        row = valid_row(record, item)
        if row is None:
            continue
        if record.topic == REGISTER_HOUSEHOLDS:
            history.named.add(row["household_id"])
        else:
            newest[row["person_id"], row["household_id"], row["valid_from"]] = row
            said = Registered(record.offset, row["household_id"], row["valid_from"], _stay(row))
            history.registered.setdefault(row["person_id"], []).append(said)
    for (person, _, _), row in newest.items():
        stay = _stay(row)
        if stay is not None:
            history.rows.setdefault(person, []).append(stay)


def _stay(row: Record) -> Row | None:
    return None if row["retracted"] else Row(*(row[name] for name in _ROW_FIELDS))


def valid_row(record: Any, item: Decoded | SchemaError) -> Record | None:
    """Row of a register topic that assign takes, or None."""
    if isinstance(item, SchemaError) or item[0] != "register_row" or row_problem(item[1]):
        return None
    owner = item[1]["person_id" if record.topic == REGISTER_PERSONS else "household_id"]
    return item[1] if partition_of(owner.encode()) == record.partition else None


def _read_events(servers: str, ends: Offsets, letters: set[Position], reading: Reading) -> None:
    for record, item in decoded(servers, EVENT_TOPICS, ends):
        at = record.topic, record.partition, record.offset
        if isinstance(item, SchemaError) or at in letters:
            continue
        department = _DEPARTMENTS[record.topic]
        name, event = item
        if name == department and problem_of(event, department) is None and in_place(record, event):
            fact, region = fact_of(event, record.timestamp), event["region_code"]
            if event["person_id"] or event["household_id"]:
                household_id = None if event["person_id"] else event["household_id"]
                reading.history.events.append(Published(fact, household_id, at))
            else:
                reading.areas.events.append(Reported(fact, region, at))


def _read_actions(servers: str, ends: Offsets, history: History) -> None:
    """What people did, as they sent it; from household.events only when it came."""
    came: dict[str, Mapping[Position, int]] = {}
    for record, item in decoded(servers, [TOWNSHIP_ACTIONS], ends):
        if isinstance(item, SchemaError) or trouble_with(item, record) is not None:
            continue
        household_id = item[1]["household_id"]
        if household_id not in came:
            came[household_id] = first_arrivals(history, household_id)
        offset = came[household_id].get((record.topic, record.partition, record.offset))
        if offset is not None:
            acted = Acted(offset, record.timestamp, item[1])
            history.actions.setdefault(household_id, []).append(acted)


def _read_alerts(servers: str, reading: Reading) -> None:
    """Newest version of each household's present alert: the last one, unless it is withdrawn and one before is not."""
    newest: dict[str, Record] = {}
    versions = reading.history.versions
    acted_on = {acted.action["alert_id"] for actions in reading.history.actions.values() for acted in actions}
    for alert in (decode(record.value)[1] for record in read_all(servers, [ALERTS])):
        if alert["alert_id"] in acted_on:
            versions.setdefault(alert["alert_id"], {})[alert["version"]] = _place(alert)
        known = newest.get(alert["alert_id"])
        if known is None or alert["version"] >= known["version"]:
            newest[alert["alert_id"]] = alert
    for alert in newest.values():
        known = reading.live.get(alert["household_id"])
        if known is None or _rank(alert) > _rank(known):
            reading.live[alert["household_id"]] = alert


def _rank(alert: Record) -> tuple[bool, int]:
    return alert["status"] != WITHDRAWN, alert["ordinal"]


def in_place(record: Any, event: Mapping[str, Any]) -> bool:
    """Whether an event stands under its subject's key and on its partition."""
    key = subject_of(event).encode()
    return bool(record.key == key and partition_of(key) == record.partition)
