"""What is weighed before anything is judged: only a fact that passes the loosest test can weigh."""

from __future__ import annotations

from schemas.kinds import kinds_by_code
from streams.correlate import shipped
from streams.evaluate import in_order, weigh, weigh_all
from streams.where import COMPARISONS, Figure, Words, loosest
from tests.builders import Home, bill, fact, graded
from tests.test_conditions import GRADE, HOUSE, SELF_PAY


def concerned(home: Home, kind: str) -> list[str]:
    """Rules that the newest kept fact of a kind leads to, were it new."""
    rules = shipped()
    household = home.household
    weigh_all(household, rules)
    newest = [known for known in household.all_facts() if known.kind == kinds_by_code()[kind].number][-1]
    return sorted({candidate.rule.id for candidate in weigh(household, rules.readers[newest.kind], newest)})


def test_a_fact_leads_only_to_the_rules_whose_line_its_kind_has_reached() -> None:
    small, middle, large = (Home().take(bill(yuan, "2023-01-01")) for yuan in (2499.99, 2500, 5000))

    assert concerned(small, "health_insurance.settlement") == []
    assert concerned(middle, "health_insurance.settlement") == ["C1"]
    assert concerned(large, "health_insurance.settlement") == ["C1", "C2", "C5", "C7", "R04", "R08"]


def test_a_safe_grade_leads_to_rules_once_an_unsafe_one_was_there() -> None:
    assert concerned(Home().take(graded("A")), "housing.inspection") == []
    assert "R13" in concerned(Home().take(graded("D"), graded("A", "2024-01-01", "e2")), "housing.inspection")


def test_in_a_household_with_a_cause_a_small_bill_may_move_the_window_of_a_combination() -> None:
    home = Home().take(graded("D"), bill(1, "2023-01-01"))

    assert concerned(home, "health_insurance.settlement") == ["C1", "C2", "C5"]


def test_an_allowance_leads_to_every_rule_that_reads_it() -> None:
    home = Home().take(fact("civil_affairs.dibao_change", "2023-01-01", action="granted"))

    assert concerned(home, "civil_affairs.dibao_change") == ["C2", "C3", "C5", "C7", "R04", "R08", "R23"]


def test_an_income_leads_to_its_share_only_once_there_are_bills() -> None:
    income = fact("rural_revitalisation.income", "2023-01-01", "i", year=2023, per_capita_net=90_000)
    kind = "rural_revitalisation.income"

    assert concerned(Home().take(income), kind) == ["C6"]
    assert concerned(Home().take(bill(1, "2023-01-01"), income), kind) == ["C5", "C6", "C7", "R05", "R08"]


def test_what_was_taken_back_before_it_came_weighs_nothing() -> None:
    home = Home().take(fact("rural_revitalisation.income", "2023-01-01", "i", retracted=True), bill(1, "2023-01-01"))

    assert concerned(home.copy(), "rural_revitalisation.income") == []
    weights = home.household.weights
    weigh_all(household := home.household, shipped())
    assert household.weights == weights


def test_rules_are_judged_once_each_and_combinations_after_what_they_read() -> None:
    raising = shipped().raising

    assert in_order([*reversed(raising), *raising]) == list(raising)


def test_a_bill_leads_to_no_share_where_no_income_is_known() -> None:
    home = Home().take(bill(2499, "2023-01-01"))

    assert concerned(home, "health_insurance.settlement") == []


def test_the_loosest_test_is_passed_by_all_that_passes_any() -> None:
    c, d = (Words(GRADE, frozenset({grade})) for grade in "CD")
    tilt = Words(HOUSE.index("hazard"), frozenset({"tilt"}))
    quick = loosest([(c, tilt), (d,)])

    assert quick is not None
    assert [grade for grade in "ABCD" if quick(graded(grade))] == ["C", "D"]
    assert loosest([(c,), (tilt,)]) is None
    assert loosest([(c,), ()]) is None
    assert loosest([]) is None


def test_of_figures_the_lowest_is_the_loosest() -> None:
    over, least, under = (Figure(SELF_PAY, COMPARISONS[word], 1000) for word in ("over", "at_least", "under"))

    for tests, fitting in (
        ([over, least], [10, 11]),
        ([over], [11]),
        ([over, Figure(SELF_PAY, COMPARISONS["over"], 900)], [10, 11]),
    ):
        quick = loosest([(test,) for test in tests])
        assert quick is not None
        assert [yuan for yuan in (9, 10, 11) if quick(bill(yuan, 0))] == fitting
    assert loosest([(over,), (under,)]) is None
    assert loosest([(over,), (Figure(SELF_PAY - 1, COMPARISONS["over"], 0),)]) is None
