"""What every household's alert must say, worked out anew from what was published. For reconciliation only.

Its own path: it knows the events and the register as sets, and neither folds, routes nor remembers as the processors
do. It shares with them what is asked (the conditions of the rules) and where a person lived on a day, nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from schemas.beijing import day_of
from schemas.fact import Fact
from schemas.kinds import kinds_by_number
from schemas.partition import partition_of
from streams.case import ALERTED, LEAD, MOST_EVIDENCE, alert_id_of
from streams.household import KEPT_DAYS, Household
from streams.measures import missing
from streams.register import Place, Row
from streams.residence import household_of
from streams.rule import Rule
from streams.rule_set import RuleSet
from streams.view import View
from streams.windows import Held
from streams.wording import LEVELS

Position = tuple[str, int, int]
"""Topic, partition and offset of a department's record."""
Expected = dict[str, Any]
"""Alert id, status, level, causes, missing help and township, as in the `alert` record."""


class Published(NamedTuple):
    """A valid event: its fact, the household where that is the subject itself, and where it was published."""

    fact: Fact
    household_id: str | None
    at: Position


class Ticked(NamedTuple):
    """A tick: its offset on household.events, its day, and department -> day up to which its feed had come."""

    offset: int
    day: int
    positions: Mapping[str, int] = {}


@dataclass(slots=True)
class History:
    """All that was published, up to where the processors are, and the order that only their log knows.

    Attributes:
        rows: person -> the person's live rows.
        named: households that the register ever named.
        arrivals: household -> offset on household.events, and which event it brings.
        ticks: partition of household.events -> its ticks.
        rule_sets: partition -> the active set.
        refused: household and event that correlate dead-lettered because the household is too large.

    """

    events: list[Published] = field(default_factory=list)
    rows: dict[str, list[Row]] = field(default_factory=dict)
    named: set[str] = field(default_factory=set)
    arrivals: dict[str, list[tuple[int, Position]]] = field(default_factory=dict)
    ticks: dict[int, list[Ticked]] = field(default_factory=dict)
    rule_sets: dict[int, RuleSet] = field(default_factory=dict)
    refused: set[tuple[str, Position]] = field(default_factory=set)


class Recounted(View):
    """A household as conditions read it, made of facts that are known to count."""

    __slots__ = ("_known", "_where")

    def __init__(self, facts: Iterable[Fact], where: Place, tick: Ticked | None, new: Iterable[str] = ()) -> None:
        """Look at facts that are not retracted, in any order; `new` are those that came after the tick."""
        day = None if tick is None else tick.day
        arrived = {} if day is None else dict.fromkeys(new, day)
        super().__init__("", Household(arrived=arrived), day, {} if tick is None else tick.positions)
        self._known = sorted(facts, key=lambda fact: (fact.occurred_at, fact.id))
        self._where = where

    @property
    def place(self) -> Place:
        """Region codes and tags."""
        return self._where

    def facts(self, kind: int) -> list[Fact]:
        """Facts of a kind."""
        return [fact for fact in self._known if fact.kind == kind]

    def standing(self, kind: int) -> list[Fact]:
        """Of each subject and own key the last."""
        key = kinds_by_number()[kind].own_key
        place = kinds_by_number()[kind].index(key) if key else None
        last = {}
        for fact in self.facts(kind):
            own = None if place is None or place >= len(fact.values) else fact.values[place]
            last[fact.person, own] = fact
        return list(last.values())


def expected(history: History) -> dict[str, Expected | None]:
    """The alert of every household that the register names or that a fact concerns; None for no alert."""
    placed = place_facts(history)
    at_home = _rows_by_household(history.rows)
    verdicts: dict[str, Expected | None] = {}
    for household_id in sorted(history.named | at_home.keys() | placed.keys()):
        partition = partition_of(household_id.encode())
        rules, ticks = history.rule_sets.get(partition), counted_ticks(history.ticks.get(partition, ()))
        if rules is None:
            verdicts[household_id] = None
            continue
        where = place_of(at_home.get(household_id, ()))
        tick = ticks[-1] if ticks else None
        events = placed.get(household_id, [])
        facts, new = [event.fact for event in events], _came_after(history, household_id, events, tick)
        if tick is not None and any(_forgotten_on(fact) <= tick.day for fact in facts):
            facts = _kept(history, household_id, facts, ticks, rules, where)
        verdicts[household_id] = verdict(household_id, Recounted(facts, where, tick, new), rules)
    return verdicts


def counted_ticks(ticks: Iterable[Ticked]) -> list[Ticked]:
    """Those that are later than every one before: others change nothing."""
    counted: list[Ticked] = []
    for tick in ticks:
        if not counted or tick.day > counted[-1].day:
            counted.append(tick)
    return counted


def _came_after(history: History, household_id: str, events: Iterable[Published], tick: Ticked | None) -> list[str]:
    """Ids of facts whose newest revision came to the household after a tick."""
    if tick is None:
        return []
    came = _first_arrivals(history, household_id)
    return [event.fact.id for event in events if came.get(event.at, -1) > tick.offset]


