"""An earlier day's explanation is the same bytes whatever came since; what it says of rules is what correlate found."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.beijing import start_of
from schemas.departments import DEPARTMENTS
from streams.correlate import shipped
from streams.explain import canonical
from streams.explain_figures import measured
from streams.explain_measured import Scope
from streams.explain_page import as_page
from streams.explain_tests import HOLDS
from streams.explain_words import as_text
from streams.register import Row
from streams.rule_examples import NONE, Example
from streams.rule_set import RuleSet
from streams.view import View
from tests.builders import Home, bill, household, row
from tests.explanations import Log, by_rule
from tests.test_correlate_properties import DAYS, START, some_fact, some_rows
from tests.test_rule_files import examples

LAST = START + 420
WHEN = (START + 400, START + 401, START + 402, START + 430, START + 1300)


@cache
def other_rules() -> RuleSet:
    """The shipped set, each rule a version later, and without its combinations."""
    content = json.loads(shipped().content)
    alone = [rule for rule in content["rules"] if "parts" not in rule["condition"]]
    content["rules"] = [{**rule, "version": 2} for rule in alone]
    return RuleSet.from_content(json.dumps(content))


def add_some(random: Random, log: Log) -> None:
    """One more record, of any sort."""
    sort = random.randrange(9)
    if sort < 4:
        log.take(some_fact(random, START, DAYS))
    elif sort == 4:
        log.lives(random.choice(("p_a", "p_b")), *some_rows(random, START))
    elif sort == 5:
        log.of_others()
    elif sort == 6 and len(log.records) > 1:
        log.again(random.randrange(len(log.records)))
    elif sort == 7:
        log.activate(random.choice((shipped(), other_rules())))
    else:
        versions = log.explain()["versions"]
        if versions:
            deed = random.choice(("acknowledged", "confirmed", "rejected", "visited"))
            more = {"reason": "other"} if deed == "rejected" else {}
            log.act(deed, alert_id=versions[-1]["alert_id"], version_seen=versions[-1]["version"], **more)


def days_of(random: Random, log: Log, *, played: bool) -> Iterator[int]:
    """Let days pass, each with some records; yields every day when it is over for its reader."""
    log.on(LAST + 5000 if played else WHEN[0] - 1).activate()
    for when in WHEN:
        if not played:
            log.on(when)
        if not played and random.random() < 0.5:
            log.tick(when, health_insurance=when, housing=when)
        for _ in range(random.randrange(5)):
            add_some(random, log)
        if played:
            log.tick(when, health_insurance=when, housing=when)
        yield when


@settings(max_examples=150)
@given(st.integers(0, 2**32), st.booleans())
def test_what_comes_after_a_day_changes_no_byte_of_its_explanation(seed: int, played: bool) -> None:
    random, log, saved = Random(seed), Log(), {}
    for when in days_of(random, log, played=played):
        answer = log.explain(when)
        saved[when] = canonical(answer), as_text(answer), as_page(answer)

    for when, (line, text, page) in saved.items():
        again = log.explain(when)
        assert canonical(again) == line
        assert as_text(again) == text
        assert as_page(again) == page


@settings(max_examples=300)
@given(st.integers(0, 2**32))
def test_the_rules_that_are_said_to_hold_are_those_that_correlate_found(seed: int) -> None:
    random, log, home = Random(seed), Log().activate(shipped()), Home()
    for person in ("p_a", "p_b"):
        rows = some_rows(random, START)
        log.lives(person, *rows)
        home.lives(person, *rows)
    for _ in range(random.randrange(1, 14)):
        said = some_fact(random, START, DAYS)
        log.take(said)
        home.take(said)
    log.tick(LAST, housing=LAST)
    home.tick(LAST, housing=LAST)
    rules = log.explain()["rules"]

    assert {rule["rule"]: rule["level"] for rule in rules if rule["fired"] and not rule["part"]} == {
        finding.rule: finding.level for finding in home.household.findings.values()
    }
    for rule in rules:
        assert (rule["closeness"] == 1000) == rule["fired"], rule
        assert rule["figures"], rule


@given(st.lists(st.integers(0, 1_200_000), min_size=1, max_size=4))
def test_the_nearer_a_sum_is_to_its_line_the_closer_its_rule(fen: list[int]) -> None:
    log, before = Log().activate().lives("p_a", row(tags=["lifted"])), 0
    for place, paid in enumerate(fen):
        log.take(bill(paid / 100, start_of(START + place), f"e{place}", person="p_a"))
        closeness = by_rule(log.explain())["R04"]["closeness"]

        assert closeness == min(1000, sum(fen[: place + 1]) // 1000)
        assert closeness >= before
        before = closeness


def view_of(said: Example) -> View:
    """The household of an example in a rule's file."""
    rows = [Row("example", 0, None, said.region[:9], said.region, said.region, list(said.tags), "able")]
    named = {fact.person for fact in said.facts if fact.person}
    others = {f"other {number}" for number in range(max(1, said.members) - (len(named) if said.members else 0))}
    lived = household(*said.facts, people=dict.fromkeys(named | others, rows))
    return View("example", lived, said.tick, {department.code: said.fed_to for department in DEPARTMENTS})


def test_every_example_of_every_rule_is_measured_as_its_file_says() -> None:
    rules, wrong = shipped().rules, []
    for rule_id, said in examples():
        if rule_id in rules:
            found = measured(rules[rule_id], rules, Scope(view_of(said), (), 0, 10**18))
            if (found.closeness == HOLDS) != (said.expect != NONE) or not found.figures:
                wrong.append((rule_id, said.title, found))

    assert wrong == []
