"""Mutants that no test can see, each with its reason."""

from __future__ import annotations

_ONE_ID = "no two facts of a household have one id"
_AGAIN = "judged once more by the same rules it says the same, only later"
_VISITED = "else a tick visits in vain: what no rule could hold of has no answer to change"
_TYPES = "never so here: only the types do not know that"
_ONCE = "a rule asks for the words of a field once"
_FAR = "nothing is as far"
_EQUAL = "of two that are equal it takes the other"
_WEIGHT = "costs memory or time, changes no answer"
EQUIVALENT = {
    "basis: class Pages(msgspec.Struct, array_like=True, gc=False): | False -> True": _WEIGHT,
    "basis: return packed(unpacked(marks) - {mark_of(fact) for fact in facts}) if marks else marks"
    " | packed(unpacked(marks) - {mark_of(fact) for fact in facts}) if marks else marks"
    " -> packed(unpacked(marks) - {mark_of(fact) for fact in facts})": _WEIGHT,
    "basis: if not settled: | not settled -> False": _WEIGHT,
    "case: if ended != (case.status in ENDED): | ended != (case.status in ENDED) -> True": _WEIGHT,
    "case: return year is not None and bool(came_back(found, handled.settled, year, scene.household.facts))"
    " | year is not None and bool(came_back(found, handled.settled, year, scene.household.facts))"
    " -> bool(came_back(found, handled.settled, year, scene.household.facts))": "what is asked was cleared: types only",
    "case: handled = case.handled if case.handled.due == due else replace(case.handled, due=due)"
    " | case.handled if case.handled.due == due else replace(case.handled, due=due)"
    " -> replace(case.handled, due=due)": _WEIGHT,
    "case: return case if touched is case.touched else replace(case, touched=touched)"
    " | case if touched is case.touched else replace(case, touched=touched) -> replace(case, touched=touched)": _WEIGHT,
    "case: proposals, due = ([], 0) if handled is UNTOUCHED else _proposals(scene, status, handled, found)"
    " | ([], 0) if handled is UNTOUCHED else _proposals(scene, status, handled, found)"
    " -> _proposals(scene, status, handled, found)": _WEIGHT,
    "case: if not handled.confirmed: | not handled.confirmed -> False": _WEIGHT,
    "case_actions: if handled.settled != case.handled.settled:  # other windows may be what is left"
    " | handled.settled != case.handled.settled -> True": _AGAIN,
    "case_actions: scene.hindrance(handled, found) if clearing else None,"
    " | scene.hindrance(handled, found) if clearing else None -> scene.hindrance(handled, found)": _WEIGHT,
    "case_actions: return Situation(case.status, case.version, _responsible(scene, case), (), None, tracked=False,"
    " disowned=False) | False -> True": "asked only of a case that has not ended",
    "case_answers: _CHECKSUM_BYTES = 8 | 8 -> 9": _WEIGHT,
    "combinations: if not graded: | not graded -> False": _WEIGHT,
    "combinations: if len(always) + sum(windows.able for _, windows in counted) < min(self.at_least):"
    " | len(always) + sum((windows.able for _, windows in counted)) < min(self.at_least) -> False": _WEIGHT,
    "combinations: able = [(part, windows) for part, windows in counted if windows.able]"
    " | windows.able -> True": _WEIGHT,
    "combinations: if part.counts(held := windows.held(end, self.window or 0)):"
    " | self.window or 0 -> self.window": _TYPES,
    "combinations: if part.counts(held := windows.held(end, self.window or 0)): | 0 -> 1": _TYPES,
    "combinations: return [base for base in condition.others if isinstance(base, Base)]"
    " | isinstance(base, Base) -> True": _TYPES,
    "correlate: if rules is not None and household.rule_set != rules.mark:"
    " | rules is not None and household.rule_set != rules.mark -> rules is not None": _AGAIN,
    "correlate: if watched or news is News.REPLACES: | watched or news is News.REPLACES -> watched": _VISITED,
    "correlate: if watched or news is News.REPLACES: | news is News.REPLACES -> news is not News.REPLACES": _VISITED,
    "correlate: if rules is not None and (_is_due(household.deadline, tick) or _is_due(_day_of_case(household), tick)):"
    " | rules is not None and (_is_due(household.deadline, tick) or _is_due(_day_of_case(household), tick))"
    " -> rules is not None": _AGAIN,
    "correlate: if not candidate.company and could_hold(candidate, weights):"
    " | not candidate.company and could_hold(candidate, weights) -> could_hold(candidate, weights)": _WEIGHT,
    "correlate: if watched or news is News.REPLACES: | watched or news is News.REPLACES -> True": _WEIGHT,
    "correlate: if news and moment.rules is not None:"
    " | news and moment.rules is not None -> moment.rules is not None": _AGAIN,
    "correlate: if tick is None: | tick is None -> False": _TYPES,
    "correlate: if changed: | changed -> True": _WEIGHT,
    "correlate: if changed or helps: | changed or helps -> True": _AGAIN,
    "correlate: if not candidate.company and could_hold(candidate, weights):"
    " | not candidate.company and could_hold(candidate, weights) -> not candidate.company": _WEIGHT,
    "correlate: household.findings = {rule: finding for rule, finding in household.findings.items() if rule in raising}"
    " | rule in raising -> False": _AGAIN,
    "correlate: if not (could or helps): | not (could or helps) -> False": _WEIGHT,
    "correlate: return day is not None and day <= tick | day is not None and day <= tick -> day is not None": _AGAIN,
    "correlate: if rules is not None and (_is_due(household.deadline, tick) or _is_due(_day_of_case(household), tick)):"
    " | rules is not None and (_is_due(household.deadline, tick) or _is_due(_day_of_case(household), tick))"
    " -> rules is not None or (_is_due(household.deadline, tick) or _is_due(_day_of_case(household), tick))": _AGAIN,
    "correlate: changed = judge(view, household, rules if rules is active.raising else in_order(rules))"
    " | rules if rules is active.raising else in_order(rules)"
    " -> in_order(rules)": _WEIGHT,
    "correlate: if not candidate.company and could_hold(candidate, weights):"
    " | not candidate.company and could_hold(candidate, weights)"
    " -> not candidate.company or could_hold(candidate, weights)": _WEIGHT,
    "correlate: if not candidate.company and could_hold(candidate, weights):"
    " | not candidate.company and could_hold(candidate, weights)"
    " -> True": _WEIGHT,
    "correlate: watching = [each for each in moment.rules.watching if could_hold(each, household.weights)]"
    " | could_hold(each, household.weights)"
    " -> True": _VISITED,
    "correlate: concerned = household.findings or household.case or _any_could_hold(rules, household.weights)"
    " | household.findings or household.case or _any_could_hold(rules, household.weights)"
    " -> household.case or _any_could_hold(rules, household.weights)": "whatever stands has made a case",
    "correlate: if active is None or not concerned:"
    " | active is None or not concerned"
    " -> active is None and (not concerned)": _WEIGHT,
    "correlate: if active is None or not concerned: | active is None or not concerned -> active is None": _WEIGHT,
    "correlate: if active is None or not concerned: | active is None or not concerned -> not concerned": _TYPES,
    "correlate: if active is None or not concerned: | active is None or not concerned -> False": _WEIGHT,
    "correlate: if rules is not None and household.rule_set != rules.mark:"
    " | rules is not None and household.rule_set != rules.mark"
    " -> True": _AGAIN,
    "correlate: if news is News.FIRST: | news is News.FIRST -> False": _WEIGHT,
    "correlate: if news: | news -> True": _WEIGHT,
    "correlate: if rules is not None and (_is_due(household.deadline, tick) or _is_due(_day_of_case(household), tick)):"
    " | rules is not None and (_is_due(household.deadline, tick) or _is_due(_day_of_case(household), tick))"
    " -> _is_due(household.deadline, tick) or _is_due(_day_of_case(household), tick)": "without a set no day is due",
    "correlate: if household.findings: | household.findings -> True": _WEIGHT,
    "correlate: return household.case.handled.due or None if household.case is not None else None"
    " | household.case.handled.due or None"
    " -> household.case.handled.due": _AGAIN,
    "costs: _NEVER = 1 << 62 | 1 -> 2": _FAR,
    "costs: return [*facts, *([] if income is None else [income])]"
    " | [] if income is None else [income] -> [income]": _TYPES,
    "costs: _NEVER = 1 << 62 | 62 -> 63": _FAR,
    "counted: fitting = self._fitting(view) if self.until is not None else []"
    " | self._fitting(view) if self.until is not None else []"
    " -> self._fitting(view)": _WEIGHT,
    "counted: asked = tuple((*self.where, *grade) for grade in self.grades) or (self.where,)"
    " | tuple(((*self.where, *grade) for grade in self.grades)) or (self.where,) -> (self.where,)": _WEIGHT,
    "evaluate: if not candidate.company: | not candidate.company -> True": _WEIGHT,
    "evaluate: changed = False | False -> True": _AGAIN,
    "evaluate: if weighs: | weighs -> True": _WEIGHT,
    "evaluate: if weights[place] < lowest: | weights[place] < lowest -> False": _WEIGHT,
    "evaluate: worth = could_hold(candidate, household.weights) and has_company(candidate, household.findings)"
    " | could_hold(candidate, household.weights) and has_company(candidate, household.findings)"
    " -> could_hold(candidate, household.weights) or has_company(candidate, household.findings)": _WEIGHT,
    "evaluate: worth = could_hold(candidate, household.weights) and has_company(candidate, household.findings)"
    " | could_hold(candidate, household.weights) and has_company(candidate, household.findings)"
    " -> could_hold(candidate, household.weights)": _WEIGHT,
    "evaluate: worth = could_hold(candidate, household.weights) and has_company(candidate, household.findings)"
    " | could_hold(candidate, household.weights) and has_company(candidate, household.findings)"
    " -> has_company(candidate, household.findings)": _WEIGHT,
    "evaluate: held = rule.condition.judge(view) if worth else None"
    " | rule.condition.judge(view) if worth else None -> rule.condition.judge(view)": _WEIGHT,
    "evaluate: if weight < lowest: | weight < lowest -> False": _WEIGHT,
    "evaluate: break | break -> pass": _WEIGHT,
    "household: if self.opened is None: | self.opened is None -> True": _WEIGHT,
    "household: if may_hold(self.packed_facts, fact.id):  # seldom: a repeat or a revision"
    " | may_hold(self.packed_facts, fact.id) -> True": _WEIGHT,
    "household: if forgot: | forgot -> True": _WEIGHT,
    "household: if self.oldest is None or occurred_at < self.oldest:"
    " | occurred_at < self.oldest -> occurred_at <= self.oldest": _EQUAL,
    "household: return max(1, forgotten if deadline is None or forgotten < deadline else deadline)"
    " | forgotten < deadline -> forgotten <= deadline": _EQUAL,
    "household: class Household(msgspec.Struct, array_like=True, gc=False): | False -> True": _WEIGHT,
    "household_packing: class _People(msgspec.Struct, array_like=True, frozen=True, gc=False):"
    " | True -> False": "nobody changes one",
    "household_packing: class _People(msgspec.Struct, array_like=True, frozen=True, gc=False):"
    " | False -> True": _WEIGHT,
    "proposals: if status == CLEARED_TRACKING and handled.tracking_until is not None:"
    " | status == CLEARED_TRACKING and handled.tracking_until is not None -> status == CLEARED_TRACKING": _TYPES,
    "proposals: if status == INCLUDED and handled.included_on is not None and today.plan_days is not None:"
    " | status == INCLUDED and handled.included_on is not None and (today.plan_days is not None)"
    " -> status == INCLUDED and today.plan_days is not None": _TYPES,
    "readers: if isinstance(condition, Near | Lacking):  # they read only what raises something"
    " | isinstance(condition, Near | Lacking) -> False": _WEIGHT,
    "readers: if isinstance(condition, Parts) and condition.window is None:"
    " | isinstance(condition, Parts) and condition.window is None -> False": _WEIGHT,
    "readers: found += [(ask.scale, ask.lowest, None) for ask in titles]"
    " | found += [(ask.scale, ask.lowest, None) for ask in titles] -> pass": "then any fact of the kind leads to it",
    "readers: if candidate not in whom: | candidate not in whom -> True": _WEIGHT,
    "rule_conditions: if not isinstance(rule.condition, Base | Near):  # `readable` names none"
    " | not isinstance(rule.condition, Base | Near) -> False": _TYPES,
    'rule_conditions: raise table.mistake(PARTS, f"names {rule.id}, which reads other rules itself")'
    " | raise table.mistake(PARTS, f'names {rule.id}, which reads other rules itself') -> pass": _TYPES,
    "rule_conditions: STRATA: Mapping[str, int] = {NEAR: 1, LACKING: 1, PARTS: 2} | 2 -> 3": "only the order counts",
    "rule_conditions: return Sum(kind.number, place, where, window, factors, thresholds, groups,"
    " thresholds.lowest * min(factors))"
    " | thresholds.lowest * min(factors)"
    " -> thresholds.lowest // min(factors)": _WEIGHT,
    "rule_conditions: grades if any(grades) else (), | grades if any(grades) else () -> grades": _WEIGHT,
    "scales: MOST = 1 << 50 | 1 -> 2": _FAR,
    "scales: MOST = 1 << 50 | 50 -> 51": _FAR,
    "scales: if place is None or self.least or self.asked != ((),):"
    " | place is None or self.least or self.asked != ((),) -> True": _WEIGHT,
    "standing: if held is None or not self.lates: | held is None or not self.lates -> held is None": _WEIGHT,
    "standing: if late is None or (deadline is not None and view.passed(fact, deadline)):"
    " | late is None or (deadline is not None and view.passed(fact, deadline))"
    " -> deadline is not None and view.passed(fact, deadline)": _VISITED,
    "view: if known is None or (fact.occurred_at, fact.id) > (known.occurred_at, known.id):"
    " | (fact.occurred_at, fact.id) > (known.occurred_at, known.id)"
    " -> (fact.occurred_at, fact.id) >= (known.occurred_at, known.id)": _ONE_ID,
    "view: _BEFORE_ALL = -(1 << 40) | 1 -> 2": _FAR,
    "view: _BEFORE_ALL = -(1 << 40) | 40 -> 41": _FAR,
    "view: if self._place is None: | self._place is None -> True": _WEIGHT,
    "view: if self._kinds is None: | self._kinds is None -> True": _WEIGHT,
    "view: if facts is None: | facts is None -> True": _WEIGHT,
    "view: self._facts[kind] = facts | self._facts[kind] = facts -> pass": _WEIGHT,
    "where: for place in sorted(set.intersection(*shared)) if shared else ():"
    " | sorted(set.intersection(*shared)) -> list(set.intersection(*shared))": "any field will do",
    "where: words = [test for tests in asked for test in tests[:1] if isinstance(test, Words)] | 1 -> 2": _ONCE,
    "where: figures = [next((t for t in tests if isinstance(t, Figure) and t.holds in _AT_LEAST), None)"
    " for tests in asked]"
    " | isinstance(t, Figure) and t.holds in _AT_LEAST"
    " -> t.holds in _AT_LEAST": "of one field all tests are of figures, or none",
    "windows: if not dealt: | not dealt -> False": _WEIGHT,
    "windows: if total < self.lowest: | total < self.lowest -> False": _WEIGHT,
    "windows: return self.since or max(fact.occurred_at for fact in self.evidence)"
    " | max((fact.occurred_at for fact in self.evidence))"
    " -> min((fact.occurred_at for fact in self.evidence))": "what says no `since` is a year's figure: one report",
    "windows: value: int = 0 | 0 -> 1": "without a line nobody reads the value",
    "yearly: return Ask(Scale(self.kind, ((),), self.place, least=True), 1) | 1 -> 2": _FAR,
    "yearly: return Held(0, [fact], 1, value, line, group.title) if isinstance(value, int) and value < line else None"
    " | isinstance(value, int) and value < line -> value < line": _TYPES,
    "yearly: if known is None or (fact.occurred_at, fact.id) > (known.occurred_at, known.id):"
    " | (fact.occurred_at, fact.id) > (known.occurred_at, known.id)"
    " -> (fact.occurred_at, fact.id) >= (known.occurred_at, known.id)": _ONE_ID,
}
"""`module: line | what stands there -> what the mutant has` -> why it changes no answer."""
