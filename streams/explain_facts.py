"""The facts of a household as an explanation lists them: what counts, and why each other report does not. Pure."""

from __future__ import annotations

from typing import Any

from schemas.beijing import day_of, instant
from schemas.fact import Fact, RoutedFact
from schemas.kinds import kinds_by_number
from streams.explain_replay import Replayed, place_in_source
from streams.household import Household
from streams.residence import household_of

COUNTS, SUPERSEDED, RETRACTED, ELSEWHERE, FORGOTTEN, REFUSED = (
    "counts",
    "superseded",
    "retracted",
    "elsewhere",
    "forgotten",
    "refused",
)


class Numbers:
    """How members and facts are called on a page: by numbers, members in the order of their ids.

    Attributes:
        members: person -> number.

    """

    def __init__(self, household: Household) -> None:
        """Number the members."""
        self.members = {person: place for place, person in enumerate(sorted(household.people), start=1)}
        self._facts: dict[tuple[str, bytes, int, bool], int] = {}

    def call(self, fact: Fact, number: int) -> None:
        """Give a report its number."""
        self._facts[_key(fact)] = number

    def of(self, fact: Fact) -> int:
        """Number of a report."""
        return self._facts[_key(fact)]


def _key(fact: Fact) -> tuple[str, bytes, int, bool]:
    return fact.id, fact.digest, fact.revision, fact.retracted


def listed_facts(household_id: str, replay: Replayed, numbers: Numbers) -> list[dict[str, Any]]:
    """Every report of a fact that came, by when it happened; several of one fact stand together, the last one first."""
    kept = replay.household.facts
    reports = {_key(routed.fact): routed for routed in reversed(replay.facts)}
    newest: dict[str, int] = {}
    for routed in reports.values():
        newest[routed.fact.id] = max(newest.get(routed.fact.id, 0), routed.fact.occurred_at)
    ordered = sorted(reports.values(), key=lambda r: (newest[r.fact.id], r.fact.id, _reversed(r.fact)))
    shown = []
    for number, routed in enumerate(ordered, start=1):
        numbers.call(routed.fact, number)
        state = _state(household_id, replay, routed, kept.get(routed.fact.id))
        shown.append(_fact(routed, number, numbers, state, _repeats(replay, routed)))
    return shown


def _reversed(fact: Fact) -> tuple[int, bool, bytes]:
    revision, retracted, digest = fact.rank
    return -revision, not retracted, bytes(255 - byte for byte in digest)


def _repeats(replay: Replayed, routed: RoutedFact) -> int:
    """How often one report came again, from wherever it was published."""
    same = [place_in_source(each) for each in replay.facts if _key(each.fact) == _key(routed.fact)]
    return sum(replay.again[at] for at in same) + len(same) - 1


def _state(household_id: str, replay: Replayed, routed: RoutedFact, kept: Fact | None) -> str:
    fact = routed.fact
    if kept is not None and kept.rank > fact.rank:
        return RETRACTED if kept.retracted else SUPERSEDED
    if fact.retracted:
        return RETRACTED
    if place_in_source(routed) in replay.refused:
        return REFUSED
    if kept is None:
        return FORGOTTEN
    membership = None if fact.person is None else replay.household.people.get(fact.person)
    if fact.person is None:
        return COUNTS
    lived = membership is not None and household_of(membership.rows, day_of(fact.occurred_at)) == household_id
    return COUNTS if lived else ELSEWHERE


def _fact(routed: RoutedFact, number: int, numbers: Numbers, state: str, repeats: int) -> dict[str, Any]:
    fact, kind = routed.fact, kinds_by_number()[routed.fact.kind]
    return {
        "number": number,
        "department": fact.department,
        "kind": kind.name,
        "title": kind.title,
        "event_id": fact.event_id,
        "revision": fact.revision,
        "retracts": fact.retracted,
        "member": None if fact.person is None else numbers.members.get(fact.person, 0),
        "occurred_at": instant(fact.occurred_at).isoformat(timespec="seconds"),
        "known_at": instant(fact.known_at).isoformat(timespec="seconds"),
        "state": state,
        "repeats": repeats,
    }
