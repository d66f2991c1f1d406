"""What rules may ask of other rules: company within so many days, distinct lights, reds, windows of their own."""

from __future__ import annotations

import pytest

from schemas.beijing import DAY_MS
from schemas.fact import Fact
from schemas.kinds import kinds_by_code
from streams.combinations import Near, Part, Parts, rests_on
from streams.conditions import Count, Late, Standing, Sum
from streams.thresholds import Line, Thresholds
from streams.view import View
from streams.where import COMPARISONS, Figure, Group, Words
from streams.windows import Held
from tests.builders import at, bill, day, fact, graded, household, row

BILL = kinds_by_code()["health_insurance.settlement"]
FEE = kinds_by_code()["education.fee"]
HOUSE = kinds_by_code()["housing.inspection"]
PUPIL = kinds_by_code()["education.enrolment"]
ALLOWANCE = kinds_by_code()["civil_affairs.dibao_change"]
SPENT = Sum(
    BILL.number,
    BILL.index("self_pay_fen"),
    (),
    10 * DAY_MS,
    (2, 1),
    Thresholds({"*": (Line(0, {"line": 100_000}),)}),
    (Group("line", ""),),
    100_000,
)
OWING = Count(FEE.number, (Figure(FEE.index("overdue_fen"), COMPARISONS["over"], 0),), 10 * DAY_MS, (1,))
UNSAFE = Standing(HOUSE.number, (), tuple((Words(HOUSE.index("grade"), frozenset({g})),) for g in "DC"))
AWAY = Standing(PUPIL.number, (), ((Words(PUPIL.index("status"), frozenset({"absent_long"})),),))
CUT = Standing(
    ALLOWANCE.number,
    (),
    tuple((Words(ALLOWANCE.index("action"), frozenset({action})),) for action in ("stopped", "reduced")),
)
CUT_IN_COMPANY = Near(CUT, (SPENT, UNSAFE), 90 * DAY_MS)
START = at("2023-03-01T08:00:00")
SPAN = 90 * DAY_MS


def view(*facts: Fact, tags: tuple[str, ...] = ()) -> View:
    return View("H1", household(*facts, people={"p_a": [row(tags=tags)]}), None)


def ids(held: Held | None) -> list[str]:
    return sorted(known.event_id for known in held.evidence) if held else []


def cut(when: int = START, event_id: str = "cut", action: str = "stopped", person: str | None = None) -> Fact:
    return fact("civil_affairs.dibao_change", when, event_id, action=action, person=person)


def owed(when: int, event_id: str = "fee") -> Fact:
    return fact("education.fee", when, event_id, overdue=1)


@pytest.mark.parametrize(
    ("apart", "counts"),
    [(-SPAN - 1, False), (-SPAN, True), (-1, True), (0, True), (1, True), (SPAN, True), (SPAN + 1, False)],
)
def test_a_value_has_company_within_so_many_days_before_and_after(apart: int, *, counts: bool) -> None:
    held = CUT_IN_COMPANY.judge(view(cut(), graded("C", START + apart)))

    assert ids(held) == (["cut"] if counts else [])


def test_company_on_one_side_is_enough_where_other_evidence_is_far() -> None:
    far = [bill(1000, START - 200 * DAY_MS + 7, "b"), graded("C", START + 50 * DAY_MS, "h")]

    assert ids(CUT_IN_COMPANY.judge(view(cut(), *far))) == ["cut"]
    assert ids(CUT_IN_COMPANY.judge(view(cut(), far[0], graded("C", START + 200 * DAY_MS, "h")))) == []


def test_company_must_hold_itself_and_alone_it_is_nothing() -> None:
    assert CUT_IN_COMPANY.judge(view(cut(), bill(999.99, START))) is None
    assert ids(CUT_IN_COMPANY.judge(view(cut(), bill(1000, START)))) == ["cut"]
    assert CUT_IN_COMPANY.judge(view(cut())) is None
    assert CUT_IN_COMPANY.judge(view(graded("D", START))) is None
    assert CUT_IN_COMPANY.judge(view(cut(action="granted"), graded("D", START))) is None


def test_of_several_values_only_those_in_company_give_grade_and_evidence() -> None:
    lonely = cut(START - 300 * DAY_MS, "lonely", "stopped")
    accompanied = cut(START, "near", "reduced", person="p_a")

    held = CUT_IN_COMPANY.judge(view(lonely, accompanied, graded("C", START)))

    assert held is not None
    assert (held.grade, held.number, ids(held)) == (1, 1, ["near"])


def test_a_value_in_company_reads_its_own_kind_and_the_others() -> None:
    assert CUT_IN_COMPANY.kind == ALLOWANCE.number
    assert CUT_IN_COMPANY.reads == {ALLOWANCE.number, BILL.number, HOUSE.number}
    assert rests_on(CUT_IN_COMPANY) == [CUT, SPENT, UNSAFE]


LIGHTS = Parts(
    (
        Part(CUT, frozenset({0, 1}), "income"),
        Part(AWAY, frozenset({0}), "schooling"),
        Part(OWING, frozenset({0}), "schooling"),
        Part(UNSAFE, frozenset({1}), "house"),
        Part(SPENT, frozenset({1}), "illness"),
    ),
    90 * DAY_MS,
    (3,),
    distinct=True,
)


