"""What reconciliation knows: what was published, and the order in which the processors read it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from schemas.beijing import day_of
from schemas.codec import Record
from schemas.fact import Fact
from schemas.kinds import kinds_by_number
from streams.alert_content import listed
from streams.evaluate import finding_of
from streams.finding import Finding
from streams.household import KEPT_DAYS, Household
from streams.register import LABOUR, Place, Row
from streams.residence import household_of
from streams.rule import Rule
from streams.rule_set import RuleSet
from streams.view import View
from streams.windows import Held

Position = tuple[str, int, int]
"""Topic, partition and offset of a department's record."""
Expected = dict[str, Any]
"""Fields of the `alert` record that are compared (streams.reconcile)."""
Found = Mapping[str, Held]
"""What holds, by rule."""


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


class Acted(NamedTuple):
    """An action: where its first copy stands on household.events, when it was sent (ms), and what it says."""

    offset: int
    known_at: int
    action: Record


class Registered(NamedTuple):
    """What the register said of a person's stay at an offset of register.persons; no row where it was taken back."""

    offset: int
    household_id: str
    valid_from: int
    row: Row | None


class Rolled(NamedTuple):
    """That a household was told all that was registered of a person up to an offset of register.persons."""

    offset: int
    person: str
    registered_to: int


@dataclass(slots=True)
class History:
    """All that was published, up to where the processors are, and the order that only their log knows.

    Attributes:
        rows: person -> the person's live rows.
        named: households that the register ever named.
        arrivals: household -> offset on household.events, and which event it brings.
        ticks: partition of household.events -> its ticks.
        rule_sets: partition -> the active set; `activated` each set with the offset from which on it was.
        refused: household and event that correlate dead-lettered because the household is too large.
        actions: household -> what people did, in the order of household.events.
        rolls: household -> what it was told of persons, in that order; `registered` person -> what was said when.
        versions: alert -> version -> the record that made it, as the alert on its topic says: what people saw.

    """

    events: list[Published] = field(default_factory=list)
    rows: dict[str, list[Row]] = field(default_factory=dict)
    named: set[str] = field(default_factory=set)
    arrivals: dict[str, list[tuple[int, Position]]] = field(default_factory=dict)
    ticks: dict[int, list[Ticked]] = field(default_factory=dict)
    rule_sets: dict[int, RuleSet] = field(default_factory=dict)
    activated: dict[int, list[tuple[int, RuleSet]]] = field(default_factory=dict)
    refused: set[tuple[str, Position]] = field(default_factory=set)
    actions: dict[str, list[Acted]] = field(default_factory=dict)
    rolls: dict[str, list[Rolled]] = field(default_factory=dict)
    registered: dict[str, list[Registered]] = field(default_factory=dict)
    versions: dict[str, dict[int, Position]] = field(default_factory=dict)


class Home(NamedTuple):
    """A household, and all rows of everybody whom the register ever named there."""

    household_id: str
    people: Mapping[str, Sequence[Row]]


class Recounted(View):
    """A household as conditions read it, made of facts that are known to count."""

    __slots__ = ("_home", "_known", "_people", "_where")

    def __init__(self, home: Home, facts: Iterable[Fact], tick: Ticked | None, new: Iterable[str] = ()) -> None:
        """Look at facts that are not retracted, in any order; `new` are those that came after the tick."""
        day = None if tick is None else tick.day
        arrived = {} if day is None else dict.fromkeys(new, day)
        super().__init__("", Household(arrived=arrived), day, {} if tick is None else tick.positions)
        self._known = sorted(facts, key=lambda fact: (fact.occurred_at, fact.id))
        self._home, self._people = home
        self._where = where_is(*home)

    @property
    def place(self) -> Place:
        """Region codes and tags."""
        return self._where

    def members(self, day: int) -> int:
        """How many people live here on a day."""
        return [household_of(rows, day) for rows in self._people.values()].count(self._home)

    @property
    def labour(self) -> str | None:
        """Best labour of those whom the last word of the register on them leaves here."""
        last = [sorted(rows, key=lambda row: (row.valid_from, row.household_id))[-1:] for rows in self._people.values()]
        here = [row.labour for rows in last for row in rows if row.household_id == self._home and row.valid_to is None]
        return min(here, key=LABOUR.index, default=None)

    @property
    def kinds(self) -> frozenset[int]:
        """Kinds of the facts."""
        return frozenset(fact.kind for fact in self._known)

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


