"""Which events concern which village, township or county, by what was published. For reconciliation only; pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from schemas.fact import Fact
from schemas.kinds import Kind, kinds_by_number
from streams.recount_area_history import Reported

_LISTS = ("village", "region")
_TOWNSHIP = 9


class Concern(NamedTuple):
    """The newest revision of an event, and which places it names of those that are asked about."""

    fact: Fact
    places: frozenset[str]


def concerns(events: Iterable[Reported]) -> dict[str, list[Concern]]:
    """Place -> events that concern it; what a village is told its township is told, too."""
    told: dict[str, list[Concern]] = defaultdict(list)
    by_report: dict[tuple[str, str], list[Reported]] = defaultdict(list)
    for report in events:
        by_report[report.region_code, report.fact.id].append(report)
    for reports in by_report.values():
        newest = max(reports, key=lambda report: report.fact.rank)
        named = frozenset[str]() if newest.fact.retracted else _places(newest)
        for code in frozenset[str]().union(*map(_places, reports)):
            concern = Concern(newest.fact, named & {code})
            for each in {code, code[:_TOWNSHIP]}:
                told[each].append(concern)
    return {code: _newest(those) for code, those in told.items()}


def _places(report: Reported) -> frozenset[str]:
    """Places of which a revision speaks: those that it lists; where its kind has no list, the one it is filed under."""
    at = _index(kinds_by_number()[report.fact.kind], *_LISTS)
    if at is None:
        return frozenset([report.region_code])
    said = () if report.fact.retracted else report.fact.values[at]
    return frozenset(map(str, said)) if isinstance(said, tuple | list) else frozenset()


def _index(kind: Kind, *units: str) -> int | None:
    return next((place for place, field in enumerate(kind.fields) if field.unit in units), None)


def _newest(those: Iterable[Concern]) -> list[Concern]:
    """Of each event the newest revision that the place was told of, with all places that this one names."""
    by_id: dict[str, list[Concern]] = defaultdict(list)
    for concern in those:
        by_id[concern.fact.id].append(concern)
    found = []
    for same in by_id.values():
        rank = max(concern.fact.rank for concern in same)
        last = [concern for concern in same if concern.fact.rank == rank]
        found.append(Concern(last[0].fact, frozenset[str]().union(*(concern.places for concern in last))))
    return found


def subject_of(fact: Fact) -> str:
    """Facility or road; an event that names none is one of its own."""
    at = _index(kinds_by_number()[fact.kind], "code")
    said = None if at is None or at >= len(fact.values) else fact.values[at]
    return said if isinstance(said, str) and said else fact.event_id
