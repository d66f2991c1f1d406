"""Objections: a township calls a department's row wrong, and the department ends it by what it sends."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.results.came_of import CameOf
from producers.results.objections import Objection, objections
from schemas.codec import Record
from tests.deliveries import ANSWERED, HOUSING, MARCH, WRONG, about, batch_id, done, event
from tests.seeds import seeds


def story(*later: Record) -> Objection:
    """What is known of one disputed event after these records of the department, a day apart."""
    found = CameOf(HOUSING)
    found.take_alert(about("E1"))
    found.take_alert(about("E1", version=2, status="REJECTED", actions=[done("rejected", **WRONG)]))
    found.take_event(event("E1", 1, row=17), MARCH, 0, 0)
    for number, each in enumerate(later, 1):
        found.take_event(each, ANSWERED + number * 86_400_000, 0, number)
    (one,) = objections(found)
    return one


@pytest.mark.parametrize(
    ("later", "how", "again"),
    [
        ([], None, 0),
        ([event("E1", 2)], None, 1),
        ([event("E1", 2), event("E1", 3)], None, 2),
        ([event("E1", 2, grade="A", revision=1)], "corrected", 0),
        ([event("E1", 2, revision=1, retracted=True, body=None)], "retracted", 0),
        ([event("E1", 2, revision=1)], "upheld", 0),
        ([event("E1", 2), event("E1", 3, grade="A", revision=1), event("E1", 4)], "corrected", 1),
    ],
)
def test_a_department_ends_an_objection_by_what_it_sends_and_the_same_again_is_counted(
    later: list[Record], how: str | None, again: int
) -> None:
    found = story(*later)

    assert (found.how, found.again, found.batch_id, found.row) == (how, again, batch_id(1), 17)
    assert (found.ended_at is None) == (how is None)


def test_what_came_before_the_answer_is_not_an_answer_to_it() -> None:
    found = CameOf(HOUSING)
    found.take_alert(about("E1", actions=[done("rejected", **WRONG)]))
    found.take_event(event("E1", 1, grade="C"), MARCH, 0, 0)
    found.take_event(event("E1", 2, row=4, revision=1), MARCH + 1000, 0, 1)

    (one,) = objections(found)

    assert (one.batch_id, one.row, one.how) == (batch_id(2), 4, None)


@seeds(60)
@given(st.randoms(use_true_random=False))
def test_objections_do_not_depend_on_order_or_repetition(chance: random.Random) -> None:
    ids = ("E1", "E2")
    answers = [
        done("rejected", version_seen=n, **{**WRONG, "acted_at": ANSWERED + n, "action_id": f"x{n}"}) for n in (1, 2)
    ]
    alerts = [about(*ids[:n], alert_id=f"a_{chance.randrange(2)}", version=n, actions=answers[:n]) for n in (1, 2)]
    events = [event(chance.choice(ids), n, revision=chance.randrange(3)) for n in range(6)]
    log = [(each, ANSWERED + chance.randint(-5, 5), 0, n) for n, each in enumerate(events)]
    found = []
    for order in (lambda x: x, lambda x: chance.sample([*x, *x], 2 * len(x))):
        came_of = CameOf(HOUSING)
        for version in order(alerts):
            came_of.take_alert(version)
        for record in order(log):
            came_of.take_event(*record)
        found.append(objections(came_of))

    assert found[0] == found[1]
    assert len({(each.event_id, each.batch_id) for each in found[0]}) == len(found[0])
