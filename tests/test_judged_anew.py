"""A household judged by another rule set than before: what it says, what it names, what it keeps."""

from __future__ import annotations

import json

from schemas.codec import decode
from streams.correlate import Moment, RuleSet, Source, fold_fact, fold_tick, reevaluate, shipped
from streams.household import pack
from tests.builders import Home, at, bill, day, fact, graded, household, routed


def only(rule_id: str) -> RuleSet:
    """A set of one rule."""
    content = json.loads(shipped().content)
    content["rules"] = [rule for rule in content["rules"] if rule["id"] == rule_id]
    return RuleSet.from_content(json.dumps(content, ensure_ascii=False))


def test_what_people_do_is_done_to_what_the_active_set_says() -> None:
    home = Home().take(graded("D"))

    home.rules = only("R04")
    home.act("confirmed")

    assert (home.alert["status"], home.alert["actions"][-1]["why"]) == ("WITHDRAWN", "out_of_turn")


def test_a_fact_that_comes_first_names_the_record_that_activated_the_set_too() -> None:
    kept, activated = household(graded("D")), Source("rules.control", 0, 7, at("2023-06-01"))
    source = Source("events.health_insurance", 3, 41, at("2023-06-02"))

    fold_fact("H1", kept, routed(bill(1, "2023-03-01", "b")), Moment(shipped(), None, {}, activated), source)

    assert kept.case is not None
    assert decode(kept.case.alert)[1]["source_topic"] == "rules.control"


def test_what_a_rule_rested_on_that_the_next_set_has_no_more_may_be_forgotten() -> None:
    home = Home().take(bill(26_000, "2023-03-01"))
    assert home.due == 0

    home.rules = only("R13")
    home.take(graded("B", "2001-01-01", "old"))

    assert (home.alert["status"], home.due) == ("WITHDRAWN", day("2023-03-01") + 801)


def test_another_wording_is_a_version_though_the_same_causes_stand() -> None:
    home = Home().take(graded("D"))
    title = next(rule.title for rule in shipped().rules.values() if rule.id in home.causes)
    home.rules = RuleSet.from_content(shipped().content.replace(title, "危房"))

    home.take(graded("B", "2001-01-01", "old"))

    assert [alert["causes"][0]["title"] for alert in home.alerts] == [title, "危房"]


def test_what_is_judged_anew_names_the_record_that_activated_the_set_and_a_tick_names_itself() -> None:
    kept = household(
        graded("D"), fact("housing.renovation", "2023-03-01", "w", state="started", due_on=day("2023-10-01"))
    )
    activated, tick = (Source(topic, 0, 7, at("2023-06-01")) for topic in ("rules.control", "household.events"))

    fold_tick("H1", kept, Moment(shipped(), day("2023-06-01"), {}, activated), tick)
    assert kept.case is not None
    assert decode(kept.case.alert)[1]["source_topic"] == "rules.control"

    fold_tick("H1", kept, Moment(shipped(), day("2023-11-30"), {"housing": day("2023-11-30")}, activated), tick)
    assert kept.case.version == 2
    assert decode(kept.case.alert)[1]["source_topic"] == "household.events"


def test_without_a_rule_set_nothing_is_judged_anew_and_with_one_the_record_that_came_is_named() -> None:
    kept, source = household(graded("D")), Source("household.events", 3, 41, at("2023-06-01"))
    before = pack(kept)

    reevaluate("H1", kept, Moment(None, None, {}), source)
    assert pack(kept) == before

    fold_tick("H1", kept, Moment(shipped(), day("2023-06-01"), {}), source)
    assert kept.case is not None
    assert decode(kept.case.alert)[1]["source_offset"] == 41