def away(event_id: str = "away") -> Fact:
    return fact("education.enrolment", START, event_id, status="absent_long")


def test_lights_are_told_apart_by_cause_and_department() -> None:
    three = LIGHTS.judge(view(cut(), away(), graded("C")))

    assert three is not None
    assert (three.number, ids(three)) == (3, ["away", "cut", "e1"])
    assert LIGHTS.judge(view(cut(), away(), owed(START))) is None
    all_four = LIGHTS.judge(view(cut(), away(), owed(START), graded("C")))
    assert all_four is not None
    assert (all_four.number, ids(all_four)) == (3, ["away", "cut", "e1", "fee"])


def test_two_departments_that_see_one_cause_are_one_light() -> None:
    same_cause = Parts((Part(CUT, None, "income"), Part(AWAY, None, "income")), DAY_MS, (2,), distinct=True)

    assert same_cause.judge(view(cut(), away())) is None
    assert Parts(same_cause.parts, DAY_MS, (2,)).judge(view(cut(), away())) is not None


def test_a_part_counts_only_at_the_level_that_is_asked() -> None:
    assert LIGHTS.judge(view(cut(), away(), graded("D"))) is None
    assert LIGHTS.judge(view(cut(), away(), bill(1999.99, START))) is not None
    assert LIGHTS.judge(view(cut(), away(), bill(2000, START))) is None


def test_counted_lights_must_shine_within_one_window() -> None:
    sick, late = bill(1000, START, "b"), owed(START + 90 * DAY_MS)

    assert LIGHTS.judge(view(cut(), sick, late)) is None
    assert ids(LIGHTS.judge(view(cut(), sick, owed(START + 90 * DAY_MS - 1)))) == ["b", "cut", "fee"]


def test_of_windows_with_as_many_lights_the_latest_is_taken() -> None:
    for early in (START, START + 7):
        fees = [owed(early, "early"), owed(START + 200 * DAY_MS, "late")]
        held = LIGHTS.judge(view(cut(), graded("C"), *fees))

        assert held is not None
        assert ids(held) == ["cut", "e1", "late"]
        assert held.came_true() == at("2023-05-01"), "with the first window that held"


def test_a_second_light_of_one_cause_does_not_make_it_true() -> None:
    lit = [cut(), away(), owed(START + 5), graded("C", START + 9, "house")]

    held = LIGHTS.judge(view(*lit))

    assert held is not None
    assert held.came_true() == START + 9


REDS = Parts(
    (Part(SPENT, frozenset({0})), Part(UNSAFE, frozenset({0}))),
    None,
    (2, 1),
    tags=frozenset({"monitored"}),
)


def test_without_a_common_window_each_part_holds_by_its_own() -> None:
    apart = [bill(1000, START, "a"), bill(1000, START + 10 * DAY_MS - 1, "b")]

    held = REDS.judge(view(*apart, tags=("monitored",)))

    assert held is not None
    assert (held.grade, ids(held)) == (1, ["a", "b"])
    assert REDS.judge(view(apart[0], bill(1000, START + 10 * DAY_MS, "b"), tags=("monitored",))) is None


def test_only_households_with_a_tag_are_asked() -> None:
    red = [graded("D"), bill(2000, START, "b")]

    assert REDS.judge(view(*red, tags=("lifted",))) is None
    assert REDS.judge(view(*red)) is None
    both = REDS.judge(view(*red, tags=("lifted", "monitored")))
    assert both is not None
    assert (both.grade, both.number, ids(both)) == (0, 2, ["b", "e1"])


def test_a_combination_reads_through_a_rule_in_company() -> None:
    both = Parts((Part(CUT_IN_COMPANY), Part(AWAY)), DAY_MS, (2,))

    assert rests_on(both) == [CUT, SPENT, UNSAFE, AWAY]
    assert both.reads == {ALLOWANCE.number, BILL.number, HOUSE.number, PUPIL.number}
    assert ids(both.judge(view(cut(), away(), graded("C", START)))) == ["away", "cut"]
    assert both.judge(view(cut(), away())) is None


IN_WORKS = kinds_by_code()["housing.renovation"]
LATE = Standing(IN_WORKS.number, (), ((),), lates=(Late(None, 30),))


def test_a_combination_waits_for_the_ticks_that_what_it_reads_waits_for() -> None:
    started = view(fact("housing.renovation", START, "w"), cut())
    for condition in (
        Near(LATE, (UNSAFE,), SPAN),
        Near(CUT, (UNSAFE, LATE), SPAN),
        Parts((Part(UNSAFE), Part(LATE)), None, (1,)),
    ):
        assert condition.watches
        assert condition.next_tick(started) == day("2023-04-01")
    for condition in (CUT_IN_COMPANY, LIGHTS):
        assert not condition.watches
        assert condition.next_tick(started) is None


def test_a_combination_came_true_with_the_part_that_was_enough_for_its_lowest_level() -> None:
    held = REDS.judge(view(graded("D", START), bill(2000, START + 5, "b"), tags=("monitored",)))

    assert held is not None
    assert (held.grade, held.came_true()) == (0, START)
