"""What every alert on area.alerts must say, worked out anew from what was published. For reconciliation only; pure.

Its own path: events as a set, households by their own recount; of township.events only the order. It shares with area
the conditions of the rules, what regional.toml says and how alerts are named, nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from schemas.partition import partition_of
from streams.area_alert import area_alert_id
from streams.recount_area_history import Areas
from streams.recount_concerns import concerns
from streams.recount_history import Expected, Ticked, Verdict, active_at, counted_ticks
from streams.recount_place import alert_of, found_at, kept, region_of
from streams.recount_regional import inhabited, regional_alerts, since_when
from streams.register import Row
from streams.register_conflict import conflict_id
from streams.rule_set import RuleSet


def expected_areas(areas: Areas, verdicts: Mapping[str, Verdict]) -> dict[str, Expected]:
    """Alert id -> what it must say; `verdicts` are those of all households. Other alerts must not stand."""
    return _of_events(areas) | _of_many(areas, verdicts)


def _of_events(areas: Areas) -> dict[str, Expected]:
    due: dict[str, Expected] = {}
    for code, those in concerns(areas.events).items():
        ticks, activated = _order(areas, code)
        if not activated:
            continue
        left, rules = kept(code, those, areas, ticks, active_at(activated)), activated[-1][1]
        found = found_at(code, left, ticks[-1] if ticks else None, rules)
        if found:
            due[area_alert_id(code, "")] = alert_of(found, rules) | _placed(code)
    return due


def _of_many(areas: Areas, verdicts: Mapping[str, Verdict]) -> dict[str, Expected]:
    due: dict[str, Expected] = {}
    homes = inhabited(verdicts)
    for township, since in since_when(verdicts).items():
        ticks, activated = _order(areas, township)
        regional = activated[-1][1].regional if activated else None
        if regional is not None:
            day = ticks[-1].day if ticks else None
            for name, alert in regional_alerts(since, homes.get(township, 0), regional, day).items():
                due[area_alert_id(township, name)] = alert | _placed(township)
    return due


def expected_conflicts(rows: Mapping[str, Sequence[Row]]) -> dict[str, Expected]:
    """Alert id -> what it must say of persons whom the register has in two households from the same day on."""
    due: dict[str, Expected] = {}
    for person, stays in rows.items():
        for day in {row.valid_from for row in stays}:
            ours = sorted((row for row in stays if row.valid_from == day), key=lambda row: row.household_id)
            if len(ours) > 1:
                due[conflict_id(person, day)] = {
                    "kind": "register_conflict",
                    "level": "yellow",
                    "title": "",
                    "causes": [],
                    "subjects": [person, *(row.household_id for row in ours)],
                    "households": 0,
                    "valid_to": None,
                    "place_code": "",
                    "township_code": ours[-1].township_code,
                    "village_code": ours[-1].village_code,
                }
    return due


def _placed(code: str) -> Expected:
    place = region_of(code)
    return {"place_code": code, "township_code": place.township, "village_code": place.village}


def _order(areas: Areas, code: str) -> tuple[list[Ticked], list[tuple[int, RuleSet]]]:
    """Ticks and rule sets of the partition of a place."""
    number = partition_of(code[:9].encode())
    return counted_ticks(areas.ticks.get(number, ())), areas.activated.get(number, [])
