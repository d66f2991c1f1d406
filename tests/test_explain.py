"""Why a household was, or was not, flagged: what had come by a day, and every rule's figures against its lines."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import get_args

from schemas.kinds import kinds_by_code
from streams import combinations
from streams.explain import Answer, canonical, seal_of
from streams.explain_figures import MEASURES
from streams.explain_page import as_page
from streams.explain_words import as_text, conclusion, near_misses
from streams.household import KEPT_DAYS
from streams.rule_set import RuleSet
from streams.symbols import symbols
from tests.builders import bill, day, fact, graded, row
from tests.explanations import Log, by_rule, published

GOLDEN = Path(__file__).with_name("explanation.txt")


def an_ordinary_log() -> Log:
    """A household lifted out of poverty, with bills of 9 950 yuan against a line of 10 000; a repeat, a revision."""
    lifted = row("2021-01-01", tags=["lifted"])
    log = Log().activate().lives("p_a", lifted).lives("p_b", lifted)
    log.on("2023-06-01").take(bill(6000, "2023-03-01", "B-1", person="p_a")).again(3)
    log.take(bill(3900, "2023-05-01", "B-2", person="p_a"))
    log.on("2023-06-02").tick("2023-06-02", health_insurance=day("2023-05-31"))
    log.take(graded("C", "2023-05-20", "H-1")).take(bill(3950, "2023-05-01", "B-2", revision=1, person="p_a"))
    log.on("2023-06-03").act("acknowledged", alert_id=log.explain()["versions"][-1]["alert_id"], version_seen=1)
    absent = {"stage": "junior", "status": "absent_long", "absent_days": 4}
    return log.take(fact("education.enrolment", "2023-05-20", "E-1", person="p_b", **absent))  # type: ignore[arg-type]  # keywords of fact


def stricter(rules: RuleSet, rule_id: str) -> RuleSet:
    """The same set, but that a rule's lines are halved."""
    content = json.loads(rules.content)
    changed = next(rule for rule in content["rules"] if rule["id"] == rule_id)
    for line in changed["thresholds"]:
        line |= {group: line[group] // 2 for group in ("low_income", "other")}
    return RuleSet.from_content(json.dumps(content))


def states(answer: Answer) -> dict[tuple[str, int], str]:
    return {(said["event_id"], said["revision"]): said["state"] for said in answer["facts"]}


def test_an_explanation_reads_as_it_always_has() -> None:
    text = as_text(an_ordinary_log().explain("2023-06-03"))

    assert text == GOLDEN.read_text(encoding="utf-8")


def test_the_seal_is_the_checksum_of_the_json_line_and_stands_on_text_and_page() -> None:
    answer = an_ordinary_log().explain()
    seal = hashlib.sha256(canonical(answer).encode()).hexdigest()

    assert seal == seal_of(answer)
    assert json.loads(canonical(answer)) == answer
    assert seal in as_text(answer)
    assert seal in as_page(answer)


def test_a_rule_that_was_narrowly_not_met_says_what_is_missing_and_stands_first() -> None:
    answer = an_ordinary_log().explain()
    bills = by_rule(answer)["R04"]
    [figure] = bills["figures"]

    assert near_misses(answer)[0] is bills
    assert (bills["fired"], bills["closeness"]) == (False, 995)
    assert (figure["value"], figure["missing"], figure["lines"][-1]) == (
        "9950.00",
        "50.00",
        {"level": "orange", "at": "10000.00"},
    )
    assert figure["facts"] == [1, 2]


def test_a_rule_that_holds_names_its_level_its_evidence_and_its_clause() -> None:
    house = by_rule(an_ordinary_log().explain())["R13"]

    assert (house["fired"], house["level"], house["closeness"]) == (True, "orange", 1000)
    assert house["version"] == published().rules["R13"].version
    assert house["basis"] == published().rules["R13"].basis
    assert house["figures"][0]["asked"] == [
        {"field": kinds_by_code()["housing.inspection"].fields[0].title, "says": "C级", "asked": "C级", "fits": True}
    ]


def test_every_rule_of_the_set_is_there_whether_or_not_it_holds() -> None:
    assert by_rule(an_ordinary_log().explain()).keys() == published().rules.keys()


def test_a_household_of_which_nothing_came_is_explained_too() -> None:
    answer = Log().activate().of_others().explain()

    assert (answer["known"], answer["facts"], answer["versions"]) == (False, [], [])
    assert conclusion(answer) == ["到这一天为止，系统没有收到本户的任何记录。"]
    assert as_page(answer)


def test_without_an_active_set_no_rule_is_shown() -> None:
    answer = Log().lives("p_a", row()).explain()

    assert (answer["rules"], answer["rule_set"]) == ([], None)
    assert "还没有启用任何规则" in as_text(answer)


def test_each_report_of_a_fact_says_why_it_counts_or_not() -> None:
    log = Log().activate().lives("p_a", row("2022-01-01"), row("2023-05-01", "H2"))
    log.take(bill(1, "2023-02-01", "kept", person="p_a")).take(bill(1, "2023-06-01", "moved", person="p_a"))
    log.take(bill(1, "2023-02-01", "revised", person="p_a"))
    log.take(bill(2, "2023-02-01", "revised", revision=1, person="p_a"))
    log.take(bill(1, "2023-02-01", "gone", person="p_a"))
    log.take(bill(1, "2023-02-01", "gone", revision=1, retracted=True, person="p_a"))
    log.take(bill(1, "2020-02-01", "old", person="p_a")).tick(day("2020-02-01") + KEPT_DAYS + 1)

    assert states(log.explain()) == {
        ("kept", 0): "counts",
        ("moved", 0): "elsewhere",
        ("revised", 0): "superseded",
        ("revised", 1): "counts",
        ("gone", 0): "retracted",
        ("gone", 1): "retracted",
        ("old", 0): "forgotten",
    }


def test_what_came_again_is_counted_and_not_added() -> None:
    log = Log().activate().lives("p_a", row()).take(bill(1, "2023-02-01", person="p_a")).again(2).again(2)
    [said] = log.explain()["facts"]

    assert (said["repeats"], said["state"]) == (2, "counts")


def test_a_late_arrival_belongs_to_the_day_on_which_it_came() -> None:
    log = Log().activate().on("2023-06-01").take(graded("A")).on("2023-06-05").take(graded("D", "2023-05-30", "H-2"))

    assert [said["event_id"] for said in log.explain("2023-06-04")["facts"]] == ["e1"]
    assert log.explain("2023-06-04")["versions"] == []
    assert by_rule(log.explain("2023-06-05"))["R13"]["level"] == "red"


def test_a_day_ends_at_midnight_even_where_only_another_household_shows_it() -> None:
    log = Log().activate().on("2023-06-01").take(graded("C")).on("2023-06-02").of_others().on("2023-06-01")
    log.take(graded("D", "2023-05-30", "H-2"))  # the clock of its sender was behind

    assert len(log.explain("2023-06-01")["facts"]) == 1
    assert len(log.explain("2023-06-02")["facts"]) == 2


def test_a_day_ends_at_the_tick_of_the_next() -> None:
    log = Log().activate().on("2023-06-01").take(graded("C")).tick("2023-06-02").take(graded("D", "2023-05-30", "H-2"))

    assert len(log.explain("2023-06-01")["facts"]) == 1


def test_a_year_that_was_played_in_a_minute_has_the_days_of_its_ticks() -> None:
    log = Log().on("2026-01-01").activate().take(graded("A", "2023-02-01")).tick("2023-03-01")
    log.take(graded("C", "2023-03-05", "H-2")).tick("2023-04-01").tick("2023-03-15")
    log.take(graded("D", "2023-04-05", "H-3"))

    assert [len(log.explain(when)["facts"]) for when in ("2023-02-28", "2023-03-01", "2023-03-31", "2023-04-01")] == [
        0,
        1,
        1,
        2,
    ]
    assert len(log.explain("2026-01-01")["facts"]) == 3, "the day on which it was played"


def test_without_a_day_everything_is_explained_as_of_the_last_day_that_the_log_knows() -> None:
    log = Log().activate().on("2023-06-01").take(graded("C")).tick("2023-06-07")

    assert log.explain()["at"] == "2023-06-07"
    assert log.explain() == log.explain("2023-06-07")


def test_what_retention_removed_is_said() -> None:
    log = an_ordinary_log()
    del log.records[:2]

    assert log.explain()["removed_before"] == "2023-01-01T12:00:00+08:00"
    assert "以前的原始记录已过保存期" in as_text(log.explain())


def test_an_earlier_day_is_judged_by_the_rules_of_that_day() -> None:
    log = Log().activate().lives("p_a", row(tags=["lifted"]))
    log.on("2023-06-01").take(bill(6000, "2023-03-01", person="p_a")).on("2023-06-05").activate(
        stricter(published(), "R04")
    )

    assert by_rule(log.explain("2023-06-04"))["R04"]["fired"] is False
    assert by_rule(log.explain("2023-06-05"))["R04"]["level"] == "orange"
    assert log.explain("2023-06-05")["versions"][-1]["rule_set"] == log.explain("2023-06-05")["rule_set"]["hash"]


def test_what_people_did_is_there_with_the_version_they_saw() -> None:
    log = Log().activate().on("2023-06-01").take(graded("D"))
    alert = log.explain()["versions"][-1]["alert_id"]
    log.act("confirmed", alert_id=alert, version_seen=1).on("2023-06-02").act("visited", alert_id=alert, version_seen=2)

    assert [(done["action"], done["version_seen"]) for done in log.explain("2023-06-01")["actions"]] == [
        ("confirmed", 1)
    ]
    assert [version["status"] for version in log.explain()["versions"]] == ["ALERTED", "CONFIRMED", "CONFIRMED"]
    assert "情况属实" in as_text(log.explain())


def test_neither_text_nor_page_names_a_person() -> None:
    log = an_ordinary_log()

    for shown in (as_text(log.explain()), as_page(log.explain())):
        assert "p_a" not in shown
        assert "成员1" in shown


def test_every_type_of_condition_can_be_explained() -> None:
    types = {each for alias in get_args(combinations.Condition) for each in get_args(alias) or (alias,)}

    assert types == MEASURES.keys()


def test_every_word_that_a_rule_may_show_has_chinese() -> None:
    enums = {word for kind in kinds_by_code().values() for field in kind.fields for word in field.symbols}

    assert enums - symbols().keys() == set()
    assert [word for word, chinese in symbols().items() if chinese.isascii()] == []