class Verdict(NamedTuple):
    """What is due in a household.

    Attributes:
        alert: None for none.
        place: where the register has the household; `rules` the set that is active there.
        counting: what stands and no answer has dealt with.

    """

    alert: Expected | None
    place: Place
    rules: RuleSet | None
    counting: Sequence[Finding] = ()


RulesAt = Callable[[int], RuleSet]
"""Offset of household.events, or of township.events -> the set that was active there."""


def rules_at(history: History, partition: int) -> RulesAt:
    """Which set was active where on household.events."""
    return active_at(history.activated.get(partition) or [(0, history.rule_sets[partition])])


def active_at(activated: Sequence[tuple[int, RuleSet]]) -> RulesAt:
    """Which set was active where; before the first activation the first one, which nothing was judged by yet."""

    def at(offset: int) -> RuleSet:
        return next((rules for since, rules in reversed(activated) if since <= offset), activated[0][1])

    return at


def counted_ticks(ticks: Iterable[Ticked]) -> list[Ticked]:
    """Those that are later than every one before: others change nothing."""
    counted: list[Ticked] = []
    for tick in ticks:
        if not counted or tick.day > counted[-1].day:
            counted.append(tick)
    return counted


def first_arrivals(history: History, household_id: str) -> dict[Position, int]:
    """Where each record first came to a household, as an offset of household.events."""
    came: dict[Position, int] = {}
    for offset, at in history.arrivals.get(household_id, ()):
        came[at] = min(offset, came.get(at, offset))
    return came


def where_is(household_id: str, people: Mapping[str, Sequence[Row]]) -> Place:
    """Codes of the newest row that names a household, at a tie the greatest person's; tags of all rows that are as new.

    Where the last word of the register on everybody names another household, the codes are of the newest of these.
    """
    said = [(row.valid_from, person, row) for person, rows in people.items() for row in rows]
    named = sorted((word for word in said if word[2].household_id == household_id), key=lambda word: word[:2])
    if not named:
        return Place()
    last = named[-1][2]
    tags = frozenset(tag for since, _, row in named if since == last.valid_from for tag in row.tags)
    whom = {person for _, person, _ in named}
    words = {p: max((w for w in said if w[1] == p), key=lambda w: (w[0], w[2].household_id)) for p in whom}
    gone_to = None
    if all(word[2].household_id != household_id for word in words.values()):
        last = max(words.values(), key=lambda word: word[:2])[2]
        gone_to = last.household_id
    return Place(last.township_code, last.village_code, last.grid_code, tags, gone_to)


def forgotten_on(fact: Fact) -> int:
    """Day whose tick forgets a counted fact on which nothing rests; never, for a standing one."""
    if kinds_by_number()[fact.kind].standing:
        return 1 << 40
    return day_of(fact.occurred_at) + KEPT_DAYS + 1


def found_by(rules: RuleSet, view: View) -> dict[str, Held]:
    """Judge every rule that raises something, in the order of their ids."""
    judged = {rule.id: rule.condition.judge(view) for rule in rules.rules.values() if not rule.part}
    return {rule_id: held for rule_id, held in sorted(judged.items()) if held is not None}


def findings_of(found: Found, rules: RuleSet) -> list[Finding]:
    """What holds, as cases compare it."""
    return [finding_of(rules.rules[rule_id], held) for rule_id, held in found.items()]


def levels_of(found: Found, rules: RuleSet) -> list[str]:
    """Level of each cause."""
    return [rules.rules[rule_id].grades[held.grade].level for rule_id, held in found.items()]


def causes_of(found: Found, rules: Mapping[str, Rule]) -> list[dict[str, Any]]:
    """Causes as an alert has them."""
    return [_cause(rules[rule_id], held, len(found)) for rule_id, held in found.items()]


def _cause(rule: Rule, held: Held, causes: int) -> dict[str, Any]:
    evidence = sorted({fact.id: fact.event_id for fact in held.evidence}.values())
    return {
        "rule": rule.id,
        "rule_version": rule.version,
        "cause": rule.cause,
        "level": rule.grades[held.grade].level,
        "evidence": listed(evidence, causes),
        "evidence_count": len(evidence),
    }
