"""What stands: of tagged households, of the newest year, long past its deadline."""

from __future__ import annotations

from dataclasses import replace

from schemas.fact import Fact
from schemas.kinds import kinds_by_code
from streams.conditions import Late, Standing
from streams.household import Household
from streams.view import View
from streams.where import Words
from tests.builders import at, day, fact, graded, household, row
from tests.test_conditions import HOUSE, house, ids


def test_a_standing_condition_may_ask_for_one_of_some_tags() -> None:
    marked = Standing(HOUSE.number, (), house().grades, tags=frozenset({"lifted", "monitored"}))

    def holds(*tags: str) -> bool:
        kept = household(graded("D"), people={"p_a": [row(tags=tags)]})
        return marked.judge(View("H1", kept, None)) is not None

    assert holds("monitored", "relocated")
    assert not holds("relocated")
    assert not holds()


def insured(year: int, status: str, event_id: str, person: str = "p_a") -> Fact:
    return fact("health_insurance.enrolment", "2023-05-01", event_id, year=year, status=status, person=person)


def test_of_each_person_only_the_newest_year_may_count() -> None:
    kind = kinds_by_code()["health_insurance.enrolment"]
    lapsed = (Words(kind.index("status"), frozenset({"lapsed"})),)
    newest = Standing(kind.number, (), (lapsed,), newest=kind.index("year"))
    people = {person: [row()] for person in ("p_a", "p_b")}

    def lapsed_of(*facts: Fact) -> list[str]:
        return ids(newest.judge(View("H1", household(*facts, people=people), None)))

    assert lapsed_of(insured(2022, "lapsed", "a"), insured(2023, "enrolled", "b")) == []
    assert lapsed_of(insured(2023, "lapsed", "a"), insured(2022, "enrolled", "b")) == ["a"]
    assert lapsed_of(insured(2022, "lapsed", "a"), insured(2023, "enrolled", "b", "p_b")) == ["a"]
    nameless = insured(2022, "lapsed", "a")
    short = Fact(nameless.id, nameless.kind, 0, False, b"", "p_a", nameless.occurred_at, 0, [])
    assert lapsed_of(short) == []
    any_at_all = replace(newest, grades=((),))
    assert ids(any_at_all.judge(View("H1", household(short, people=people), None))) == ["a"], "without a year it counts"


def test_a_deadline_that_a_fact_does_not_name_is_never_over() -> None:
    said = fact("housing.renovation", at("2023-03-01"))
    old = Fact(said.id, said.kind, 0, False, b"", None, at("2023-03-01"), 0, said.values[:1])

    assert Late(1, 30).deadline(old) is None
    assert Late(1, 30).deadline(said) == 30
    late = Standing(said.kind, (), ((),), lates=(Late(1, 30),))
    passed = View("H1", household(old), 20_000, {"housing": 20_000})
    assert late.judge(passed) is None
    assert late.next_tick(passed) is None


def test_of_a_feed_that_is_not_known_nothing_is_known_to_be_over() -> None:
    late = Standing(fact("housing.renovation", 0).kind, (), ((),), lates=(Late(None, 30),))
    seen = household(fact("housing.renovation", "2023-03-01"))

    assert late.judge(View("H1", seen, day("2023-06-01"))) is None
    assert late.judge(View("H1", seen, day("2023-06-01"), {"housing": day("2023-03-31")})) is not None


def test_one_level_may_hold_at_once_and_another_only_once_it_is_late() -> None:
    mixed = Standing(HOUSE.number, (), house().grades, lates=(None, Late(None, 30)))
    at_once, later = household(graded("D", "2023-05-01")), household(graded("C", "2023-05-01"))

    def found(kept: Household, on: str) -> int | None:
        held = mixed.judge(View("H1", kept, day(on), {"housing": day("2023-05-31")}))
        return held.grade if held else None

    assert [found(at_once, "2023-05-02"), found(later, "2023-05-31"), found(later, "2023-06-01")] == [0, None, 1]
    assert mixed.next_tick(View("H1", later, None)) == day("2023-06-01")
    assert mixed.next_tick(View("H1", at_once, None)) is None
    assert mixed.watches
