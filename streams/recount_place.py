"""What the alert of a village, a township or the county must say of its own events. For reconciliation only; pure.

Each place is asked on its own: which events name it or a village of it, and what the rules say of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from schemas.beijing import day_of
from schemas.fact import Fact
from streams.alert_content import listed
from streams.household import Household
from streams.recount_area_history import Areas
from streams.recount_concerns import Concern, concerns, subject_of
from streams.recount_history import Expected, Found, RulesAt, Ticked, causes_of
from streams.register import Place
from streams.rule import Rule
from streams.rule_set import RuleSet
from streams.view import View
from streams.wording import LEVELS

KEPT_DAYS = 800
_VILLAGE, _TOWNSHIP = 12, 9


class Asked(View):
    """A place as conditions read it, made of events that are known to count."""

    __slots__ = ("_known", "_where")

    def __init__(self, code: str, facts: Iterable[Fact], tick: Ticked | None) -> None:
        """Look at events that are not retracted, in any order."""
        day, positions = (None, {}) if tick is None else (tick.day, tick.positions)
        super().__init__("", Household(), day, positions)
        self._known = sorted(facts, key=lambda fact: (fact.occurred_at, fact.id))
        self._where = region_of(code)

    @property
    def place(self) -> Place:
        """Region codes."""
        return self._where

    def facts(self, kind: int) -> list[Fact]:
        """Events of a kind."""
        return [fact for fact in self._known if fact.kind == kind]


def region_of(code: str) -> Place:
    """Township and village of a place; the county is neither."""
    village = code if len(code) == _VILLAGE else None
    return Place(code[:_TOWNSHIP], village) if len(code) >= _TOWNSHIP else Place()


def kept(code: str, those: Sequence[Concern], areas: Areas, ticks: Sequence[Ticked], rules: RulesAt) -> list[Concern]:
    """What no tick took away. Only where something is that old does order matter: it is gone through tick by tick."""
    if not ticks or all(forgotten_on(each.fact) > ticks[-1].day for each in those):
        return list(those)
    left: set[str] = set()
    last = None
    for tick in ticks:
        then = _taken(_come_by(code, areas, tick.offset), left, last)
        old = {each.fact.id for each in then if forgotten_on(each.fact) <= tick.day}
        held = found_at(code, then, tick, rules(tick.offset)) if old else {}
        needed = {fact.id for each in held.values() for fact in each.evidence}
        left, last = {each.fact.id for each in then} - (old - needed), tick.day
    return _taken(those, left, last)


def _taken(those: Iterable[Concern], left: Collection[str], day: int | None) -> list[Concern]:
    """Events but those that a day's tick took away, or would have before they came; `left` are those that it left."""
    return [each for each in those if day is None or each.fact.id in left or forgotten_on(each.fact) > day]


def forgotten_on(fact: Fact) -> int:
    """Day whose tick forgets an event on which nothing rests."""
    return day_of(fact.occurred_at) + KEPT_DAYS + 1


def _come_by(code: str, areas: Areas, offset: int) -> list[Concern]:
    """What concerned a place before a record of township.events."""
    here = (come for place, come in areas.arrivals.items() if code in (place, place[:_TOWNSHIP]))
    known = {at for come in here for came, at in come if came < offset}
    return concerns([event for event in areas.events if event.at in known]).get(code, [])


def found_at(code: str, those: Sequence[Concern], tick: Ticked | None, rules: RuleSet) -> Found:
    """What holds in a place, by rule."""
    judged = {rule.id: rule.condition.judge(_view(code, those, rule, tick)) for rule in _asked(code, rules.areas)}
    return {rule_id: held for rule_id, held in sorted(judged.items()) if held is not None}


def _asked(code: str, rules: Mapping[str, Rule]) -> list[Rule]:
    return [rule for rule in rules.values() if rule.scope == "village" or len(code) != _VILLAGE]


def _view(code: str, those: Iterable[Concern], rule: Rule, tick: Ticked | None) -> Asked:
    """Events that a rule counts: of each facility or road all, where the last of them is one that it looks for."""
    lone = rule.scope == "village" and len(code) == _TOWNSHIP
    live = [c.fact for c in those if c.places and not c.fact.retracted and (code in c.places or not lone)]
    scales = [ask.scale for ask in rule.condition.asks.all]
    by_subject: dict[tuple[int, str], list[Fact]] = defaultdict(list)
    for fact in live:
        by_subject[fact.kind, subject_of(fact)].append(fact)
    counted = []
    for (kind, _), facts in by_subject.items():
        last = max(facts, key=lambda fact: (fact.occurred_at, fact.id))
        if any(scale.kind == kind and scale.weight(last) for scale in scales):
            counted += facts
    return Asked(code, counted, tick)


def alert_of(found: Found, rules: RuleSet) -> Expected:
    """What the alert of a place must say of what holds in it."""
    graded = {rule_id: rules.areas[rule_id].grades[held.grade].level for rule_id, held in found.items()}
    return {
        "kind": "area",
        "level": min(graded.values(), key=LEVELS.index),
        "title": "、".join(rules.areas[rule_id].title for rule_id in found),
        "causes": causes_of(found, rules.areas),
        "subjects": listed(sorted({subject_of(fact) for held in found.values() for fact in held.evidence}), 1),
        "households": 0,
        "valid_to": None,
    }
