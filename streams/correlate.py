"""One record folded into one household. Every function changes the household in place and reads nothing else.

The shell compares `household.case.version` before and after, and publishes `household.case.alert` where it grew.
A household judged by another rule set than the active one is judged anew first, as a step of its own, which is the same
whenever it comes: the record that activated the set is what its versions name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from schemas.fact import RoutedFact
from streams.case import Moment, Scene, Source, revise
from streams.case_actions import act, forget_marks
from streams.evaluate import could_hold, in_order, judge, weigh, weigh_all
from streams.household import Household, Membership, News, Row
from streams.readers import Candidate
from streams.rule_set import RuleSet, shipped
from streams.signals import tell
from streams.view import View
from streams.windows import earliest

__all__ = [
    "Moment",
    "RuleSet",
    "Source",
    "fold_action",
    "fold_fact",
    "fold_membership",
    "fold_tick",
    "reevaluate",
    "shipped",
]


class _Record(msgspec.Struct):
    """What is read of a `membership` record."""

    person_id: str
    rows: list[Row]


def fold_fact(household_id: str, household: Household, routed: RoutedFact, moment: Moment, source: Source) -> None:
    """Fold a department's fact; `source` is the department's own record, as the routed fact names it."""
    _catch_up(household_id, household, moment, source)
    fact, rules = routed.fact, moment.rules
    news = household.put(fact, moment.tick)
    if news is News.NONE or rules is None:
        return
    readers = rules.readers[fact.kind]
    if news is News.FIRST:
        could: Iterable[Candidate] = weigh(household, readers, fact)
        helps = readers.helps
    else:  # what it said before may concern other rules
        weigh_all(household, rules)
        could, helps = rules.raising, True
    if not (could or helps):
        return
    watched = _is_watched(could, household.weights)
    if watched and moment.tick is not None:
        household.arrived = {**(household.arrived or {}), fact.id: moment.tick}
    _judge(household_id, household, could, moment, source, helps=helps)
    if watched or news is News.REPLACES:
        _look_ahead(household_id, household, moment)


def fold_membership(
    household_id: str, household: Household, record: Mapping[str, object], moment: Moment, source: Source
) -> None:
    """Fold a `membership` record: all that the register says of a person; `source` is the register's own record."""
    _catch_up(household_id, household, moment, source)
    said = _membership_of(record)
    news = household.settle(said.person_id, Membership(source.offset, said.rows))
    if news:
        place = household.place(household_id)
        household.home = None if place.gone_to else place.township
    if news and moment.rules is not None:
        _judge(household_id, household, moment.rules.raising, moment, source, helps=True)
        _look_ahead(household_id, household, moment)


def fold_action(
    household_id: str, household: Household, action: Mapping[str, object], moment: Moment, source: Source
) -> bool:
    """Fold what a person did; `source` is the record on township.actions. False: there is no such alert here."""
    _catch_up(household_id, household, moment, source)
    if moment.rules is None:
        return False
    view = View(household_id, household, moment.tick, moment.positions)
    known = act(Scene(household_id, household, view, moment.rules, moment, source), action)
    tell(household_id, household, view, moment.rules, source)
    return known


def fold_tick(household_id: str, household: Household, moment: Moment, source: Source) -> None:
    """Fold the tick `moment.tick` into a household that is due; `source` is the tick.

    First what is late now may raise a cause, then what is too old and no cause rests on is forgotten.
    """
    _catch_up(household_id, household, moment, source)
    tick, rules = moment.tick, moment.rules
    if tick is None:
        return
    household.arrived = None
    if rules is not None and (_is_due(household.deadline, tick) or _is_due(_day_of_case(household), tick)):
        _judge(household_id, household, rules.raising, moment, source, helps=True)
    before = household.all_facts()
    if household.forget(tick) and rules is not None:
        forget_marks(household, before)
        weigh_all(household, rules)
        _judge(household_id, household, rules.raising, moment, source, helps=True)
    _look_ahead(household_id, household, moment)


def _is_due(day: int | None, tick: int) -> bool:
    return day is not None and day <= tick


def _day_of_case(household: Household) -> int | None:
    return household.case.handled.due or None if household.case is not None else None


def reevaluate(household_id: str, household: Household, moment: Moment, source: Source) -> None:
    """Judge a household anew by the active rule set; `source` is what makes it necessary. No set: nothing happens."""
    rules = moment.rules
    if rules is None:
        return
    household.rule_set = rules.mark
    weigh_all(household, rules)
    if household.findings:
        raising = {candidate.rule.id for candidate in rules.raising}
        household.findings = {rule: finding for rule, finding in household.findings.items() if rule in raising}
    _judge(household_id, household, rules.raising, moment, source, helps=True)
    household.look_for_oldest()
    _look_ahead(household_id, household, moment)


def _catch_up(household_id: str, household: Household, moment: Moment, source: Source) -> None:
    rules = moment.rules
    if rules is not None and household.rule_set != rules.mark:
        reevaluate(household_id, household, moment, moment.activated or source)


def _membership_of(record: Mapping[str, object]) -> _Record:
    rows = msgspec.convert(record["rows"], list[dict[str, object]])
    fields = Row.__struct_fields__
    return _Record(str(record["person_id"]), msgspec.convert([[row[f] for f in fields] for row in rows], list[Row]))


def _judge(
    household_id: str, household: Household, rules: Iterable[Candidate], moment: Moment, source: Source, *, helps: bool
) -> None:
    """Judge some rules, and make the next version of the alert where it says something else now."""
    active = moment.rules
    concerned = household.findings or household.case or _any_could_hold(rules, household.weights)
    if active is None or not concerned:
        return
    view = View(household_id, household, moment.tick, moment.positions)
    changed = judge(view, household, rules if rules is active.raising else in_order(rules))
    if changed:
        household.look_for_oldest()
    if changed or helps:
        revise(household_id, household, view, active, moment, source)
        tell(household_id, household, view, active, source)


def _look_ahead(household_id: str, household: Household, moment: Moment) -> None:
    """Note the day from which a tick may find a deadline passed that a rule watches."""
    if moment.rules is None:
        return
    view = View(household_id, household, moment.tick, moment.positions)
    watching = [each for each in moment.rules.watching if could_hold(each, household.weights)]
    household.deadline = earliest(each.rule.condition.next_tick(view) for each in watching)


def _is_watched(rules: Iterable[Candidate], weights: list[int]) -> bool:
    """Whether a tick may change the answer of a rule that could hold."""
    for candidate in rules:  # noqa: SIM110  # a generator costs more, and this is asked for every fact
        if candidate.watches and could_hold(candidate, weights):
            return True
    return False


def _any_could_hold(rules: Iterable[Candidate], weights: list[int]) -> bool:
    """Whether in a household without any cause one could come; what needs company cannot come first."""
    for candidate in rules:  # noqa: SIM110  # a generator costs more, and this is asked for every fact
        if not candidate.company and could_hold(candidate, weights):
            return True
    return False
