"""A slice of area's work: what villages and townships do with their records, and what is published of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import msgspec

from schemas.codec import Decoded, Record, SchemaError, decode_many
from schemas.fact import RoutedFact, unpack_routed
from schemas.topics import AREA_ALERTS
from streams.area import catch_up, due_day, fold_census, fold_event, fold_signal, fold_tick
from streams.area_alert import ALERTED, area_alert_id
from streams.area_records import Area, Issued, pack, too_large, unpack
from streams.area_view import TOWNSHIP_DIGITS
from streams.case import Source
from streams.entity_slice import TURNS, EntitySlice, Message
from streams.opened import Books, Opened, Storing
from streams.rule_set import RuleSet
from streams.state_table import Partition

if TYPE_CHECKING:
    from streams.app import Out

_STORING = Storing("area", Area, attrgetter("issued"), pack, unpack, due_day, too_large, "area_too_large")
PLACE = "place"
"""What metrics call an alert that a place's own events raise."""
_SIGNAL, _CENSUS = "signal", "census"


class Slice(EntitySlice[Area]):
    """Work on one partition since the last write."""

    def __init__(self, partition: Partition, books: Books, out: Out, rules: Callable[[str], RuleSet | None]) -> None:
        """Start an empty slice; `rules` finds a published set."""
        super().__init__(partition, books, out, rules, _STORING)
        self._alerts: list[Message] = []

    def _read(self, values: Sequence[bytes | None]) -> Iterable[Decoded | SchemaError]:
        return decode_many(values)

    def _keys(self, record: Any, item: Decoded | SchemaError) -> Iterable[bytes]:
        if isinstance(item, SchemaError) or not record.key:
            return ()
        name, content = item
        return places_of(content["place"]) if name == "area_fact" else (record.key,)

    def _take(self, record: Any, item: Decoded | SchemaError) -> Decoded | None:
        if isinstance(item, SchemaError):
            self._refuse(record, item.reason, item.field)
            return None
        name, content = item
        if name in TURNS:
            return item
        if name == "area_fact":
            self._take_event(record, content)
        elif name in (_SIGNAL, _CENSUS):
            self._take_told(record, name, content)
        else:
            self._refuse(record, "wrong_schema", None)
        return None

    def _take_event(self, record: Any, content: Record) -> None:
        try:
            routed = unpack_routed(content["fact"])
        except (msgspec.DecodeError, UnicodeDecodeError):
            self._refuse(record, "unreadable", None)
            return
        place, source = content["place"], _source_of(routed)
        if key_of(place) != record.key:
            self._refuse(record, "wrong_key", None)
            return
        for key in places_of(place):
            fold = partial(fold_event, fact=routed.fact, place=place, named=content["named"], source=source)
            self._fold_into(record, key, fold)

    def _take_told(self, record: Any, name: str, content: Record) -> None:
        if content["township_code"].encode() != record.key:
            self._refuse(record, "wrong_key", None)
            return
        source = _source(record, content)
        if name == _SIGNAL:
            self._fold_into(record, record.key, partial(fold_signal, signal=content, source=source))
        else:
            self._fold_into(record, record.key, partial(fold_census, census=content, source=source))

    def _fold_into(self, record: Any, key: bytes, fold: Callable[..., None]) -> None:
        opened = self._open(record, key)
        if opened is not None:
            moment, code = self._books.moment, key.decode()
            self._fold(record, opened, lambda area: fold(code, area, moment=moment))

    def _reevaluate(self, opened: Opened[Area], source: Source) -> None:
        catch_up(opened.id, opened.state, self._books.moment, source)

    def _visit(self, opened: Opened[Area], source: Source) -> None:
        fold_tick(opened.id, opened.state, self._books.moment, source)

    def _changed(self, opened: Opened[Area]) -> None:
        before, issued = opened.before, opened.state.issued
        if issued is before:
            return
        for about, each in issued.items():
            known = before.get(about)
            if known is None or each.version > known.version:
                self._alerts.append(_message(opened.key, about, each))
                if each.status == ALERTED and (known is None or known.status != ALERTED):
                    self._books.ledger.totals[f"alert|{each.level}|{about or PLACE}"] += 1

    def _repeat(self, key: bytes, state: Area) -> None:
        self._alerts += [_message(key, about, each) for about, each in state.issued.items()]

    def _effects(self) -> Iterator[tuple[str, list[Message]]]:
        alerts, self._alerts = self._alerts, []
        yield AREA_ALERTS, alerts


def key_of(place: str) -> bytes:
    """Key on township.events of what concerns a place: its township, or the county itself."""
    return place[:TOWNSHIP_DIGITS].encode()


def places_of(place: str) -> tuple[bytes, ...]:
    """Entities into which an event of a place is folded: a village's into its township too."""
    code, key = place.encode(), key_of(place)
    return (code,) if code == key else (code, key)


def _message(key: bytes, about: str, issued: Issued) -> Message:
    return area_alert_id(key.decode(), about).encode(), issued.message


def _source_of(routed: RoutedFact) -> Source:
    return Source(routed.source_topic, routed.source_partition, routed.source_offset, routed.fact.known_at)


def _source(record: Any, content: Record) -> Source:
    """The record behind a signal; of a census, which no single record causes, itself."""
    if "source_topic" not in content:
        return Source(record.topic, record.partition, record.offset, record.timestamp)
    return Source(content["source_topic"], content["source_partition"], content["source_offset"], content["known_at"])