def _first_arrivals(history: History, household_id: str) -> dict[Position, int]:
    came: dict[Position, int] = {}
    for offset, at in history.arrivals.get(household_id, ()):
        came[at] = min(offset, came.get(at, offset))
    return came


def place_facts(history: History) -> dict[str, list[Published]]:
    """Household -> facts that count in it: of each the newest revision, not retracted, by the day's residence."""
    newest: dict[tuple[str, str], Published] = {}
    for event in history.events:
        key = event.fact.person or str(event.household_id), event.fact.id
        if key not in newest or event.fact.rank > newest[key].fact.rank:
            newest[key] = event
    placed: dict[str, dict[str, Published]] = {}
    for event in newest.values():
        home = home_of(event, history)
        if home is None or (home, event.at) in history.refused:
            continue
        facts = placed.setdefault(home, {})
        if event.fact.id not in facts or event.fact.rank > facts[event.fact.id].fact.rank:
            facts[event.fact.id] = event
    return {home: [event for event in facts.values() if not event.fact.retracted] for home, facts in placed.items()}


def home_of(event: Published, history: History) -> str | None:
    """Household in which a fact counts, None while it is parked."""
    if event.fact.person is None:
        return event.household_id if event.household_id in history.named else None
    return household_of(history.rows.get(event.fact.person, ()), day_of(event.fact.occurred_at))


def _rows_by_household(rows: Mapping[str, Sequence[Row]]) -> dict[str, list[tuple[str, Row]]]:
    by_household: dict[str, list[tuple[str, Row]]] = {}
    for person, stays in rows.items():
        for row in stays:
            by_household.setdefault(row.household_id, []).append((person, row))
    return by_household


def place_of(rows: Iterable[tuple[str, Row]]) -> Place:
    """Codes of the newest row, at a tie the greatest person's; tags of all rows that are as new."""
    ordered = sorted(rows, key=lambda known: (known[1].valid_from, known[0]))
    if not ordered:
        return Place()
    last = ordered[-1][1]
    tags = frozenset(tag for _, row in ordered if row.valid_from == last.valid_from for tag in row.tags)
    return Place(last.township_code, last.village_code, last.grid_code, tags)


def verdict(household_id: str, view: View, rules: RuleSet) -> Expected | None:
    """Alert of a household by the rules that raise something."""
    causes: list[dict[str, Any]] = []
    codes: set[str] = set()
    for rule in sorted(rules.rules.values(), key=lambda rule: rule.id):
        held = None if rule.part else rule.condition.judge(view)
        if held is not None:
            causes.append(_cause(rule, held))
            codes.update(rule.measures)
    if not causes:
        return None
    level = min((cause["level"] for cause in causes), key=LEVELS.index)
    return {
        "alert_id": alert_id_of(household_id, 1),
        "status": LEAD if level == LEVELS[-1] else ALERTED,
        "level": level,
        "causes": causes,
        "missing_help": missing(codes, rules.measures, view),
        "township_code": view.place.township,
    }


def _cause(rule: Rule, held: Held) -> dict[str, Any]:
    evidence = sorted({fact.id: fact.event_id for fact in held.evidence}.values())
    return {
        "rule": rule.id,
        "rule_version": rule.version,
        "cause": rule.cause,
        "level": rule.grades[held.grade].level,
        "evidence": evidence[:MOST_EVIDENCE],
        "evidence_count": len(evidence),
    }


def _forgotten_on(fact: Fact) -> int:
    """Day whose tick forgets a counted fact on which nothing rests; never, for a standing one."""
    if kinds_by_number()[fact.kind].standing:
        return 1 << 40
    return day_of(fact.occurred_at) + KEPT_DAYS + 1


def _kept(
    history: History, household_id: str, facts: list[Fact], ticks: list[Ticked], rules: RuleSet, where: Place
) -> list[Fact]:
    """Facts that no tick took away: here order matters, so it is gone through tick by tick."""
    came = _first_arrivals(history, household_id)
    first: dict[str, int] = {}
    for event in history.events:
        if event.at in came:
            first[event.fact.id] = min(came[event.at], first.get(event.fact.id, came[event.at]))
    return _go_through(facts, lambda fact: first.get(fact.id, 0), ticks, rules, where)


def _go_through(
    facts: list[Fact], came: Callable[[Fact], int], ticks: list[Ticked], rules: RuleSet, where: Place
) -> list[Fact]:
    gone: set[str] = set()
    for tick in ticks:
        here = [fact for fact in facts if fact.id not in gone and came(fact) < tick.offset]
        old = [fact for fact in here if _forgotten_on(fact) <= tick.day]
        if old:
            needed = _evidence(rules, Recounted(here, where, tick))
            gone |= {fact.id for fact in old} - needed
        gone |= {fact.id for fact in facts if came(fact) > tick.offset and _forgotten_on(fact) <= tick.day}
    return [fact for fact in facts if fact.id not in gone]


def _evidence(rules: RuleSet, view: View) -> set[str]:
    judged = [rule.condition.judge(view) for rule in rules.rules.values() if not rule.part]
    return {fact.id for held in judged if held is not None for fact in held.evidence}
