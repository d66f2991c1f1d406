"""What reconciliation knows of villages, townships and the county: events, and the order of township.events. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from schemas.fact import Fact
from streams.recount_history import Position, Ticked
from streams.rule_set import RuleSet


class Reported(NamedTuple):
    """A valid event of villages: its fact, the region under which it was published, and where that stands."""

    fact: Fact
    region_code: str
    at: Position


@dataclass(slots=True)
class Areas:
    """All that was published of places, and the order that only township.events knows.

    Attributes:
        arrivals: place -> offset on township.events, and which event it brings.
        ticks: partition of township.events -> its ticks; `activated` each rule set with the offset from which on it was
            active.
        left_out: places of which not all is known: a source is no longer kept, or area refused a record.
        removed: events whose source is no longer kept.

    """

    events: list[Reported] = field(default_factory=list)
    arrivals: dict[str, list[tuple[int, Position]]] = field(default_factory=dict)
    ticks: dict[int, list[Ticked]] = field(default_factory=dict)
    activated: dict[int, list[tuple[int, RuleSet]]] = field(default_factory=dict)
    left_out: set[str] = field(default_factory=set)
    removed: set[Position] = field(default_factory=set)
