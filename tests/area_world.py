"""Villages and townships in miniature: what is published goes through assign into area and to the recount."""

from __future__ import annotations

from collections.abc import Mapping

from schemas.codec import Record, decode
from schemas.fact import fact_of, unpack_routed
from schemas.partition import partition_of
from schemas.topics import PARTITIONS, events_topic
from streams.area_slice import places_of
from streams.assign_area import take_area_event
from streams.reconcile import Difference, area_differences
from streams.recount_area import expected_areas
from streams.recount_area_history import Areas, Reported
from streams.recount_history import Ticked, Verdict
from streams.rule_set import shipped
from streams.subject import Source, Subject, new_subject
from tests.areas import Place


class AreaWorld:
    """Assign and area without a bus: what assign sends, area folds at once.

    Attributes:
        areas: what reconciliation would read of it; the order is that of one log.
        verdicts: what is due in households, where they are given.

    """

    def __init__(self) -> None:
        self.areas = Areas(activated={number: [(0, shipped())] for number in range(PARTITIONS)})
        self.verdicts: dict[str, Verdict] = {}
        self._places: dict[str, Place] = {}
        self._subjects: dict[str, Subject] = {}
        self._offset = 0
        self._today: int | None = None

    def place(self, code: str) -> Place:
        """A village, township or county."""
        return self._places.setdefault(code, Place(code, today=self._today))

    def publish(self, *events: Record) -> AreaWorld:
        """A department publishes."""
        for event in events:
            self._offset += 1
            key, topic = event["region_code"], events_topic(event["department"])
            source = Source(topic, partition_of(key.encode()), self._offset, event["published_at"])
            self.areas.events.append(Reported(fact_of(event, source.known_at), key, source[:3]))
            for _, message in take_area_event(self._subjects.setdefault(key, new_subject()), event, source).sends:
                self._hear(decode(message)[1])
        return self

    def _hear(self, said: Record) -> None:
        routed = unpack_routed(said["fact"])
        at = routed.source_topic, routed.source_partition, routed.source_offset
        self.areas.arrivals.setdefault(said["place"], []).append((self._offset, at))
        for code in places_of(said["place"]):
            self.place(code.decode()).hear(routed.fact, place=said["place"], named=said["named"])

    def tick(self, day: int) -> AreaWorld:
        self._offset += 1
        self._today = day
        for number in range(PARTITIONS):
            self.areas.ticks.setdefault(number, []).append(Ticked(self._offset, day))
        for place in self._places.values():
            place.tick(day)
        return self

    def live(self) -> Mapping[str, Record]:
        """Newest version of every alert, as reconcile finds it on the topic."""
        found = [place.alert(about) for place in self._places.values() for about in place.area.issued]
        return {alert["alert_id"]: alert for alert in found}

    def standing(self) -> list[tuple[str, str]]:
        """Place and title of every alert that stands."""
        return sorted((a["place_code"], a["title"]) for a in self.live().values() if a["status"] == "ALERTED")

    def differences(self) -> list[Difference]:
        """What reconcile says."""
        return area_differences(self.live(), expected_areas(self.areas, self.verdicts))
