"""An event goes to the household in which the person lived on the day it happened."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.beijing import DAY_MS
from schemas.codec import Record, decode, encode
from schemas.fact import RoutedFact, fact_of, unpack_routed
from schemas.topics import REGISTER_HOUSEHOLDS
from streams.assign import EventEffect, RowEffect, Send, take_event, take_row
from streams.outcomes import Totals
from streams.register_conflict import conflict_alert, conflict_id
from streams.subject import Subject, new_subject
from tests.assign_world import PERSON, at, inspection, row, settlement, topics

_, BILLS, HOUSES = topics()


def told(sends: list[Send]) -> list[tuple[str, str]]:
    """Who is sent what: `membership`, or the fact's id and revision."""
    return [(household, what(message)) for household, message in sends]


def what(message: bytes) -> str:
    name, record = decode(message)
    if name == "membership":
        return f"lives {'+'.join(r['household_id'] for r in record['rows'])}"
    fact = unpack_routed(record["fact"]).fact
    return f"{fact.id} r{fact.revision}"


def person(*rows: Record) -> Subject:
    """Someone with these rows, read at offsets 1, 2, 3 …"""
    subject = new_subject()
    for offset, record in enumerate(rows, 1):
        take_row(subject, record, at(offset))
    return subject


def event(subject: Subject, offset: int = 1, record: Record | None = None) -> EventEffect:
    return take_event(subject, record or settlement(), at(offset, BILLS))


def moved_at_120() -> Subject:
    return person(row("A", 50), row("B", 120))


@pytest.mark.parametrize(("day", "household"), [(10, "A"), (119, "A"), (120, "B")])
def test_an_event_goes_to_the_household_of_its_day(day: int, household: str) -> None:
    effect = event(moved_at_120(), 1, settlement(day=day))

    assert told(effect.sends) == [(household, "1:e1 r0")]
    assert effect.outcome == "applied"


def test_a_household_is_told_all_that_was_published() -> None:
    bill = settlement()
    [(_, message)] = event(moved_at_120(), 7, bill).sends

    name, record = decode(message)
    routed = unpack_routed(record["fact"])

    assert encode(name, record) == message
    assert routed == RoutedFact(fact_of(bill, at(7).known_at), bill["published_at"], BILLS, 3, 7)


def test_an_event_of_an_unknown_person_is_parked_and_released_by_the_register() -> None:
    subject = new_subject()
    parked = event(subject)
    effect = take_row(subject, row("A"), at(1))

    assert (parked.outcome, parked.sends) == ("parked", [])
    assert told(effect.sends) == [("A", "lives A"), ("A", "1:e1 r0")]
    assert effect.released == [("health_insurance", "b1")]


def test_an_event_that_waits_in_one_copy_while_the_row_is_in_the_other_is_released_by_either() -> None:
    one, two = new_subject(), new_subject()
    for subject in (one, two):
        event(subject)
        subject.rows = person(row("A")).rows

    assert told(take_row(one, row("A", 150), at(2)).sends)[1:] == [("A", "1:e1 r0")]
    assert event(two).released == [("health_insurance", "b1")]


def test_a_gap_in_the_register_parks_and_a_revision_of_another_day_releases() -> None:
    subject = person(row("A", 50, valid_to=90))
    first = event(subject, 1, settlement(day=100))
    second = event(subject, 2, settlement(day=80, revision=1, batch_id=None))

    assert (first.outcome, second.outcome) == ("parked", "applied")
    assert second.released == [("health_insurance", "b1")]


@pytest.mark.parametrize(
    ("change", "outcome", "conflicting"),
    [
        ({}, "duplicate", False),
        ({"revision": 1}, "applied", False),
        ({"retracted": True}, "applied", False),
        ({"published_at": settlement()["published_at"] + 1, "batch_id": "b2"}, "duplicate", False),
    ],
)
def test_a_repeated_event_is_a_duplicate_and_a_revision_counts(
    change: dict[str, Any], outcome: str, *, conflicting: bool
) -> None:
    subject = moved_at_120()
    event(subject)
    effect = event(subject, 2, settlement(**change))

    assert (effect.outcome, effect.conflicting) == (outcome, conflicting)
    assert len(effect.sends) == 1


