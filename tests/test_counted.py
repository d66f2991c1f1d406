"""Counted facts with levels of their own, and such as count only up to a day."""

from __future__ import annotations

from dataclasses import replace

import pytest

from schemas.beijing import DAY_MS
from schemas.fact import Fact
from schemas.kinds import kinds_by_code
from streams.conditions import Count, Standing, Sum
from streams.rule_set import shipped
from streams.series import Series
from streams.thresholds import Line, Thresholds
from streams.view import View
from streams.where import COMPARISONS, Fallen, Figure, Group, Words, loosest
from tests.builders import at, bill, day, fact, graded, household

LOSS, WARNING = kinds_by_code()["emergency.household_loss"], kinds_by_code()["emergency.warning"]
BILL = kinds_by_code()["health_insurance.settlement"]
DAMAGED = (Words(LOSS.index("house_damaged"), frozenset({True})),)
HEAVY = (Figure(LOSS.index("loss_fen"), COMPARISONS["at_least"], 500_000),)
HIT = Count(LOSS.number, (), 10 * DAY_MS, (2, 2), (DAMAGED, HEAVY))
WARNED = Count(WARNING.number, (), 30 * DAY_MS, (1,), (), WARNING.index("valid_to"), until_ms=True)
SPENT = Sum(
    BILL.number, BILL.index("self_pay_fen"), (), 10 * DAY_MS, (2, 1),
    Thresholds({"*": (Line(0, {"line": 100_000}),)}), (Group("line", ""),), 100_000,
)  # fmt: skip


def view(*facts: Fact, tick: int | None = None) -> View:
    return View("H1", household(*facts), tick)


def loss(event_id: str, when: str | int = "2023-08-02", yuan: float = 5000, *, damaged: bool = False) -> Fact:
    return fact("emergency.household_loss", when, event_id, loss=yuan, house_damaged=damaged)


def warned(until: str, event_id: str = "w1") -> Fact:
    return fact("emergency.warning", "2023-07-20", event_id, level=1, valid_to=at(until))


def test_each_level_counts_its_own_facts_and_the_evidence_is_all_of_them() -> None:
    heavy, damaged, both = loss("h"), loss("d", yuan=0, damaged=True), loss("b", damaged=True)

    assert HIT.judge(view(heavy, damaged)) is None
    held = HIT.judge(view(heavy, damaged, both))
    assert held is not None
    assert (held.grade, held.number) == (0, 3)
    light = HIT.judge(view(heavy, loss("h2"), damaged))
    assert light is not None
    assert (light.grade, sorted(known.event_id for known in light.evidence)) == (1, ["d", "h", "h2"])
    assert HIT.judge(view(heavy, loss("small", yuan=4999.99), damaged)) is None


def test_a_fact_counts_up_to_its_last_day() -> None:
    said = warned("2023-07-22T18:00:00")

    assert WARNED.judge(view(said)) is not None
    assert WARNED.judge(view(said, tick=day("2023-07-22"))) is not None
    assert WARNED.judge(view(said, tick=day("2023-07-23"))) is None
    assert WARNED.watches
    assert not HIT.watches


def test_a_fact_may_name_a_day_up_to_which_it_counts() -> None:
    until = Count(BILL.number, (), 30 * DAY_MS, (1,), (), BILL.index("discharged_on"))
    said = bill(1, "2023-07-20", discharged_on=day("2023-07-22"))

    assert until.judge(view(said, tick=day("2023-07-22"))) is not None
    assert until.judge(view(said, tick=day("2023-07-23"))) is None
    assert until.next_tick(view(said)) == day("2023-07-23")


def test_the_next_tick_that_matters_is_the_day_after_the_first_that_ends() -> None:
    two = [warned("2023-07-22T18:00:00"), warned("2023-07-25", "w2"), warned("1970-01-01T08:00:00", "ever")]

    assert WARNED.next_tick(view(*two)) == day("2023-07-23")
    assert WARNED.next_tick(view(*two, tick=day("2023-07-22"))) == day("2023-07-23")
    assert WARNED.next_tick(view(*two, tick=day("2023-07-23"))) == day("2023-07-26")
    assert WARNED.next_tick(view(*two, tick=day("2023-07-26"))) is None
    assert WARNED.judge(view(*two, tick=day("2026-07-26"))) is not None
    assert HIT.next_tick(view(loss("a"), loss("b"))) is None


