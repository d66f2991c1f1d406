"""What every household's alert must say, worked out anew from what was published. For reconciliation only.

Its own path: it knows the events and the register as sets, and neither folds, routes nor remembers as the processors
do. It shares with them what is asked (the conditions of the rules, what an action may do) and where a person lived on a
day, nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from schemas.beijing import day_of
from schemas.fact import Fact
from schemas.partition import partition_of
from streams.case import ALERTED, LEAD, alert_id_of
from streams.finding import UNTOUCHED
from streams.recount_cases import recounted_case
from streams.recount_history import (
    Expected,
    Found,
    History,
    Home,
    Published,
    Recounted,
    RulesAt,
    Ticked,
    Verdict,
    causes_of,
    counted_ticks,
    findings_of,
    first_arrivals,
    forgotten_on,
    found_by,
    levels_of,
    rules_at,
    where_is,
)
from streams.recount_moments import Moments
from streams.recount_plans import Stage, plan_said
from streams.register import Row
from streams.residence import household_of
from streams.rule_set import RuleSet
from streams.wording import LEVELS


def expected(history: History) -> dict[str, Expected | None]:
    """The alert of every household that the register names or that a fact concerns; None for no alert."""
    return {household_id: verdict.alert for household_id, verdict in verdicts(history).items()}


def verdicts(history: History) -> dict[str, Verdict]:
    """What is due in every household that the register names or that a fact concerns."""
    placed = place_facts(history)
    at_home, published = _people_by_household(history.rows), {event.at: event for event in history.events}
    found: dict[str, Verdict] = {}
    for household_id in sorted(history.named | at_home.keys() | placed.keys()):
        home = Home(household_id, at_home.get(household_id, {}))
        partition, events = partition_of(household_id.encode()), placed.get(household_id, [])
        rules, place = history.rule_sets.get(partition), where_is(*home)
        if rules is None:
            found[household_id] = Verdict(None, place, None)
        elif acted := history.actions.get(household_id):
            ticks = counted_ticks(history.ticks.get(partition, ()))
            moments = Moments(history, household_id, ticks, events, published)
            alert, counting = recounted_case(moments, rules_at(history, partition), acted)
            found[household_id] = Verdict(alert, place, rules, counting)
        else:
            view = _seen(history, home, events)
            held = found_by(rules, view)
            found[household_id] = Verdict(
                _alert(household_id, view, held, rules), place, rules, findings_of(held, rules)
            )
    return found


def _seen(history: History, home: Home, events: Sequence[Published]) -> Recounted:
    """A household on which nobody acted, as it stands after the last tick."""
    partition = partition_of(home.household_id.encode())
    ticks = counted_ticks(history.ticks.get(partition, ()))
    tick = ticks[-1] if ticks else None
    facts, new = [event.fact for event in events], _came_after(history, home.household_id, events, tick)
    if tick is not None and any(forgotten_on(fact) <= tick.day for fact in facts):
        facts = _kept(history, home, facts, ticks, rules_at(history, partition))
    return Recounted(home, facts, tick, new)


def _came_after(history: History, household_id: str, events: Iterable[Published], tick: Ticked | None) -> list[str]:
    """Ids of facts whose newest revision came to the household after a tick."""
    if tick is None:
        return []
    came = first_arrivals(history, household_id)
    return [event.fact.id for event in events if came.get(event.at, -1) > tick.offset]


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


def homes_of(history: History) -> dict[str, Home]:
    """Every household that a row of the register names."""
    return {home: Home(home, people) for home, people in _people_by_household(history.rows).items()}


def _people_by_household(rows: Mapping[str, Sequence[Row]]) -> dict[str, dict[str, Sequence[Row]]]:
    """Household -> everybody whom a row ever named there, with all rows."""
    by_household: dict[str, dict[str, Sequence[Row]]] = {}
    for person, stays in rows.items():
        for row in stays:
            by_household.setdefault(row.household_id, {})[person] = stays
    return by_household


def _alert(household_id: str, view: Recounted, found: Found, rules: RuleSet) -> Expected | None:
    """Alert of a household that nobody acted on."""
    if not found:
        return None
    level = min(levels_of(found, rules), key=LEVELS.index)
    status = LEAD if level == LEVELS[-1] else ALERTED
    return {
        "alert_id": alert_id_of(household_id, 1),
        "status": status,
        "level": level,
        "level_rule": "",
        "causes": causes_of(found, rules.rules),
        **plan_said(findings_of(found, rules), Stage(UNTOUCHED, status), view, rules),
        "township_code": view.place.township,
        "actions": [],
    }


def _kept(history: History, home: Home, facts: list[Fact], ticks: list[Ticked], rules: RulesAt) -> list[Fact]:
    """Facts that no tick took away: here order matters, so it is gone through tick by tick."""
    came = first_arrivals(history, home.household_id)
    first: dict[str, int] = {}
    for event in history.events:
        if event.at in came:
            first[event.fact.id] = min(came[event.at], first.get(event.fact.id, came[event.at]))
    return _go_through(facts, lambda fact: first.get(fact.id, 0), ticks, rules, home)


def _go_through(
    facts: list[Fact], came: Callable[[Fact], int], ticks: list[Ticked], rules: RulesAt, home: Home
) -> list[Fact]:
    gone: set[str] = set()
    for tick in ticks:
        here = [fact for fact in facts if fact.id not in gone and came(fact) < tick.offset]
        old = [fact for fact in here if forgotten_on(fact) <= tick.day]
        if old:
            found = found_by(rules(tick.offset), Recounted(home, here, tick))
            gone |= {fact.id for fact in old} - {fact.id for held in found.values() for fact in held.evidence}
        gone |= {fact.id for fact in facts if came(fact) > tick.offset and forgotten_on(fact) <= tick.day}
    return [fact for fact in facts if fact.id not in gone]
