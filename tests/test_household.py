"""What a household keeps, and where its people lived."""

from __future__ import annotations

import msgspec
import pytest
from msgspec.structs import replace

from schemas.beijing import start_of
from schemas.fact import Fact
from streams.finding import Handled
from streams.household import (
    KEPT_DAYS,
    MOST_BYTES,
    Case,
    Household,
    Membership,
    News,
    Place,
    due_day,
    pack,
    too_large,
    unpack,
)
from streams.residence import household_of
from streams.view import View
from tests.builders import GRID, TOWNSHIP, VILLAGE, bill, day, fact, graded, household, row


def test_a_household_survives_its_table_row() -> None:
    kept = household(bill(10, "2023-01-01"), graded("D"), people={"p_a": [row(tags=["lifted"])]})

    again = unpack(pack(kept))

    assert again.facts == kept.facts
    assert again.people == kept.people
    assert pack(again) == pack(kept)


def test_facts_appended_one_by_one_through_rows_are_all_there() -> None:
    stored = pack(Household())
    facts = [bill(yuan, "2023-01-01", f"e{yuan}", person="p_a") for yuan in range(300)]

    for each in facts:
        opened = unpack(stored)
        opened.put(each, None)
        stored = pack(opened)

    assert unpack(stored).persons == ["p_a"], "a person's id stands once"
    assert list(unpack(stored).facts.values()) == [replace(each, known_at=0) for each in facts]


def test_register_rows_that_are_equal_stand_once() -> None:
    kept = household(people={"p_a": [row()], "p_b": [row()], "p_c": [row(labour="weak")]})

    assert bytes(kept.packed_people).count(GRID.encode()) == 2


def test_a_repeat_is_no_news_and_a_revision_replaces() -> None:
    kept = household(bill(10, "2023-01-01"), bill(5, "2023-01-01", "e2"))

    assert kept.put(bill(10, "2023-01-01"), None) is News.NONE
    assert kept.put(bill(20, "2023-01-01", revision=1), None) is News.REPLACES
    assert kept.put(bill(10, "2023-01-01"), None) is News.NONE
    assert kept.put(bill(1, "2023-01-01", "e3"), None) is News.FIRST
    assert [known.values[5] for known in unpack(pack(kept)).facts.values()] == [2000, 500, 100]


def test_when_a_fact_was_known_is_not_kept() -> None:
    kept = household(graded("C"), bill(1, "2023-03-01", "b"))
    assert len(kept.all_facts()) == 2
    kept.put(graded("D", revision=1), None)
    kept.put(bill(2, "2023-03-02", "c"), None)

    assert [known.known_at for known in kept.all_facts()] == [0, 0, 0]


def test_at_one_revision_a_retraction_wins_whatever_comes_first() -> None:
    said, back = bill(10, "2023-01-01"), bill(10, "2023-01-01", retracted=True)

    for order in ((said, back), (back, said)):
        assert household(*order).facts["1:e1"].retracted


def test_an_id_that_is_the_end_of_another_is_another_fact() -> None:
    kept = household(bill(1, "2023-01-01", "e12"), bill(2, "2023-01-01", "e1"), bill(3, "2023-01-01", "2"))

    assert sorted(kept.facts) == ["1:2", "1:e1", "1:e12"]


def test_the_newest_membership_stands_whatever_comes_first() -> None:
    old, new = Membership(4, [row()]), Membership(7, [row(), row("2023-01-01", "H2")])

    for order in ((old, new), (new, old), (new, old, new)):
        kept = Household()
        for each in order:
            kept.settle("p_a", each)
        assert unpack(pack(kept)).people == {"p_a": new}


def test_a_membership_of_the_same_rank_is_no_news() -> None:
    kept = household(people={})

    assert kept.settle("p_a", Membership(4, [row()]))
    assert not kept.settle("p_a", Membership(4, [row(), row("2023-01-01", "H2")]))
    assert not kept.settle("p_a", Membership(5, [row()]))
    assert kept.people["p_a"] == Membership(5, [row()])


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (99, "A"),  # the earliest row is open at its start
        (100, "A"),
        (199, "A"),
        (200, "B"),  # the later row ends the earlier
        (250, "B"),
        (251, None),  # ended, and A does not come back
        (300, "C"),
    ],
)
def test_the_row_that_began_last_rules_the_day(on: int, expected: str | None) -> None:
    rows = [row(100, "A"), row(200, "B", valid_to=250), row(300, "C")]

    assert household_of(rows, on) == expected
    assert household_of(rows[::-1], on) == expected


def test_of_two_rows_that_begin_together_the_larger_household_id_rules_even_before() -> None:
    rows = [row(100, "B"), row(100, "A"), row(150, "C"), row(150, "D")]

    for on, expected in ((50, "B"), (100, "B"), (150, "D")):
        assert household_of(rows, on) == expected
        assert household_of(rows[::-1], on) == expected


def test_a_person_without_rows_lives_nowhere() -> None:
    assert household_of([], 100) is None


def test_an_ended_only_row_holds_to_its_last_day() -> None:
    assert household_of([row(100, "A", valid_to=120)], 120) == "A"
    assert household_of([row(100, "A", valid_to=120)], 121) is None


def test_the_place_is_that_of_the_newest_row_naming_the_household() -> None:
    people = {
        "p_a": [row("2020-01-01", tags=["lifted"]), row("2024-01-01", "H2", township="9")],
        "p_b": [row("2022-01-01", tags=["monitored"], township="220302002")],
        "p_c": [row("2022-01-01", tags=["relocated"], township="220302003")],
    }

    place = household(people=people).place("H1")

    assert place == Place("220302003", VILLAGE, GRID, frozenset({"monitored", "relocated"}))
    assert household(people=dict(reversed(people.items()))).place("H1") == place


