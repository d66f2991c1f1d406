"""One record folded into one village, township or county. Every function changes the area in place, and is pure.

The shell compares `area.issued` before and after, and publishes what is newer. What an area says is a function of the
set of events, of signals (the greatest version of each), of the census and of the last tick, in any order.
"""

from __future__ import annotations

from collections.abc import Iterable

from schemas.beijing import day_of, start_of
from schemas.codec import Record
from schemas.fact import Fact
from streams.area_alert import Content, issue
from streams.area_judge import judge_class, judge_events
from streams.area_records import KEPT_DAYS, Area, Named, Standing
from streams.case import Moment, Source

EVENTS = ""
"""What the alert of a place is about that its own events raise; others are about a class of regional risk."""


def fold_event(code: str, area: Area, fact: Fact, place: str, moment: Moment, source: Source, *, named: bool) -> None:
    """Fold that an event names a place, which is the area or lies in it, or names it no more."""
    catch_up(code, area, moment, source)
    tick, known = moment.tick, area.facts.get(fact.id)
    if known is None and tick is not None and fact.occurred_at < start_of(tick - KEPT_DAYS):
        return
    if known is not None and fact.rank < known.fact.rank:
        return
    places = known.places if known is not None and fact.rank == known.fact.rank else []
    if named and place not in places:
        places = sorted([*places, place])
    after = Named(fact, places)
    if after != known:
        area.facts[fact.id] = after
        _judge_events(code, area, moment, source)


def fold_signal(code: str, area: Area, signal: Record, moment: Moment, source: Source) -> None:
    """Fold that a cause stands in a household since a day, or no longer."""
    catch_up(code, area, moment, source)
    cause, household = signal["cause"], signal["household_id"]
    standing = area.signals.setdefault(cause, {})
    known = standing.get(household)
    if known is not None and signal["version"] <= known.version:
        return
    day = signal["day"]
    last = known.day if known is not None else day_of(signal["known_at"])
    standing[household] = Standing(signal["version"], last if day is None else day, day is not None)
    if moment.rules is not None and moment.rules.regional is not None:
        risk = moment.rules.regional.class_of(cause)
        _judge_classes(code, area, [risk.name] if risk is not None else (), moment, source)


def fold_census(code: str, area: Area, census: Record, moment: Moment, source: Source) -> None:
    """Fold how many households of the township one partition has."""
    catch_up(code, area, moment, source)
    known = area.census.get(census["partition"])
    if known is None or census["counted_to"] > known[0]:
        before = area.households()
        area.census[census["partition"]] = census["counted_to"], census["households"]
        if area.households() != before:
            _judge(code, area, moment, source)


def fold_tick(code: str, area: Area, moment: Moment, source: Source) -> None:
    """Fold the tick `moment.tick` into an area that is due: what has run out ends, what is too old is forgotten."""
    catch_up(code, area, moment, source)
    if moment.tick is None:
        return
    _judge(code, area, moment, source)
    first, resting = moment.tick - KEPT_DAYS, set(area.resting)
    area.facts = {id_: named for id_, named in area.facts.items() if id_ in resting or day_of_event(named) >= first}
    for cause, standing in area.signals.items():
        area.signals[cause] = {household: each for household, each in standing.items() if each.day >= first}


def due_day(area: Area) -> int:
    """Beijing day from which a tick must visit the area; 0 where nothing is due, never later than needed."""
    resting = set(area.resting)
    kept = [day_of_event(named) for id_, named in area.facts.items() if id_ not in resting]
    kept += [each.day for standing in area.signals.values() for each in standing.values()]
    days = [min(kept) + KEPT_DAYS + 1] if kept else []
    days += [each.valid_to + 1 for each in area.issued.values() if each.valid_to is not None]
    days += [area.deadline] if area.deadline is not None else []
    return max(1, min(days)) if days else 0


def day_of_event(named: Named) -> int:
    """Beijing day on which an event happened."""
    return day_of(named.fact.occurred_at)


def catch_up(code: str, area: Area, moment: Moment, source: Source) -> None:
    """Judge anew an area that another rule set judged than the active one, as a step of its own."""
    if moment.rules is not None and area.rule_set != moment.rules.mark:
        area.rule_set = moment.rules.mark
        _judge(code, area, moment, moment.activated or source)


def _judge(code: str, area: Area, moment: Moment, source: Source) -> None:
    _judge_events(code, area, moment, source)
    regional = moment.rules.regional if moment.rules is not None else None
    _judge_classes(code, area, regional.classes if regional is not None else (), moment, source)


def _judge_events(code: str, area: Area, moment: Moment, source: Source) -> None:
    if moment.rules is not None and (area.facts or EVENTS in area.issued):
        content, area.resting, area.deadline = judge_events(code, area, moment.rules, moment)
        _issue(code, area, EVENTS, content, moment, source)


def _judge_classes(code: str, area: Area, classes: Iterable[str], moment: Moment, source: Source) -> None:
    rules = moment.rules
    if rules is not None and rules.regional is not None and area.signals:
        for name in classes:
            content = judge_class(area, rules.regional.classes[name], rules.regional, moment.tick)
            _issue(code, area, name, content, moment, source)


def _issue(code: str, area: Area, about: str, content: Content | None, moment: Moment, source: Source) -> None:
    known, rules = area.issued.get(about), moment.rules
    made = issue(code, about, known, content, rules.hash if rules is not None else "", source)
    if made is not None and made is not known:
        area.issued = {**area.issued, about: made}
