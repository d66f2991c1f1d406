"""Each stage of an alert is measured once: told, acknowledged, verified. Red ones that nobody has seen are known."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from consumers.notify_intake import Arrival, Taken, take
from consumers.roster import read_roster
from consumers.stages import ACKNOWLEDGED, NOTIFIED, VERIFIED, Reached, answered, reached, told
from consumers.store.alert_stages import Progress, first_told, red_unseen
from consumers.store.database import reading, writing
from consumers.wording import Page
from tests.alerts import KNOWN_AT, TOWNSHIP, alert

RECORDED, NOW = KNOWN_AT + 40, KNOWN_AT + 100
MINUTE = 60_000
HOOK = '{ channel = "webhook", url = "http://127.0.0.1:9/hook", secrets = ["whsec_' + "c" * 43 + '="] }'


def page(channel: str = '{ channel = "inbox" }') -> Page:
    return Page(read_roster(f"[townships.{TOWNSHIP}]\nchannels = [{channel}]"), "https://bus.example.org")


def done(action: str, minutes: int, outcome: str = "accepted") -> dict[str, Any]:
    who = {"actor": "u_1", "role": "township", "township_code": TOWNSHIP, "reason": None, "why": None}
    at = {"acted_at": NOW + minutes * MINUTE, "version_seen": 1}
    return {"action_id": f"{action}-{minutes}", "action": action, "outcome": outcome, **who, **at}


def version(number: int, status: str, *actions: dict[str, Any], **changed: Any) -> dict[str, Any]:
    return alert(number, status=status, actions=list(actions), **changed)


def taken(store: Engine, *versions: dict[str, Any], is_new: bool = True, on: Page | None = None) -> Taken:
    with writing(store) as conn:
        return take(conn, [Arrival(each, is_new, RECORDED) for each in versions], on or page(), NOW)


def stages(*found: Taken) -> list[tuple[str, float]]:
    """Stages that were reached, and seconds, where the store had each batch 1 s after it was begun."""
    return [(each.stage, each.seconds(NOW + 1000)) for one in found for each in one.reached]


def test_told_acknowledged_and_verified_are_measured_one_after_the_other(store: Engine) -> None:
    seen, checked = done("acknowledged", 30), done("confirmed", 90)
    first = taken(store, alert(1))
    then = [taken(store, version(2, "ACKED", seen)), taken(store, version(3, "CONFIRMED", seen, checked))]

    assert stages(first) == [(NOTIFIED, (NOW + 1000 - RECORDED) / 1000)]
    assert stages(*then) == [(ACKNOWLEDGED, 30 * 60.0), (VERIFIED, 60 * 60.0)]


@pytest.mark.parametrize("verdict", ["confirmed", "rejected", "already_covered"])
def test_a_straight_answer_counts_for_both_stages(store: Engine, verdict: str) -> None:
    taken(store, alert(1))

    assert stages(taken(store, version(2, "ANSWERED", done(verdict, 5)))) == [(ACKNOWLEDGED, 300.0), (VERIFIED, 0.0)]


@pytest.mark.parametrize("first_step", ["verifying", "visited"])
def test_who_goes_there_has_taken_note(store: Engine, first_step: str) -> None:
    taken(store, alert(1))

    assert stages(taken(store, version(2, "VERIFYING", done(first_step, 5)))) == [(ACKNOWLEDGED, 300.0)]


def test_what_was_refused_or_conflicts_is_no_step(store: Engine) -> None:
    taken(store, alert(1))
    refused = [done("acknowledged", 1, "refused"), done("confirmed", 2, "conflict"), done("keep", 3)]

    assert stages(taken(store, version(2, "ALERTED", *refused))) == []


def test_nothing_is_measured_twice(store: Engine) -> None:
    seen, checked = done("acknowledged", 1), done("confirmed", 2)
    versions = [alert(1, "yellow"), version(2, "ACKED", seen), version(3, "CONFIRMED", seen, checked)]
    taken(store, *versions)
    again = taken(store, *versions)
    later = taken(store, version(4, "REOPENED", seen, checked), version(5, "ACKED", checked, done("acknowledged", 9)))

    assert stages(again, later) == []


def test_versions_of_one_batch_are_measured_as_one_by_one(store: Engine) -> None:
    seen, checked = done("acknowledged", 1), done("confirmed", 3)

    assert stages(taken(store, version(1, "ALERTED"), version(4, "CONFIRMED", seen, checked))) == [
        (NOTIFIED, (NOW + 1000 - RECORDED) / 1000),
        (ACKNOWLEDGED, 60.0),
        (VERIFIED, 120.0),
    ]


def test_a_rebuilt_store_measures_nothing_again_and_goes_on_from_there(store: Engine) -> None:
    seen = done("acknowledged", 1)
    rebuilt = taken(store, alert(1), alert(1, alert_id="a_two"), version(2, "ACKED", seen), is_new=False)
    after = taken(store, version(3, "CONFIRMED", seen, done("confirmed", 2)))
    other = taken(store, alert(2, alert_id="a_two", status="ACKED", actions=[done("acknowledged", 4)]))

    assert stages(rebuilt) == []
    assert stages(after) == [(VERIFIED, 60.0)]
    assert stages(other) == [(ACKNOWLEDGED, (NOW + 4 * MINUTE - RECORDED) / 1000)]


def test_a_watch_is_told_to_nobody_and_measured_once_it_is(store: Engine) -> None:
    watched = taken(store, version(1, "LEAD", level="watch"))
    raised = taken(store, version(2, "ALERTED", level="orange"))

    assert stages(watched) == []
    assert [stage for stage, _ in stages(raised)] == [NOTIFIED]


def test_what_is_sent_is_measured_when_it_first_arrived(store: Engine) -> None:
    planned = taken(store, alert(1, "yellow"), on=page(HOOK))
    with writing(store) as conn:
        first = first_told(conn, ["a_one", "a_unknown"], NOW)
    taken(store, alert(2, "red"), on=page(HOOK))
    with writing(store) as conn:
        again = first_told(conn, ["a_one"], NOW), first_told(conn, [], NOW)

    assert stages(planned) == []
    assert (first, again) == ([RECORDED], ([], []))
    assert stages(taken(store, version(3, "ACKED", done("acknowledged", 2)), on=page(HOOK))) == [(ACKNOWLEDGED, 120.0)]


def test_a_clock_that_is_behind_makes_no_time_negative() -> None:
    assert Reached(ACKNOWLEDGED, NOW, NOW - 5000).seconds(NOW) == 0


def red(store: Engine) -> tuple[int, int | None]:
    with reading(store) as conn:
        return red_unseen(conn)


def test_red_alerts_are_known_until_somebody_takes_note(store: Engine) -> None:
    late: dict[str, Any] = {"alert_id": "a_two", "known_at": KNOWN_AT + 7}
    taken(store, alert(1), alert(1, **late), alert(1, "orange", alert_id="a_three"))
    both = red(store)
    taken(store, version(2, "ACKED", done("acknowledged", 1)))
    one = red(store)
    taken(store, alert(2, status="WITHDRAWN", **late))

    assert (both, one, red(store)) == ((2, KNOWN_AT), (1, KNOWN_AT + 7), (0, None))


def test_what_becomes_red_later_waits_from_then_on_and_a_hand_over_starts_no_clock_anew(store: Engine) -> None:
    taken(store, alert(1, "watch", status="LEAD"), alert(2, "red", known_at=KNOWN_AT + 9))
    raised = red(store)
    taken(store, alert(3, "red", known_at=KNOWN_AT + 50, township_code="220302002"))

    assert (raised, red(store)) == ((1, KNOWN_AT + 9), (1, KNOWN_AT + 9))


def test_what_was_withdrawn_and_raised_again_between_two_versions_waits_from_then_on(store: Engine) -> None:
    taken(store, alert(1))
    taken(store, alert(5, raised_at=KNOWN_AT + 80, known_at=KNOWN_AT + 90))

    assert red(store) == (1, KNOWN_AT + 80)


ACTIONS = st.sampled_from(("acknowledged", "verifying", "visited", "confirmed", "rejected", "keep", "not_mine"))
STEPS = st.lists(st.tuples(ACTIONS, st.sampled_from(("accepted", "refused", "conflict")), st.booleans()), max_size=12)


@given(STEPS)
def test_whatever_people_do_each_stage_comes_once_at_most_and_in_its_order(steps: list[tuple[str, str, bool]]) -> None:
    known, found = Progress(), []
    for number, (_, _, is_told) in enumerate(steps):
        actions = [done(each, minute, how) for minute, (each, how, _) in enumerate(steps[: number + 1])]
        after = answered(known, version(number + 1, "ALERTED", *actions[-3:]))
        after = told(after, RECORDED, NOW) if is_told else after
        found += [each.stage for each in reached(known, after)]
        known = after

    assert len(found) == len(set(found))
    assert found.index(ACKNOWLEDGED) >= found.index(NOTIFIED) if ACKNOWLEDGED in found else True
    assert (VERIFIED in found) == any(
        (a, o) in {("confirmed", "accepted"), ("rejected", "accepted")} for a, o, _ in steps
    )
