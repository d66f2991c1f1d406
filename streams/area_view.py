"""What a condition may read of a village or township: events that count there, its codes, the last tick."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache

from schemas.fact import Fact
from schemas.kinds import kinds_by_number
from streams.household import Household, Place
from streams.view import View

TOWNSHIP_DIGITS, VILLAGE_DIGITS = 9, 12


class AreaView(View):
    """One place at one record."""

    __slots__ = ("_at", "_events")

    def __init__(self, code: str, events: Iterable[Fact], tick: int | None, positions: Mapping[str, int]) -> None:
        """Look at events, of each the newest revision, that are not retracted and name the place."""
        super().__init__(code, Household(), tick, positions)
        self._events = sorted(events, key=_order)
        self._at = place_of(code)

    @property
    def place(self) -> Place:
        """Region codes."""
        return self._at

    def facts(self, kind: int) -> list[Fact]:
        """Events of a kind."""
        return [fact for fact in self._events if fact.kind == kind]


def place_of(code: str) -> Place:
    """Region codes of a place; a county has neither township nor village."""
    return Place(
        code[:TOWNSHIP_DIGITS] if len(code) >= TOWNSHIP_DIGITS else None,
        code if len(code) == VILLAGE_DIGITS else None,
    )


def unsettled(events: Iterable[Fact], concerns: Callable[[Fact], bool]) -> list[Fact]:
    """Events but those about a facility or road of which the last event is none of those that a rule `concerns`.

    A road that is open again, or water that is good again, ends what was before.
    """
    known = list(events)
    newest: dict[tuple[int, str], Fact] = {}
    for fact in known:
        key = fact.kind, subject_of(fact)
        if key not in newest or _order(fact) > _order(newest[key]):
            newest[key] = fact
    return [fact for fact in known if concerns(newest[fact.kind, subject_of(fact)])]


def _order(fact: Fact) -> tuple[int, str]:
    return fact.occurred_at, fact.id


def subject_of(fact: Fact) -> str:
    """What an event is about: a facility or road; itself where it names none."""
    place = _codes().get(fact.kind)
    value = fact.values[place] if place is not None and place < len(fact.values) else None
    return value if isinstance(value, str) and value else fact.event_id


@cache
def _codes() -> dict[int, int]:
    """Kind.number of events of areas -> place of the facility's or road's code."""
    return {
        kind.number: place
        for kind in kinds_by_number().values()
        if kind.area
        for place, field in enumerate(kind.fields)
        if field.unit == "code"
    }
