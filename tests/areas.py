"""Builders: events of villages, signals, and a place that records are folded into."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from schemas.codec import Record, decode
from schemas.fact import Fact, Value
from streams.area import due_day, fold_census, fold_event, fold_signal, fold_tick
from streams.area_records import Area, Issued, pack, unpack
from streams.case import Moment, Source
from streams.rule_set import RuleSet, shipped
from tests.builders import at, day, fact

TOWNSHIP = "231222101"
VILLAGE, OTHER_VILLAGE = f"{TOWNSHIP}201", f"{TOWNSHIP}202"


def outage(days: int = 5, when: str | int = "2023-06-01", event_id: str = "o1", **more: Value) -> Fact:
    """Water is off in VILLAGE; facility S1 unless another is named."""
    said: dict[str, Value] = {"facility_id": "S1", "village_codes": (VILLAGE,), "est_days": days}
    return fact("water.outage", when, event_id, **(said | more))  # type: ignore[arg-type]  # keywords of fact


def checked(when: str | int = "2023-06-01", event_id: str = "q1", *, good: bool = False, facility: str = "S1") -> Fact:
    """Water was tested."""
    said: dict[str, Value] = {"facility_id": facility, "village_codes": (VILLAGE,), "pass": good}
    return fact("water.quality", when, event_id, **said)  # type: ignore[arg-type]  # keywords of fact


def warned(level: int = 1, until: str = "2023-07-22", event_id: str = "w1", *places: str) -> Fact:
    """A warning of TOWNSHIP of 20 July 2023."""
    said: dict[str, Value] = {"level": level, "region_codes": places or (TOWNSHIP,), "valid_to": at(until)}
    return fact("emergency.warning", "2023-07-20", event_id, **said)  # type: ignore[arg-type]  # keywords of fact


def signal(household: str, since: str | int | None, cause: str = "illness", version: int = 1, **more: object) -> Record:
    """`signal` record."""
    return {
        "household_id": household,
        "township_code": TOWNSHIP,
        "cause": cause,
        "version": version,
        "day": day(since) if isinstance(since, str) else since,
        "known_at": at("2023-06-01"),
        "source_topic": "events.housing",
        "source_partition": 0,
        "source_offset": version,
        **more,
    }


def census(households: int, partition: int = 0, counted_to: int = 9) -> Record:
    return {
        "township_code": TOWNSHIP,
        "partition": partition,
        "households": households,
        "counted_to": counted_to,
    }


@dataclass
class Place:
    """A place that records are folded into, one by one, through its table row as in life."""

    code: str = TOWNSHIP
    rules: RuleSet | None = field(default_factory=shipped)
    today: int | None = None
    stored: bytes = field(default_factory=lambda: pack(Area()))
    offset: int = 0

    @property
    def moment(self) -> Moment:
        return Moment(self.rules, self.today, {})

    def _source(self) -> Source:
        self.offset += 1
        return Source("township.events", 0, self.offset, at("2023-06-01"))

    def hear(self, *facts: Fact, place: str | None = None, named: bool = True) -> Place:
        for said in facts:
            area = unpack(self.stored)
            fold_event(self.code, area, said, place or self.code, self.moment, self._source(), named=named)
            self.stored = pack(area)
        return self

    def take(self, *records: Record) -> Place:
        """Signals, and censuses."""
        for record in records:
            area = unpack(self.stored)
            fold = fold_signal if "cause" in record else fold_census
            fold(self.code, area, record, self.moment, self._source())
            self.stored = pack(area)
        return self

    def tick(self, when: str | int) -> Place:
        """A day's tick; as in life, a place that is not due is not visited."""
        self.today = day(when) if isinstance(when, str) else when
        area = unpack(self.stored)
        if 0 < due_day(area) <= self.today:
            fold_tick(self.code, area, self.moment, self._source())
            self.stored = pack(area)
        return self

    @property
    def area(self) -> Area:
        return unpack(self.stored)

    def issued(self, about: str = "") -> Issued | None:
        return self.area.issued.get(about)

    def alert(self, about: str = "") -> Record:
        """Newest version, decoded."""
        found = self.issued(about)
        assert found is not None, f"nothing was ever issued about {about!r}"
        return decode(found.message)[1]

    def says(self, about: str = "") -> list[tuple[str, str, Sequence[str]]]:
        """Rule, level and evidence of each cause that stands."""
        if self.issued(about) is None:
            return []
        return [(cause["rule"], cause["level"], cause["evidence"]) for cause in self.alert(about)["causes"]]
