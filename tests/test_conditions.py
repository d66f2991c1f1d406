"""What rules may ask, at the edges: lines, windows, levels, groups, regions and years."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from schemas.beijing import DAY_MS
from schemas.fact import Fact
from schemas.kinds import kinds_by_code
from streams.combinations import Part, Parts
from streams.conditions import Count, Standing, Sum
from streams.household import Household
from streams.thresholds import Line, Thresholds, line_on
from streams.view import View
from streams.where import COMPARISONS, Among, Figure, Group, Stands, Where, Words, figure_of, fits
from streams.windows import Held
from tests.builders import at, bill, fact, graded, household, row

BILL = kinds_by_code()["health_insurance.settlement"]
FEE = kinds_by_code()["education.fee"]
HOUSE = kinds_by_code()["housing.inspection"]
SELF_PAY, GRADE = BILL.index("self_pay_fen"), HOUSE.index("grade")
EVERYBODY = (Group("line", ""),)


def lines(yuan: int) -> Thresholds:
    return Thresholds({"*": (Line(0, {"line": yuan * 100}),)})


def total_of(yuan: int, days: int | None = 10, factors: tuple[int, ...] = (2, 1), where: Where = ()) -> Sum:
    window = None if days is None else days * DAY_MS
    return Sum(BILL.number, SELF_PAY, where, window, factors, lines(yuan), EVERYBODY, yuan * 100 * min(factors))


def fees(at_least: tuple[int, ...] = (1,), days: int | None = None) -> Count:
    overdue = Figure(FEE.index("overdue_fen"), COMPARISONS["over"], 0)
    return Count(FEE.number, (overdue,), None if days is None else days * DAY_MS, at_least)


def house() -> Standing:
    return Standing(HOUSE.number, (), tuple((Words(GRADE, frozenset({grade})),) for grade in "DC"))


def view(*facts: Fact) -> View:
    return View("H1", household(*facts), None)


def ids(held: Held | None) -> list[str]:
    return sorted(known.event_id for known in held.evidence) if held else []


def weighed(condition: Sum | Count | Standing, said: Fact) -> int:
    """What a fact weighs, in the long way and the short one."""
    (ask,) = condition.asks.all
    assert ask.scale.quick()(said, 7) == ask.scale.weight(said, 7)
    return ask.scale.weight(said)


def owed(yuan: float, occurred_at: str | int, event_id: str = "f1") -> Fact:
    return fact("education.fee", occurred_at, event_id, overdue=yuan)


@pytest.mark.parametrize(("yuan", "grade"), [(999.99, None), (1000, 1), (1999.99, 1), (2000, 0), (5000, 0)])
def test_a_sum_reaches_its_levels_exactly_at_the_line(yuan: float, grade: int | None) -> None:
    held = total_of(1000).judge(view(bill(yuan, "2023-01-01")))

    assert (held.grade if held else None) == grade


def test_a_sum_takes_the_window_with_the_greatest_value_and_of_equals_the_latest() -> None:
    low = [bill(1000, "2023-01-01", "a"), bill(300, "2023-01-05", "b")]
    later = [bill(700, "2023-03-01", "c"), bill(600, "2023-03-02", "d")]

    assert ids(total_of(1000).judge(view(*low))) == ["a", "b"]
    assert ids(total_of(1000).judge(view(*low, *later))) == ["c", "d"]
    assert ids(total_of(1000).judge(view(*low, bill(1299, "2023-03-01", "c")))) == ["a", "b"]
    assert ids(total_of(1000).judge(view(*low, bill(1301, "2023-03-01", "c")))) == ["c"]


def test_a_window_of_a_higher_level_wins_over_a_later_one() -> None:
    facts = [bill(2000, "2023-01-01", "a"), bill(1500, "2023-03-01", "b")]

    held = total_of(1000).judge(view(*facts))

    assert held is not None
    assert (held.grade, held.value, held.line, ids(held)) == (0, 200_000, 100_000, ["a"])


def test_a_higher_level_in_a_cheaper_year_wins_over_a_greater_value() -> None:
    thresholds = Thresholds({"*": (Line(0, {"line": 100_000}), Line(at("2024-01-01"), {"line": 400_000}))})
    condition = Sum(BILL.number, SELF_PAY, (), DAY_MS, (2, 1), thresholds, EVERYBODY, 100_000)
    facts = [bill(2000, "2023-12-31T23:59:59", "a"), bill(5000, "2024-06-01", "b")]

    held = condition.judge(view(*facts))

    assert held is not None
    assert (held.grade, ids(held)) == (0, ["a"])


def test_facts_a_window_apart_are_not_added_and_a_millisecond_less_are() -> None:
    start = at("2023-01-01")
    condition = total_of(1000)

    assert condition.judge(view(bill(500, start, "a"), bill(500, start + 10 * DAY_MS, "b"))) is None
    assert ids(condition.judge(view(bill(500, start, "a"), bill(500, start + 10 * DAY_MS - 1, "b")))) == ["a", "b"]
    assert ids(condition.judge(view(bill(500, start, "a"), bill(500, start, "b")))) == ["a", "b"]


def test_a_sum_adds_only_facts_that_fit_and_no_other_kind() -> None:
    inpatient = (Words(BILL.index("visit_type"), frozenset({"inpatient"})),)
    condition = total_of(1000, where=inpatient)
    other = bill(900, "2023-01-01", "b", visit_type="chronic_outpatient")

    assert condition.judge(view(bill(999, "2023-01-01", "a"), other, owed(9000, "2023-01-01"))) is None
    assert ids(condition.judge(view(bill(1000, "2023-01-01", "a"), other))) == ["a"]
    assert weighed(condition, other) == 0
    assert weighed(condition, bill(5, "2023-01-01")) == 500


def test_a_sum_reads_the_kinds_its_groups_ask_for() -> None:
    poor = Group("poor", "", standing=(Stands(HOUSE.number, ()),))
    thresholds = Thresholds({"*": (Line(0, {"poor": 100_000, "line": 200_000}),)})
    condition = Sum(BILL.number, SELF_PAY, (), DAY_MS, (1,), thresholds, (poor, *EVERYBODY), 100_000)

    assert condition.reads == {BILL.number, HOUSE.number}
    assert condition.judge(view(bill(1999, "2023-01-01"))) is None
    assert condition.judge(view(bill(1999, "2023-01-01"), graded("A"))) is not None


def test_a_fact_written_before_its_field_was_counts_for_nothing() -> None:
    old = bill(5000, "2023-01-01")
    old = Fact(old.id, old.kind, 0, False, b"", None, old.occurred_at, 0, old.values[:SELF_PAY])

    assert figure_of(old, SELF_PAY) == 0
    assert total_of(1000).judge(view(old)) is None
    assert not Figure(SELF_PAY, COMPARISONS["over"], 0).fits(old)
    assert not Words(SELF_PAY, frozenset({500_000})).fits(old)
    assert Figure(SELF_PAY - 1, COMPARISONS["at_least"], 0).fits(old)
    assert Words(SELF_PAY - 1, frozenset({0})).fits(old)


def test_of_several_words_one_must_be_asked_for() -> None:
    report = fact("rural_revitalisation.self_report", "2023-05-01", need=("illness", "house"))
    needs = kinds_by_code()["rural_revitalisation.self_report"].index("need")

    assert Among(needs, frozenset({"house", "job"})).fits(report)
    assert not Among(needs, frozenset({"job"})).fits(report)
    assert not Among(needs, frozenset({"illness"})).fits(replace(report, values=report.values[:needs]))


def test_a_count_needs_so_many_facts_that_fit_in_one_window() -> None:
    condition = fees((3, 2), days=10)
    two = [owed(1, "2023-01-01", "a"), owed(1, "2023-01-10", "b")]

    held = condition.judge(view(*two, owed(0, "2023-01-05", "zero")))
    assert held is not None
    assert (held.grade, held.number, ids(held), held.line) == (1, 2, ["a", "b"], 0)
    more = condition.judge(view(*two, owed(1, "2023-01-10", "c")))
    assert more is not None
    assert more.grade == 0
    assert condition.judge(view(two[0], owed(1, "2023-01-11", "b"))) is None
    assert (condition.lowest, weighed(condition, owed(0, 0)), weighed(condition, owed(0.01, 0))) == (2, 0, 1)
    assert condition.reads == {FEE.number}


def test_a_standing_value_holds_at_the_highest_level_of_any_subject_and_rests_on_all() -> None:
    people = {"p_a": [row()], "p_b": [row()]}
    both = [graded("C", person="p_a", event_id="a"), graded("D", person="p_b", event_id="b")]

    held = house().judge(View("H1", household(*both, graded("B", event_id="c"), people=people), None))

    assert held is not None
    assert (held.grade, held.number, ids(held)) == (0, 2, ["a", "b"])
    assert house().judge(view(graded("B"))) is None
    assert (house().asks.some[0].lowest, weighed(house(), graded("B")), weighed(house(), graded("C"))) == (1, 0, 1)
    assert house().reads == {HOUSE.number}


def test_a_standing_condition_may_ask_of_every_level() -> None:
    flooded = Standing(HOUSE.number, (Words(HOUSE.index("hazard"), frozenset({"flood"})),), house().grades)

    assert flooded.judge(view(graded("D"))) is None
    assert flooded.judge(view(graded("D", hazard="flood"))) is not None


def three(days: int = 10, at_least: tuple[int, ...] = (3, 2)) -> Parts:
    return Parts((Part(total_of(1000, None, (1,))), Part(fees()), Part(house())), days * DAY_MS, at_least)


def test_parts_must_hold_within_one_window_and_the_standing_one_at_any_time() -> None:
    house_long_ago, sick = graded("C", "2001-01-01", "h"), bill(1000, "2023-01-01", "a")
    start = at("2023-01-01")

    assert three().judge(view(house_long_ago)) is None
    assert three().judge(view(sick)) is None
    two = three().judge(view(house_long_ago, sick))
    assert two is not None
    assert (two.grade, two.number, ids(two)) == (1, 2, ["a", "h"])
    apart = three().judge(view(house_long_ago, sick, owed(1, start + 10 * DAY_MS)))
    assert apart is not None
    assert (apart.grade, ids(apart)) == (1, ["f1", "h"])
    together = three().judge(view(house_long_ago, sick, owed(1, start + 10 * DAY_MS - 1)))
    assert together is not None
    assert (together.grade, together.number, ids(together)) == (0, 3, ["a", "f1", "h"])


@pytest.mark.parametrize("at_least", [(2,), (3,), (3, 2)])
def test_a_window_with_more_parts_wins_over_a_later_one_with_fewer(at_least: tuple[int, ...]) -> None:
    facts = [graded("C"), bill(1000, "2023-01-01", "a"), owed(1, "2023-01-02"), bill(9000, "2023-06-01", "b")]
    held = three(at_least=at_least).judge(view(*facts))

    assert held is not None
    assert (held.grade, held.number, ids(held)) == (0, 3, ["a", "e1", "f1"])


def test_without_enough_parts_there_is_nothing() -> None:
    assert three().judge(view(bill(999.99, "2023-01-01", "a"), owed(1, "2023-01-02"))) is None
    assert three(at_least=(3,)).judge(view(bill(1000, "2023-01-01", "a"), owed(1, "2023-01-02"))) is None
    assert three().reads == {BILL.number, FEE.number, HOUSE.number}


def test_standing_parts_alone_may_be_enough() -> None:
    condition = Parts((Part(house()), Part(house())), DAY_MS, (2,))

    assert ids(condition.judge(view(graded("D")))) == ["e1", "e1"]


def test_parts_need_a_window_in_which_bills_reach_the_line_together() -> None:
    condition, start = three(at_least=(2,)), at("2023-01-01")
    bills = [bill(500, start, "a"), bill(500, start + 6 * DAY_MS, "b")]

    assert condition.judge(view(*bills, owed(1, start + 10 * DAY_MS))) is None
    assert ids(condition.judge(view(*bills, owed(1, start + 10 * DAY_MS - 1)))) == ["a", "b", "f1"]


@pytest.mark.parametrize(
    ("comparison", "fitting"),
    [("over", [11]), ("at_least", [10, 11]), ("under", [9]), ("at_most", [9, 10])],
)
def test_figures_compare_as_their_words_say(comparison: str, fitting: list[int]) -> None:
    test = Figure(SELF_PAY, COMPARISONS[comparison], 1000)

    assert [yuan for yuan in (9, 10, 11) if test.fits(bill(yuan, 0))] == fitting


def test_a_word_is_no_figure() -> None:
    assert not Figure(GRADE, COMPARISONS["at_least"], 0).fits(graded("D"))


def test_every_test_must_pass() -> None:
    grade, hazard = Words(GRADE, frozenset({"C", "D"})), Words(HOUSE.index("hazard"), frozenset({"tilt"}))

    assert fits(graded("D", hazard="tilt"), (grade, hazard))
    assert not fits(graded("D"), (grade, hazard))
    assert not fits(graded("A", hazard="tilt"), (grade, hazard))
    assert fits(graded("A"), ())


def test_a_group_takes_households_with_one_of_its_tags_or_standing_values() -> None:
    group = Group("poor", "", frozenset({"lifted", "monitored"}), (Stands(HOUSE.number, house().grades[0]),))

    def has(*facts: Fact, tags: tuple[str, ...] = ()) -> bool:
        kept: Household = household(*facts, people={"p_a": [row(tags=tags)]})
        return group.has(View("H1", kept, None))

    assert has(tags=("monitored", "relocated"))
    assert has(graded("D"))
    assert not has(graded("C"), tags=("relocated",))
    assert EVERYBODY[0].has(view())
    assert Group("tagged", "", frozenset({"lifted"})).has(view()) is False


def test_the_longest_region_that_begins_a_code_gives_the_lines() -> None:
    regions = {key: (Line(0, {"line": place}),) for place, key in enumerate(["*", "22", "2203", "220302001", "33"])}
    thresholds = Thresholds(regions)

    def at_place(township: str | None, village: str | None) -> int:
        return thresholds.lines_at(township, village)[0].fen["line"]

    assert at_place("220302001", "220302001001") == 3
    assert at_place("220302002", "220302002001") == 2
    assert at_place("220302002", "220302001001") == 3
    assert at_place("220302001", None) == at_place("330302001", "220302001001") == 3
    assert at_place("229902001", None) == 1
    assert at_place("442203001", None) == 0
    assert at_place(None, None) == 0
    assert thresholds.lowest == 0


def test_the_latest_year_begun_gives_the_line_and_the_earliest_before_all() -> None:
    first, second = at("2022-01-01"), at("2024-01-01")
    given = (Line(first, {"line": 1}), Line(second, {"line": 2}))

    assert [line_on(given, when, "line") for when in (0, first, second - 1, second, second + DAY_MS)] == [1, 1, 1, 2, 2]
