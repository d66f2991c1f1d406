"""What reconciliation reads of places: the order of township.events, and the live alerts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schemas.beijing import day_of
from schemas.codec import Record, SchemaError, decode
from schemas.topics import AREA_ALERTS, DELIVERIES, PARTITIONS, TOWNSHIP_EVENTS
from streams.lag import Positions
from streams.log_reader import decoded, ends_of, read_all, source_of
from streams.recount_area_history import Areas
from streams.recount_feeds import KIND, Delivered, FeedHistory, TickedAt
from streams.recount_history import Position, Ticked
from streams.rule_set import RuleSet

_RECOUNTED = ("area", "regional", "register_conflict", KIND)
_TOWNSHIP_DIGITS = 9


def read_area_order(
    servers: str, positions: Positions, letters: set[Position], rule_sets: Mapping[str, RuleSet], areas: Areas
) -> None:
    """Read ticks, activations, and which event came where, up to where area is; nothing of what they say."""
    for record, item in decoded(servers, [TOWNSHIP_EVENTS], ends_of(positions, "area")):
        if isinstance(item, SchemaError):
            continue
        name, content = item
        if (record.topic, record.partition, record.offset) in letters:
            areas.left_out |= {record.key.decode(), content.get("place") or record.key.decode()}
        if name == "tick":
            tick = Ticked(record.offset, content["day"], content["positions"])
            areas.ticks.setdefault(record.partition, []).append(tick)
        elif name == "activation":
            activated = record.offset, rule_sets[content["rule_set"]]
            areas.activated.setdefault(record.partition, []).append(activated)
        elif name == "area_fact":
            _arrives(record, content, positions, areas)


def _arrives(record: Any, content: Record, positions: Positions, areas: Areas) -> None:
    place, at = content["place"], source_of(content["fact"])
    areas.arrivals.setdefault(place, []).append((record.offset, at))
    if at[2] < positions.first.get(at[:2], 0):
        areas.removed.add(at)
        areas.left_out |= {place, place[:_TOWNSHIP_DIGITS]}


def read_feeds(servers: str) -> FeedHistory:
    """Read when each department delivered what, and the ticks of one partition."""
    history = FeedHistory()
    for record, item in decoded(servers, [DELIVERIES], None):
        if not isinstance(item, SchemaError):
            covers, came = item[1]["covers_to"], day_of(item[1]["delivered_at"])
            delivered = Delivered(item[1]["department"], came if covers is None else covers, record.timestamp)
            history.deliveries.append(delivered)
    others = {(TOWNSHIP_EVENTS, number): 0 for number in range(1, PARTITIONS)}
    for record, item in decoded(servers, [TOWNSHIP_EVENTS], others):
        if isinstance(item, SchemaError) or item[0] != "tick":
            continue
        if not history.ticks or item[1]["day"] > history.ticks[-1].day:
            history.ticks.append(TickedAt(item[1]["day"], record.timestamp))
    return history


def live_area_alerts(servers: str) -> dict[str, Record]:
    """Newest version of each area alert that can be recounted, by its id."""
    newest: dict[str, Record] = {}
    for alert in (decode(record.value)[1] for record in read_all(servers, [AREA_ALERTS])):
        known = newest.get(alert["alert_id"])
        if alert["kind"] in _RECOUNTED and (known is None or alert["version"] > known["version"]):
            newest[alert["alert_id"]] = alert
    return newest
