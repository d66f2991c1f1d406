"""A figure reported year by year: which report stands, whose line it meets, how far it fell."""

from __future__ import annotations

from dataclasses import replace

import pytest

from schemas.fact import Fact
from schemas.kinds import kinds_by_code
from streams.conditions import Fall, Level, Yearly
from streams.thresholds import Line, Thresholds
from streams.view import View
from streams.where import Group, Stands, Words
from streams.wording import BANDS, band
from streams.yearly import year_of
from tests.builders import at, fact, graded, household, row

INCOME = kinds_by_code()["rural_revitalisation.income"]
HOUSE = kinds_by_code()["housing.inspection"]
YEARLY = Yearly(INCOME.number, INCOME.index("per_capita_net_fen"), INCOME.index("year"))
EVERYBODY = (Group("line", "全部"),)
LINES = Thresholds(
    {
        "*": (Line(at("2022-01-01"), {"line": 670_000}), Line(at("2024-01-01"), {"line": 800_000})),
        "22": (Line(at("2022-01-01"), {"line": 600_000}),),
    }
)
UNDER = Level(YEARLY, LINES, EVERYBODY, None)
FELL = Level(YEARLY, None, EVERYBODY, Fall(INCOME.index("prev_year_fen"), 30))


def income(yuan: float, year: int = 2023, when: str = "2023-10-20", event_id: str = "i1", **more: object) -> Fact:
    return fact("rural_revitalisation.income", when, event_id, year=year, per_capita_net=yuan, **more)  # type: ignore[arg-type]  # keywords of fact


def view(*facts: Fact, tags: tuple[str, ...] = (), township: str = "330302001") -> View:
    return View(
        "H1", household(*facts, people={"p_a": [row(tags=tags, township=township, village=township + "001")]}), None
    )


def holds(condition: Level, *facts: Fact, **place: object) -> bool:
    return condition.judge(view(*facts, **place)) is not None  # type: ignore[arg-type]  # keywords of view


@pytest.mark.parametrize(
    ("yuan", "year", "under"),
    [(6699.99, 2022, True), (6700, 2022, False), (6700, 2023, False), (7999.99, 2024, True), (8000, 2024, False)],
)
def test_the_line_is_that_of_the_figures_own_year_or_the_latest_before_it(
    yuan: float, year: int, *, under: bool
) -> None:
    assert holds(UNDER, income(yuan, year, when="2026-01-01")) is under


def test_before_all_years_the_earliest_line_counts_and_each_region_has_its_own() -> None:
    assert holds(UNDER, income(6699, 2019))
    assert not holds(UNDER, income(6100, 2023), township="220302001")
    assert holds(UNDER, income(5999, 2024), township="220302001")


def test_a_line_that_begins_within_a_year_is_none_of_that_year() -> None:
    midyear = Thresholds({"*": (Line(at("2022-01-01"), {"line": 670_000}), Line(at("2023-01-02"), {"line": 900_000}))})
    condition = replace(UNDER, thresholds=midyear)

    assert not holds(condition, income(8000, 2023))
    assert holds(condition, income(8000, 2024))


def test_of_the_latest_year_the_last_report_stands_whoever_it_is_of() -> None:
    old, first = income(5000, 2022, "2024-02-01", "a"), income(9000, 2023, "2023-05-01", "b")
    last = income(5000, 2023, "2023-06-01", "c", person="p_a")

    assert latest(old, first) == "b"
    assert latest(last, first, old) == "c"
    assert latest(last, first, old, upto=2022) == "a"
    assert latest(last, first, old, upto=2021) == "a"
    assert YEARLY.latest(view()) is None
    twin = income(4000, 2023, "2023-06-01", "d")
    assert latest(twin, last) == latest(last, twin) == "d"


def latest(*facts: Fact, upto: int | None = None) -> str:
    """Return the event id of the report that stands."""
    standing = YEARLY.latest(view(*facts), upto)
    assert standing is not None
    return standing.event_id


def test_a_year_that_no_calendar_has_raises_nothing() -> None:
    for year in (-5, 0, 99_999):
        assert 1990 <= year_of(income(1, year), YEARLY.year) <= 2200
        assert holds(UNDER, income(1, year))
    old = income(1, 2023)
    assert year_of(replace_values(old, []), YEARLY.year) == 1990


def replace_values(said: Fact, values: list[object]) -> Fact:
    return Fact(said.id, said.kind, 0, False, b"", None, said.occurred_at, 0, values)  # type: ignore[arg-type]  # cut short


@pytest.mark.parametrize(
    ("now", "before", "fell"),
    [(7000, 10_000, True), (7000.01, 10_000, False), (0, 10_000, True), (10_000, 10_000, False), (0, 0, False)],
)
def test_a_fall_counts_from_so_many_percent_on(now: float, before: float, *, fell: bool) -> None:
    assert holds(FELL, income(now, prev_year=before)) is fell
    held = FELL.judge(view(income(now, prev_year=before)))
    assert (held.number if held else None) == (1 if fell else None)
    every = replace(FELL, fall=Fall(INCOME.index("prev_year_fen"), 0))
    assert holds(every, income(now, prev_year=before)) is (now < before)


def test_either_or_both_may_be_asked_for() -> None:
    either = replace(UNDER, fall=FELL.fall)
    both = replace(either, both=True)
    low, fallen, both_of_it = (
        income(6000, prev_year=6000),
        income(7000, prev_year=10_000),
        income(6000, prev_year=9000),
    )

    assert [holds(either, each) for each in (low, fallen, both_of_it)] == [True, True, True]
    assert [holds(both, each) for each in (low, fallen, both_of_it)] == [False, False, True]
    assert not holds(either, income(7000, prev_year=9999))
    for condition, each, weight in ((either, low, 1), (either, fallen, 1), (both, low, 0), (both, both_of_it, 1)):
        assert condition.asks.some[0].scale.weight(each) == weight


def test_only_households_with_a_tag_are_asked() -> None:
    lifted = replace(UNDER, tags=frozenset({"lifted"}))

    assert holds(lifted, income(1), tags=("lifted", "monitored"))
    assert not holds(lifted, income(1), tags=("monitored",))
    assert not holds(lifted, income(1))


def test_groups_have_lines_of_their_own_and_what_they_ask_is_read() -> None:
    unsafe = Group("poor", "危房户", standing=(Stands(HOUSE.number, (Words(HOUSE.index("grade"), frozenset("D")),)),))
    condition = replace(
        UNDER, thresholds=Thresholds({"*": (Line(0, {"poor": 900_000, "line": 600_000}),)}), groups=(unsafe, *EVERYBODY)
    )

    assert condition.reads == {INCOME.number, HOUSE.number}
    assert not holds(condition, income(8000))
    held = condition.judge(view(income(8000), graded("D")))
    assert held is not None
    assert (held.number, held.value, held.line, held.group) == (1, 800_000, 900_000, "危房户")


def test_how_far_under_a_line_is_told_in_bands() -> None:
    assert [BANDS[band(value, 1000)] for value in (999, 901, 900, 0)] == [
        "相差不到10%", "相差不到10%", "相差10%以上", "相差10%以上",
    ]  # fmt: skip


def test_it_holds_since_the_report_and_no_tick_changes_it() -> None:
    seen = view(income(1))
    held = UNDER.judge(seen)
    assert held is not None

    assert held.came_true() == at("2023-10-20")
    assert [(onset.at, len(onset.facts)) for onset in UNDER.onsets(seen)] == [(at("2023-10-20"), 1)]
    assert UNDER.onsets(view()) == []
    assert (UNDER.next_tick(seen), UNDER.watches) == (None, False)