def test_of_two_contents_at_one_revision_the_greater_digest_stands_and_both_orders_are_labelled() -> None:
    bills = sorted((settlement(fee=1), settlement(fee=2)), key=lambda bill: fact_of(bill, 0).digest)
    rising, falling = moved_at_120(), moved_at_120()
    for subject, order in ((rising, bills), (falling, bills[::-1])):
        event(subject, 1, order[0])
    up, down = event(rising, 2, bills[1]), event(falling, 2, bills[0])

    assert (up.outcome, up.conflicting, down.outcome, down.conflicting) == ("applied", True, "duplicate", True)
    assert rising.facts["1:e1"].fact == falling.facts["1:e1"].fact


def test_an_older_revision_is_a_duplicate_and_the_newer_one_is_sent_again() -> None:
    subject = moved_at_120()
    event(subject, 1, settlement(revision=2))

    assert told(event(subject, 2, settlement(revision=1)).sends) == [("A", "1:e1 r2")]


def test_a_revision_with_another_day_is_told_to_the_household_that_holds_the_first() -> None:
    subject = moved_at_120()
    event(subject, 1, settlement(day=100))

    assert told(event(subject, 2, settlement(day=130, revision=1)).sends) == [("B", "1:e1 r1"), ("A", "1:e1 r1")]


def test_a_move_is_told_to_every_household_ever_named_and_takes_the_facts_along() -> None:
    subject = person(row("A", 50), row("B", 120, retracted=True))
    event(subject, 1, settlement(day=110))
    event(subject, 2, settlement(day=90, event_id="e2"))
    effect = take_row(subject, row("C", 100), at(3))

    assert told(effect.sends) == [*((h, "lives A+C") for h in "ABC"), ("C", "1:e1 r0")]


def test_a_row_read_again_sends_everything_again() -> None:
    subject = moved_at_120()
    event(subject)

    assert told(take_row(subject, row("B", 120), at(2)).sends) == [
        ("A", "lives A+B"),
        ("B", "lives A+B"),
        ("A", "1:e1 r0"),
    ]


def test_a_row_taken_back_leaves_its_facts_routed_for_counting() -> None:
    subject = person(row("A"))
    event(subject)
    taken_back = take_row(subject, row("A", retracted=True), at(2))
    returned = take_row(subject, row("A"), at(3))

    assert told(taken_back.sends) == [("A", "lives ")]
    assert list(subject.waiting()) == []
    assert (told(returned.sends)[1:], returned.released) == ([("A", "1:e1 r0")], [])


def household_row(subject: Subject, offset: int, record: Record | None = None) -> RowEffect:
    return take_row(subject, record or row("A"), at(offset, REGISTER_HOUSEHOLDS))


def test_a_households_own_fact_waits_until_the_register_names_the_household() -> None:
    subject = new_subject()
    parked = event(subject, 1, settlement(person=None))
    effect = household_row(subject, 1, row("A", 150))
    later = event(subject, 2, settlement(person=None, event_id="e2"))

    assert parked.outcome == "parked"
    assert (told(effect.sends), effect.released) == ([("A", "1:e1 r0")], [("health_insurance", "b1")])
    assert told(later.sends) == [("A", "1:e2 r0")]


def test_a_household_that_was_ever_named_stays_known_so_that_order_does_not_matter() -> None:
    subject = new_subject()
    household_row(subject, 1)
    household_row(subject, 2, row("A", retracted=True))

    assert event(subject, 1, settlement(person=None)).outcome == "applied"


def test_an_event_is_late_when_published_more_than_thirty_days_after_it_happened() -> None:
    occurred = settlement()["occurred_at"]

    assert not event(moved_at_120(), 1, settlement(published_at=occurred + 30 * DAY_MS)).late
    assert event(moved_at_120(), 1, settlement(published_at=occurred + 30 * DAY_MS + 1)).late


