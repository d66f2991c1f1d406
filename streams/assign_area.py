"""Which villages, townships or counties an event of an area concerns, and what they are told. Pure."""

from __future__ import annotations

from functools import cache
from typing import Any

from schemas.codec import encode
from schemas.fact import RoutedFact, fact_of, pack_routed
from schemas.kinds import all_kinds
from streams.assign import APPLIED, DUPLICATE, LATE_MS, EventEffect, Send, forget, is_conflicting, take_fact
from streams.subject import Held, Source, Subject, named_in

_TOWNSHIP_DIGITS = 9


@cache
def area_kinds() -> frozenset[tuple[str, str]]:
    """Department and kind of every event that concerns an area."""
    return frozenset(code for code, kind in all_kinds().items() if kind.area)


def take_area_event(subject: Subject, event: dict[str, Any], source: Source) -> EventEffect:
    """Fold a valid event into its subject, the region code under which it was published; never parked.

    It is sent to every place that it names, and to those that an earlier revision named. A duplicate is sent again.
    """
    fact = fact_of(event, source.known_at)
    held = subject.facts.get(fact.id)
    conflicting = held is not None and is_conflicting(fact, held.fact)
    if held is None or fact.rank > held.fact.rank:
        held = take_fact(subject, fact, event["published_at"], source, held)
    outcome = APPLIED if held.was_newest(source.offset) else DUPLICATE
    late = event["published_at"] - event["occurred_at"] > LATE_MS
    sends = _sends(held, event["region_code"])
    forget(subject, min(event["published_at"], source.known_at))
    return EventEffect(outcome, conflicting, late, sends, [], parked=False)


def _sends(held: Held, key: str) -> list[Send]:
    """A message for each place, under the code of its township, or of the county."""
    named = [] if held.fact.retracted else list(named_in(held.fact) or (key,))
    before = {*held.codes, key} if named_in(held.fact) is None else {*held.codes}
    fact = pack_routed(RoutedFact(held.fact, held.published_at, held.topic, held.partition, held.offset))
    return [
        (place[:_TOWNSHIP_DIGITS], encode("area_fact", {"place": place, "named": place in named, "fact": fact}))
        for place in sorted({*named, *before})
    ]
