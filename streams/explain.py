"""Why a household was, or was not, flagged on a day: everything that the bus knew of it then. Pure.

The answer is plain values (JSON), made of the household's records up to the end of that day alone; text and page only
show it. Times are Beijing's; money is yuan with two decimals, as text.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from schemas.beijing import date_of, instant, start_of
from schemas.departments import DEPARTMENTS
from streams.combinations import Parts
from streams.explain_days import Heard
from streams.explain_facts import Numbers, listed_facts
from streams.explain_figures import measured
from streams.explain_help import help_of
from streams.explain_measured import FEN, Figure, Scope
from streams.explain_replay import Replayed, replayed
from streams.explain_tests import HOLDS
from streams.household import Household
from streams.residence import household_of
from streams.rule import Rule
from streams.rule_set import RuleSet
from streams.view import View

Answer = dict[str, Any]
NEAR_MISS = HOLDS * 2 // 3
"""From this closeness on a rule that did not fire is called a near miss."""


def explained(household_id: str, partition: int, heard: Heard, sets: Mapping[str, RuleSet]) -> Answer:
    """Explain a household by what had come by the end of a day.

    Raises:
        KeyError: an activated rule set is not among `sets`.

    """
    replay = replayed(household_id, partition, heard.records, sets)
    household, moment = replay.household, replay.moment
    view = View(household_id, household, moment.tick, moment.positions)
    numbers = Numbers(household)
    facts = listed_facts(household_id, replay, numbers)
    return {
        "household_id": household_id,
        "at": _day(heard.day),
        "removed_before": None if heard.first == 0 or heard.since is None else _time(heard.since),
        "known": bool(facts or household.people),
        "place": _place(view),
        "members": _members(household_id, household, numbers, heard.day),
        "tick": None if moment.tick is None else _day(moment.tick),
        "as_of": _positions(moment.positions),
        "rule_set": _active(replay),
        "rules": [] if moment.rules is None else _rules(moment.rules, view, numbers, heard.day),
        "facts": facts,
        "help": help_of(replay.versions, {} if moment.rules is None else moment.rules.measures),
        "versions": [_version(alert) for alert in replay.versions],
        "actions": _actions(replay),
    }


def canonical(answer: Answer) -> str:
    """The one line that stands for an answer: equal answers are equal bytes."""
    return json.dumps(answer, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n"


def seal_of(answer: Answer) -> str:
    """SHA-256 of an answer as `--json` prints it, hex."""
    return hashlib.sha256(canonical(answer).encode()).hexdigest()


def _day(day: int) -> str:
    return date_of(day).isoformat()


def _time(milliseconds: int) -> str:
    return instant(milliseconds).isoformat(timespec="seconds")


def _place(view: View) -> Answer:
    place = view.place
    return {
        "township_code": place.township,
        "village_code": place.village,
        "grid_code": place.grid,
        "tags": sorted(place.tags),
        "gone_to": place.gone_to,
    }


def _members(household_id: str, household: Household, numbers: Numbers, day: int) -> list[Answer]:
    """Rows of everybody whom the register ever named here."""
    members = []
    for person, number in numbers.members.items():
        rows = sorted(household.people[person].rows, key=lambda row: (row.valid_from, row.household_id))
        here = household_of(rows, day) == household_id
        shown = [
            {
                "household_id": row.household_id,
                "valid_from": _day(row.valid_from),
                "valid_to": None if row.valid_to is None else _day(row.valid_to),
                "village_code": row.village_code,
                "tags": sorted(row.tags),
                "labour": row.labour,
            }
            for row in rows
        ]
        members.append({"member": number, "person_id": person, "lives_here": here, "rows": shown})
    return members


def _positions(positions: Mapping[str, int]) -> dict[str, str | None]:
    """Of every department how far its feed had come at the last tick."""
    codes = sorted({department.code for department in DEPARTMENTS} | positions.keys())
    return {code: _day(positions[code]) if code in positions else None for code in codes}


def _active(replay: Replayed) -> Answer | None:
    rules = replay.moment.rules
    if rules is None or replay.active is None:
        return None
    return {"hash": rules.hash, "activated_at": _time(replay.active[1]), "offset": replay.active[0]}


def _rules(rules: RuleSet, view: View, numbers: Numbers, day: int) -> list[Answer]:
    """Every rule: those that hold, then the others, the nearest first; what holds only for combinations last."""
    shown = [_rule(rule, rules, view, numbers, start_of(day + 1) - 1) for rule in rules.rules.values()]
    shown.sort(key=lambda rule: (not rule["fired"], -rule["closeness"], rule["rule"]))
    shown.sort(key=lambda rule: rule["fired"] and rule["part"])
    return shown


def _rule(rule: Rule, rules: RuleSet, view: View, numbers: Numbers, now: int) -> Answer:
    found = measured(rule, rules.rules, Scope(view, (), now, _window_of_part(rule, rules)))
    held = rule.condition.judge(view)
    fired = held is not None or (rule.part and found.closeness == HOLDS)  # a part has no window of its own
    evidence = [] if held is None else sorted({numbers.of(fact) for fact in held.evidence})
    return {
        "rule": rule.id,
        "version": rule.version,
        "title": rule.title,
        "basis": rule.basis,
        "part": rule.part,
        "fired": fired,
        "level": rule.grades[held.grade].level if held is not None and rule.grades else None,
        "closeness": HOLDS if fired else min(found.closeness, HOLDS - 1),
        "near_miss": not fired and found.closeness >= NEAR_MISS,
        "figures": [_figure(figure, rule, numbers) for figure in found.figures],
        "evidence": evidence,
    }


def _window_of_part(rule: Rule, rules: RuleSet) -> int | None:
    """Window of a rule that has none of its own: the longest of the combinations that read it."""
    reading = [other.condition for other in rules.rules.values() if rule.id in other.parts]
    return max((each.window or 0 for each in reading if isinstance(each, Parts)), default=0) or None


def _figure(figure: Figure, rule: Rule, numbers: Numbers) -> Answer:
    levels = _levels(figure, rule)
    times = [fact.occurred_at for fact in figure.facts]
    return {
        "part": figure.part,
        "what": figure.what,
        "value": None if figure.value is None else _amount(figure.value, figure.unit),
        "unit": figure.unit,
        "lines": [{"level": at, "at": _amount(bar, figure.unit)} for at, bar in zip(levels, figure.bars, strict=True)],
        "asks": "below" if figure.below else "at_most" if figure.at_most else "at_least",
        "missing": _missing(figure),
        "holds": figure.holds,
        "window_days": figure.window,
        "from": _time(min(times)) if times else None,
        "to": _time(max(times)) if times else None,
        "group": figure.group,
        "facts": sorted({numbers.of(fact) for fact in figure.facts}),
        "asked": [asked._asdict() for asked in figure.asked],
    }


def _levels(figure: Figure, rule: Rule) -> Sequence[str | None]:
    """Level of each bar; None where it is not the rule's own, or the rule has no levels."""
    if figure.part or not rule.grades:
        return [None] * len(figure.bars)
    if figure.grade is not None:
        return [rule.grades[figure.grade].level]
    same = len(rule.grades) == len(figure.bars)
    return [grade.level for grade in rule.grades] if same else [None] * len(figure.bars)