def test_counted_facts_are_forgotten_after_800_days_but_standing_and_parked_ones_are_not() -> None:
    subject, unknown = moved_at_120(), new_subject()
    for known in (subject, unknown):
        event(known, 1, settlement(day=100))
        take_event(known, inspection(day=100), at(1, HOUSES))
        take_event(known, settlement("e9", day=902), at(2, BILLS, known_at=903 * DAY_MS))

    assert sorted(subject.facts) == ["1:e9", "3:e1"]
    assert sorted(unknown.facts) == ["1:e1", "1:e9", "3:e1"]


def test_a_publishing_time_that_kafka_does_not_confirm_forgets_nothing() -> None:
    subject = moved_at_120()
    event(subject)
    event(subject, 2, settlement(event_id="e2", day=100, published_at=9_000 * DAY_MS))

    assert sorted(subject.facts) == ["1:e1", "1:e2"]


def test_two_households_from_one_day_on_are_a_conflict_that_the_county_is_told_of() -> None:
    subject = person(row("Z", 50), row("A", 100))
    effect = take_row(subject, row("B", 100), at(3))
    alert = conflict_alert(PERSON, subject.rows.values(), at(3))

    assert effect.conflict
    assert decode(encode("area_alert", alert)) == ("area_alert", alert)
    assert (alert["subjects"], alert["households"]) == ([PERSON, "A", "B"], 0), "it counts none: that is for areas"
    assert (alert["version"], alert["status"]) == (4, "ALERTED")
    assert "暂按B计算" in alert["text"]
    assert PERSON not in alert["text"] + alert["alert_id"]


def test_a_conflict_has_the_same_id_in_every_release() -> None:
    assert conflict_id("p_a", 100) == "r_ndwclp3zbmezpi4iniohffi6qz"


def test_a_conflict_ends_when_one_household_is_left_and_the_county_is_told_of_that_too() -> None:
    subject = person(row("A", 100))
    take_row(subject, row("B", 100), at(2))
    stood = conflict_alert(PERSON, subject.rows.values(), at(2))
    for _ in range(2):  # read again it says the same
        assert take_row(subject, row("B", 100, retracted=True), at(3)).conflict
    ended = conflict_alert(PERSON, subject.rows.values(), at(3))

    assert (ended["alert_id"], ended["version"]) == (stood["alert_id"], 4)
    assert (ended["status"], ended["subjects"]) == ("WITHDRAWN", [PERSON, "A"])
    assert "已消除：同一人自1970-04-11起只登记在A。" in ended["text"]
    assert not take_row(subject, row("A", 100, retracted=True), at(4)).conflict


def test_of_three_households_two_still_conflict_when_the_third_is_taken_back() -> None:
    subject = person(row("A", 100))
    take_row(subject, row("B", 100), at(2))
    take_row(subject, row("C", 100), at(3))
    take_row(subject, row("B", 100, retracted=True), at(4))

    left = conflict_alert(PERSON, subject.rows.values(), at(4))
    assert (left["status"], left["subjects"][1:]) == ("ALERTED", ["A", "C"])


@pytest.mark.parametrize("second", [row("B", 101), row("A", 100), row("B", 100, retracted=True)])
def test_other_rows_are_no_conflict(second: Record) -> None:
    subject = person(row("A", 100))

    assert not take_row(subject, second, at(2)).conflict


def test_totals_count_outcomes_labels_and_batches() -> None:
    totals, subject = Totals(), new_subject()
    for offset, bill in enumerate((settlement(), settlement(), settlement("e2", published_at=10**12))):
        totals.take_event("health_insurance", "b1", offset, event(subject, offset, bill), new=True)
    totals.take_dead_letter("health_insurance", "b1", 3, new=True)
    before = totals.outcome("health_insurance|b1", 3)
    totals.release(take_row(subject, row("A"), at(1)).released)

    assert before == {
        "batch_id": "b1",
        "department": "health_insurance",
        "partition": 3,
        "applied": 0,
        "duplicate": 1,
        "parked": 2,
        "dead_lettered": 1,
        "parked_now": 2,
    }
    assert totals.outcome("health_insurance|b1", 3) == before | {"parked_now": 0}
    assert totals.released("health_insurance") == 2
    assert totals.counts["health_insurance|late"] == 1
