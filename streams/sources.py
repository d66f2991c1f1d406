"""What reconciliation reads: the sources up to where the processors are, their log's order, and the live alerts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from schemas.codec import Decoded, Record, SchemaError, decode, decode_many
from schemas.departments import BY_CODE
from schemas.events import problem_of, subject_of
from schemas.fact import fact_of, unpack_routed
from schemas.partition import partition_of
from schemas.register import row_problem
from schemas.topics import (
    ALERTS,
    DEAD_LETTERS,
    EVENT_TOPICS,
    HOUSEHOLD_EVENTS,
    REGISTER_HOUSEHOLDS,
    REGISTER_PERSONS,
    events_topic,
)
from streams.activation import read_published
from streams.lag import Offsets, Positions, lag_of, read_positions
from streams.log_reader import read_all
from streams.recount import History, Position, Published, Ticked
from streams.register import Row

_AT_ONCE = 2000
_TOO_LARGE = "household_too_large"
_DEPARTMENTS = {events_topic(code): code for code in BY_CODE}
_ROW_FIELDS = Row.__struct_fields__


@dataclass(slots=True)
class Reading:
    """The bus at one moment.

    Attributes:
        live: newest version of each household's alert.
        lag: records that the processors had not read.
        removed: household -> its facts whose source is no longer kept.

    """

    history: History
    live: dict[str, Record]
    lag: int
    removed: dict[str, set[Position]] = field(default_factory=dict)


def read_sources(servers: str) -> Reading:
    """Read the bus.

    Raises:
        KafkaError: it does not answer.

    """
    positions = read_positions(servers)
    letters = _too_large(servers)
    reading = Reading(History(), {}, sum(behind for group in lag_of(positions).values() for behind in group.values()))
    _read_order(servers, positions, letters, reading)
    assigned = _ends(positions, "assign")
    _read_rows(servers, assigned, reading.history)
    _read_events(servers, assigned, letters, reading.history)
    for alert in (decode(record.value)[1] for record in read_all(servers, [ALERTS])):
        known = reading.live.get(alert["household_id"])
        if known is None or alert["version"] >= known["version"]:
            reading.live[alert["household_id"]] = alert
    return reading


def _ends(positions: Positions, group: str) -> Offsets:
    """How far a group has come; nowhere where it never committed."""
    committed = positions.committed.get(group, {})
    return {partition: committed.get(partition, 0) for partition in positions.end}


def _decoded(servers: str, topics: Iterable[str], ends: Offsets | None) -> Iterator[tuple[Any, Decoded | SchemaError]]:
    records = read_all(servers, topics, ends)
    while chunk := list(islice(records, _AT_ONCE)):
        yield from zip(chunk, decode_many([record.value for record in chunk]), strict=True)


def _too_large(servers: str) -> set[Position]:
    """Records that were refused because of what the household or person held already; only the processors know."""
    found = (decode(record.value)[1] for record in read_all(servers, [DEAD_LETTERS]))
    return {
        (letter["source_topic"], letter["source_partition"], letter["source_offset"])
        for letter in found
        if letter["reason"] == _TOO_LARGE
    }


def _read_order(servers: str, positions: Positions, letters: set[Position], reading: Reading) -> None:
    history, rule_sets = reading.history, read_published(servers)
    taken: set[tuple[str, Position]] = set()
    for record, item in _decoded(servers, [HOUSEHOLD_EVENTS], _ends(positions, "correlate")):
        if isinstance(item, SchemaError):
            continue
        name, content = item
        if name == "tick":
            tick = Ticked(record.offset, content["day"], content["positions"])
            history.ticks.setdefault(record.partition, []).append(tick)
        elif name == "activation":
            history.rule_sets[record.partition] = rule_sets[content["rule_set"]]
        elif name == "household_fact":
            household_id, at = record.key.decode(), _source(content["fact"])
            history.arrivals.setdefault(household_id, []).append((record.offset, at))
            refused = (record.topic, record.partition, record.offset) in letters
            (history.refused if refused else taken).add((household_id, at))
            if at[2] < positions.first.get(at[:2], 0):
                reading.removed.setdefault(household_id, set()).add(at)
    history.refused -= taken


def _source(packed: bytes) -> Position:
    """Where a fact was published; what it says is read there."""
    routed = unpack_routed(packed)
    return routed.source_topic, routed.source_partition, routed.source_offset


def _read_rows(servers: str, ends: Offsets, history: History) -> None:
    newest: dict[tuple[str, str, int], Record] = {}
    for record, item in _decoded(servers, [REGISTER_PERSONS, REGISTER_HOUSEHOLDS], ends):
        row = _valid_row(record, item)
        if row is None:
            continue
        if record.topic == REGISTER_HOUSEHOLDS:
            history.named.add(row["household_id"])
        else:
            newest[row["person_id"], row["household_id"], row["valid_from"]] = row
    for (person, _, _), row in newest.items():
        if not row["retracted"]:
            history.rows.setdefault(person, []).append(Row(*(row[name] for name in _ROW_FIELDS)))


def _valid_row(record: Any, item: Decoded | SchemaError) -> Record | None:
    if isinstance(item, SchemaError) or item[0] != "register_row" or row_problem(item[1]):
        return None
    owner = item[1]["person_id" if record.topic == REGISTER_PERSONS else "household_id"]
    return item[1] if partition_of(owner.encode()) == record.partition else None


def _read_events(servers: str, ends: Offsets, letters: set[Position], history: History) -> None:
    for record, item in _decoded(servers, EVENT_TOPICS, ends):
        at = record.topic, record.partition, record.offset
        if isinstance(item, SchemaError) or at in letters:
            continue
        department = _DEPARTMENTS[record.topic]
        name, event = item
        if name == department and problem_of(event, department) is None and _in_place(record, event):
            household_id = None if event["person_id"] else event["household_id"]
            history.events.append(Published(fact_of(event, record.timestamp), household_id, at))


def _in_place(record: Any, event: Mapping[str, Any]) -> bool:
    key = subject_of(event).encode()
    return bool(record.key == key and partition_of(key) == record.partition)