def _amount(value: int, unit: str) -> str | int:
    return f"{value // 100}.{value % 100:02d}" if unit == FEN else value


def _missing(figure: Figure) -> str | int | None:
    """What a figure that does not hold lacks to the lowest line."""
    if figure.holds or figure.value is None or not figure.bars:
        return None
    short = abs(min(figure.bars) - figure.value)
    return _amount(short, figure.unit) if short else None


def _version(alert: Mapping[str, Any]) -> Answer:
    of_case = ("alert_id", "ordinal", "version", "status", "level", "level_rule", "level_reason")
    said = (*of_case, "township_code", "missing_help", "text", "rule_set")
    causes = [{key: cause[key] for key in ("rule", "rule_version", "level")} for cause in alert["causes"]]
    return {key: alert[key] for key in said} | {"causes": causes, "known_at": _time(alert["known_at"])}


def _actions(replay: Replayed) -> list[Answer]:
    """What people did, on any of the household's alerts; the last fifty of each."""
    case = replay.household.case
    cases = () if case is None else (*reversed(case.others), case)
    said = ("action", "reason", "actor", "role", "township_code", "version_seen", "outcome", "why")
    return [
        {"alert_id": each.alert_id, "acted_at": _time(done.acted_at)} | {key: getattr(done, key) for key in said}
        for each in cases
        for done in each.handled.done
    ]
