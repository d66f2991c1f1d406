"""Which rules hold for a household: only those that read what changed, and of those only what could hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from schemas.fact import Fact
from streams.household import Finding, Household
from streams.readers import Candidate, Readers
from streams.rule import Rule
from streams.rule_set import RuleSet
from streams.scales import Bar
from streams.view import View
from streams.windows import Held
from streams.wording import band


def weigh(household: Household, readers: Readers, fact: Fact) -> Sequence[Candidate]:
    """Add a fact that is new to the weights; rules whose answer it could change. `readers` are those of its kind.

    A rule under its lowest line holds neither before nor after. A combination rests on its other parts then, and was
    judged when they changed; but where it holds, a window shared by its parts may now end later.
    """
    if fact.retracted:
        return ()
    weights = household.weights
    could = readers.once_raised if household.findings else readers.any
    weighs = readers.weighs is None or readers.weighs(fact)
    for place, weight_of, lines in readers.scales:
        if weighs:
            weights[place] = weight_of(fact, weights[place])
        weight = weights[place]
        for lowest, gate, opens, concerned in lines:
            if weight < lowest:
                break
            if weights[gate] >= opens:
                could += concerned
    return could


def weigh_all(household: Household, rules: RuleSet) -> None:
    """Make the weights anew."""
    weights = household.weights = [0] * len(rules.scales)
    for fact in household.all_facts():
        if not fact.retracted:
            for place, weight_of, _ in rules.readers[fact.kind].scales:
                weights[place] = weight_of(fact, weights[place])


def could_hold(candidate: Candidate, weights: list[int]) -> bool:
    """Whether a rule could hold by the weight of its facts: a combination, as soon as enough of its parts could."""
    for place, lowest in candidate.must:
        if weights[place] < lowest:
            return False
    needs = candidate.needs
    for place, lowest in candidate.asks:
        if weights[place] >= lowest:
            needs -= 1
    return needs <= 0 and (candidate.bar is None or _is_at_bar(candidate, candidate.bar, weights))


def _is_at_bar(candidate: Candidate, at: tuple[int, Bar], weights: list[int]) -> bool:
    place, bar = at
    return bar.reached(sum(weights[cost] for cost, _ in candidate.asks), weights[place])


def in_order(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Each once, combinations after what they read."""
    return sorted(set(candidates), key=lambda candidate: candidate.number)


def has_company(candidate: Candidate, findings: Mapping[str, Finding]) -> bool:
    """Whether one of the rules stands without which a combination cannot; they are judged before it."""
    if not candidate.company:
        return True
    standing = [(found, grades) for rule, grades in candidate.company if (found := findings.get(rule))]
    return any(grades is None or found.grade in grades for found, grades in standing)


def judge(view: View, household: Household, candidates: Iterable[Candidate]) -> bool:
    """Judge rules; whether any finding came, went or changed."""
    changed = False
    for candidate in candidates:
        rule = candidate.rule
        known = household.findings.get(rule.id)
        worth = could_hold(candidate, household.weights) and has_company(candidate, household.findings)
        held = rule.condition.judge(view) if worth else None
        found = None if held is None else finding_of(rule, held)
        if found == known:
            continue
        changed = True
        if found is None:
            del household.findings[rule.id]
        else:
            household.findings[rule.id] = found
    return changed


def finding_of(rule: Rule, held: Held) -> Finding:
    """That a rule holds, as it is kept and shown."""
    times = [fact.occurred_at for fact in held.evidence]
    digests = {fact.id: fact.digest for fact in held.evidence}
    evidence = sorted(digests)
    return Finding(
        rule=rule.id,
        level=rule.grades[held.grade].level,
        grade=held.grade,
        evidence=evidence,
        first=min(times),
        last=max(times),
        number=held.number,
        band=band(held.value, held.line),
        line=held.group,
        digests=b"".join([digests[fact] for fact in evidence]),
        since=held.came_true(),
    )