def test_without_a_row_naming_the_household_its_place_is_unknown() -> None:
    assert household(people={"p_a": [row(household_id="H2")]}).place("H1") == Place(None, None, None, frozenset())
    assert household(people={"p_a": [row()]}).place("H1").township == TOWNSHIP


def test_a_persons_fact_counts_only_on_days_the_person_lived_here() -> None:
    people = {"p_a": [row("2020-01-01"), row("2023-06-01", "H2")]}
    here, last, away = "2023-01-01", "2023-05-31T23:59:59", "2023-06-01T00:00:00"
    kept = household(
        bill(1, here, "e1", person="p_a"),
        bill(1, last, "e2", person="p_a"),
        bill(1, away, "e3", person="p_a"),
        bill(1, here, "e4", person="p_unknown"),
        bill(1, away, "e5"),
        people=people,
    )

    seen = View("H1", kept, None).facts(bill(1, here).kind)

    assert [known.event_id for known in seen] == ["e1", "e2", "e5"]


def test_the_standing_value_is_the_latest_of_each_person_and_own_key() -> None:
    aid = "education.aid"
    people = {"p_a": [row()], "p_b": [row()]}
    kept = household(
        fact(aid, "2023-03-01", "e1", person="p_a", aid_type="yulu", granted=True),
        fact(aid, "2023-02-01", "e2", person="p_a", aid_type="yulu"),
        fact(aid, "2023-01-01", "e3", person="p_a", aid_type="loan"),
        fact(aid, "2023-01-01", "e4", person="p_b", aid_type="yulu"),
        fact(aid, "2023-01-01", "e5", aid_type="yulu"),
        fact(aid, "2023-01-01", "e6", aid_type="yulu"),
        fact(aid, "2024-01-01", "e7", aid_type="yulu", retracted=True),
        people=people,
    )

    standing = View("H1", kept, None).standing(fact(aid, "2023-01-01").kind)

    assert sorted(known.event_id for known in standing) == ["e1", "e3", "e4", "e6"]


def test_a_standing_value_written_before_its_own_key_was_stands_alone() -> None:
    said = fact("education.aid", "2023-01-01")
    old = Fact("4:old", said.kind, 0, False, b"", None, said.occurred_at + 1, 0, [])

    standing = View("H1", household(said, old), None).standing(said.kind)

    assert [known.event_id for known in standing] == ["e1", "old"]


def test_a_counted_fact_is_due_the_day_it_passes_800_days() -> None:
    kept = household(bill(1, "2023-01-01T23:59:59"), graded("A", "2001-01-01"))
    due = day("2023-01-01") + KEPT_DAYS + 1

    assert due_day(kept) == due
    assert not kept.forget(due - 1)
    assert kept.forget(due)
    assert list(unpack(pack(kept)).facts) == ["3:e1"]
    assert due_day(kept) == 0


def test_a_standing_fact_is_never_due() -> None:
    kept = household(graded("A", "1999-01-01"))
    assert due_day(kept) == 0

    kept.put(graded("B", "1999-01-01", revision=1), None)
    assert due_day(kept) == 0


def test_due_days_follow_the_oldest_fact_in_any_order() -> None:
    early, late = bill(1, "2023-01-01", "e1"), bill(1, "2023-02-01", "e2")

    for order in ((early, late), (late, early)):
        kept = household(*order)
        assert due_day(kept) == day("2023-01-01") + 801
        kept.forget(day("2023-01-01") + 801)
        assert due_day(kept) == day("2023-02-01") + 801


def test_a_revision_to_an_earlier_day_brings_the_due_day_forward() -> None:
    kept = household(bill(1, "2023-02-01"))
    kept.put(bill(1, "2023-01-01", revision=1), None)

    assert due_day(kept) == day("2023-01-01") + 801


def test_a_fact_before_1970_is_due_at_the_next_tick() -> None:
    assert due_day(household(bill(1, start_of(-20_000)))) == 1


@pytest.mark.parametrize(
    ("forgotten", "deadline", "of_case", "expected"),
    [
        (100, 200, 300, 100),
        (300, 100, 200, 100),
        (300, 200, 100, 100),
        (None, 200, 100, 100),
        (None, None, 100, 100),
        (100, None, 0, 100),
        (None, None, 0, 0),
    ],
)
def test_the_first_of_what_a_tick_may_change_is_due(
    forgotten: int | None, deadline: int | None, of_case: int, expected: int
) -> None:
    case = Case(1, "a_1", 1, "CONFIRMED", "red", 0, b"", b"", {}, touched=Handled(due=of_case))
    kept = Household(deadline=deadline, case=case)
    kept.oldest = None if forgotten is None else start_of(forgotten - KEPT_DAYS - 1)

    assert due_day(kept) == expected


def test_what_the_last_tick_would_have_forgotten_is_no_news() -> None:
    tick = day("2023-01-01") + 801

    assert Household().put(bill(1, "2023-01-01T23:59:59"), tick) is News.NONE
    assert Household().put(bill(1, "2023-01-02T00:00:00"), tick) is News.FIRST
    assert Household().put(graded("D", "2003-01-01"), tick) is News.FIRST


def test_a_row_over_256_kib_is_too_large() -> None:
    assert MOST_BYTES == 256 * 1024
    assert not too_large(bytes(MOST_BYTES))
    assert too_large(bytes(MOST_BYTES + 1))


def test_a_row_of_an_older_writer_with_fewer_fields_is_read() -> None:
    first_fields = msgspec.msgpack.decode(pack(household(graded("D"))))[:3]

    stored = unpack(msgspec.msgpack.encode(first_fields))

    assert (list(stored.facts), stored.case, stored.findings, stored.rule_set) == (["3:e1"], None, {}, "")