def test_bills_came_true_with_the_one_that_reached_the_line_and_again_with_what_came_since() -> None:
    start = at("2023-03-01")
    said = [bill(600, start, "a"), bill(400, start + 5, "b"), bill(900, start + 9, "c"), bill(100, start + 9, "d")]

    onsets = SPENT.onsets(view(*said, bill(999, start + 10, "e")))
    assert [(each.at, [known.event_id for known in each.facts]) for each in onsets] == [
        (start + 5, ["a", "b"]),
        (start + 9, ["c", "d"]),
    ]
    assert SPENT.onsets(view(*said[:1])) == []
    assert (SPENT.next_tick(view(*said)), SPENT.watches) == (None, False)


def test_losses_came_true_with_each_second_and_a_house_when_it_was_graded() -> None:
    start = at("2023-03-01")
    assert HIT.onsets(view(loss("a", start))) == []
    (onset,) = HIT.onsets(view(loss("a", start), loss("b", start + 7), loss("c", start + 9)))
    assert (onset.at, len(onset.facts)) == (start + 7, 2)

    house = shipped().rules["R13"].condition
    assert isinstance(house, Standing)
    assert [each.at for each in house.onsets(view(graded("D")))] == [at("2023-05-01")]


def test_what_is_late_came_true_on_the_day_after_its_last() -> None:
    job = shipped().rules["R17"].condition
    assert isinstance(job, Standing)
    lost = fact("human_resources.employment", "2023-03-01T10:00:00", change="lost")
    seen = View("H1", household(lost), day("2023-05-01"), {"human_resources": day("2023-04-30")})

    assert [each.at for each in job.onsets(seen)] == [at("2023-05-01")]


@pytest.mark.parametrize(
    ("now", "before", "fits"),
    [(70, 100, True), (71, 100, False), (0, 1, True), (0, 0, False), (-5, 10, True), (-5, 0, False)],
)
def test_fallen_compares_two_figures_of_one_fact(now: int, before: int, *, fits: bool) -> None:
    said = Fact("14:x", 896, 0, False, b"", None, 0, 0, [2023, now, before])

    assert Fallen(1, 2, 30).fits(said) is fits


def test_the_loosest_test_may_be_any_that_all_ask_for() -> None:
    grade, stage = Words(1, frozenset({"x"})), Words(0, frozenset({"a"}))
    days = Figure(2, COMPARISONS["at_least"], 5)
    quick = loosest([(stage, grade), (days, Words(1, frozenset({"y"})))])

    assert quick is not None
    said = [Fact("1:x", 64, 0, False, b"", None, 0, 0, ["b", word, 0]) for word in "xyz"]
    assert [quick(each) for each in said] == [True, True, False]
    assert loosest([(stage,), (days,)]) is None
    soon = Figure(0, COMPARISONS["under"], 5)
    assert loosest([(soon, grade), (soon, grade)]) is not None, "the first that both ask for says nothing"


def test_what_fits_no_level_is_no_evidence() -> None:
    held = HIT.judge(view(loss("a"), loss("light", yuan=10), loss("b", damaged=True, yuan=5000), loss("c")))

    assert held is not None
    assert sorted(known.event_id for known in held.evidence) == ["a", "b", "c"]


def test_without_a_window_of_its_own_a_part_never_came_true_by_itself() -> None:
    for part, said in (
        (replace(HIT, window=None), loss("a", damaged=True)),
        (replace(SPENT, window=None), bill(9e3, 0)),
    ):
        assert part.judge(view(said)) is None
        assert part.onsets(view(said)) == []


def test_a_window_is_open_at_its_start_and_closed_at_its_end() -> None:
    series = Series(
        [bill(1, 1000, "a"), bill(2, 2000, "b"), bill(4, 3000, "c")], lambda f: int(str(f.values[5])) // 100
    )

    assert series.total(3000, 2000) == 6
    assert series.total(3000, 2001) == 7
    assert series.total(2999, 2000) == 3
    assert [known.event_id for known in series.within(3000, 2000)] == ["b", "c"]
    assert series.weight == 7
