"""Nobody is told twice of one cause within the cool-down, and nobody believes that something is over which stands."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from sqlalchemy import Engine

from consumers.notify_changes import LEVELS
from consumers.notify_intake import Arrival, Taken, take
from consumers.quiet import heed
from consumers.roster import RosterError, read_roster
from consumers.store.database import reading, writing
from consumers.store.told import Memory, Told, told_of
from consumers.wording import Page
from tests.alerts import NEXT_TOWNSHIP, TOWNSHIP, cause
from tests.histories import COOL_DOWN, Alert, gone, histories, on
from tests.notifiers import told

INBOX, CONSOLE = '{ channel = "inbox" }', '{ channel = "console" }'
GONE = frozenset(("LEAD", "WITHDRAWN", "REJECTED", "ALREADY_COVERED", "CLOSED"))


def said(*versions: Alert, cool_down: int = COOL_DOWN) -> list[str]:
    """What is said of versions of one household, one after the other; `-` where something is held back."""
    known: dict[str, Told] = {}
    newest: dict[str, Alert] = {}
    words = []
    for each in versions:
        heeded = heed(newest.get(each["alert_id"]), each, known, cool_down)
        newest[each["alert_id"]] = each
        known |= heeded.told
        words += [change.kind for change in heeded.say] + ["-"] * heeded.held
    return words


@pytest.mark.parametrize(("day", "again"), [(29.99, "restored"), (30, "raised")])
def test_what_was_withdrawn_and_stands_again_is_restored_within_the_cool_down_and_raised_after_it(
    day: float, again: str
) -> None:
    assert said(on(0, 1), gone(1, 2), on(day, 3)) == ["raised", "withdrawn", again]


def test_however_often_it_goes_and_comes_it_is_pushed_once_in_the_cool_down() -> None:
    versions = [gone(n, n + 1) if n % 2 else on(n, n + 1) for n in range(30)]

    assert said(*versions).count("raised") == 1
    assert said(*versions, on(30, 31)).count("raised") == 2


def test_a_higher_level_than_was_told_is_raised_in_full() -> None:
    assert said(on(0, 1, "yellow"), gone(1, 2), on(2, 3, "orange")) == ["raised", "withdrawn", "raised"]


def test_red_is_never_held_back() -> None:
    assert said(on(0, 1, "red"), gone(1, 2), on(2, 3, "red")) == ["raised", "withdrawn", "raised"]


def test_a_level_that_falls_and_rises_to_what_was_told_is_told_to_nobody() -> None:
    assert said(on(0, 1), on(1, 2, "yellow"), on(2, 3)) == ["raised", "-"]
    assert said(on(0, 1), on(1, 2, "yellow"), on(31, 3)) == ["raised", "level_up"]


def test_a_rise_after_it_was_restored_at_a_lower_level_is_told() -> None:
    versions = on(0, 1), gone(1, 2), on(2, 3, "yellow"), on(3, 4)

    assert said(*versions) == ["raised", "withdrawn", "restored", "level_up"]


def test_a_cause_that_goes_and_comes_on_an_alert_that_stands_is_told_once() -> None:
    both = [cause("R-A", "orange"), cause("R-B", "yellow")]
    versions = on(0, 1), on(1, 2, causes=both), on(2, 3), on(3, 4, causes=both)

    assert said(*versions) == ["raised", "new_cause", "-"]
    assert said(*versions[:3], on(31, 4, causes=both)) == ["raised", "new_cause", "new_cause"]


def test_another_cause_is_news() -> None:
    assert said(on(0, 1), gone(1, 2), on(2, 3, rule="R-B")) == ["raised", "withdrawn", "raised"]


def test_after_a_case_ended_the_same_cause_comes_back_without_a_push() -> None:
    next_case = on(3, 1, alert_id="a_two", ordinal=2)

    assert said(on(0, 1), on(1, 2, status="REJECTED"), next_case) == ["raised", "restored"]


def test_a_relapse_and_a_hand_over_are_always_told() -> None:
    cleared, relapse = on(5, 2, status="CLEARED_TRACKING", causes=[]), on(9, 3, status="REOPENED")
    assert said(on(0, 1), cleared, relapse) == ["raised", "new_cause"]
    there = on(1, 2, rule="R-B", township_code=NEXT_TOWNSHIP)
    assert said(on(0, 1), there, on(2, 3)) == ["raised", *["taken_over", "handed_over"] * 2]


def test_a_township_that_was_not_told_is_told() -> None:
    assert said(on(0, 1), gone(1, 2), on(2, 3, township_code=NEXT_TOWNSHIP)) == ["raised", "withdrawn", "raised"]


def test_a_level_that_only_a_later_release_knows_is_told() -> None:
    versions = on(0, 1), gone(1, 2), on(2, 3, causes=[cause("R-A", "violet")])

    assert said(*versions) == ["raised", "withdrawn", "raised"]


def test_no_cool_down_holds_nothing_back() -> None:
    assert said(on(0, 1), gone(0, 2), on(0, 3), cool_down=0) == ["raised", "withdrawn", "raised"]


A, B, B_YELLOW, B_WATCH = (cause(*each) for each in (("R-A", "orange"), *(("R-B", lv) for lv in LEVELS[1:])))


def test_causes_that_together_are_worse_than_what_was_told_are_raised_in_full() -> None:
    together = on(2, 3, "orange", causes=[cause("R-A", "yellow")])

    assert said(on(0, 1, "yellow"), gone(1, 2), together) == ["raised", "withdrawn", "raised"]


def test_what_stands_without_a_cause_is_no_repetition() -> None:
    assert said(on(0, 1), gone(1, 2), on(2, 3, causes=[])) == ["raised", "withdrawn", "raised"]


def test_a_cause_that_is_only_a_watch_makes_no_news() -> None:
    assert said(on(0, 1), gone(1, 2), on(2, 3, causes=[A, B_WATCH])) == ["raised", "withdrawn", "restored"]


def test_a_cause_is_remembered_while_another_is_told() -> None:
    versions = on(0, 1), on(1, 2, rule="R-B"), on(2, 3, causes=[A, B])

    assert said(*versions) == ["raised", "new_cause", "-"]


def test_a_cause_is_remembered_while_another_is_restored() -> None:
    versions = on(0, 1, causes=[A, B]), gone(1, 2), on(2, 3), on(3, 4, causes=[A, B_YELLOW])

    assert said(*versions) == ["raised", "withdrawn", "restored", "-"]


def test_a_cause_that_was_restored_at_a_lower_level_is_known_at_that_level() -> None:
    restored = on(2, 3, causes=[cause("R-A", "yellow"), B])

    assert said(on(0, 1, causes=[A, B]), gone(1, 2), restored, on(3, 4, causes=[B]), on(4, 5, causes=[A, B])) == [
        *("raised", "withdrawn", "restored", "new_cause")
    ]


def test_a_level_above_the_one_that_was_restored_is_told_whatever_its_cause_was_before() -> None:
    restored = on(2, 3, "yellow")

    assert said(on(0, 1, causes=[A, B]), gone(1, 2), restored, on(3, 4, causes=[cause("R-A", "yellow"), B])) == [
        *("raised", "withdrawn", "restored", "level_up")
    ]


def test_who_was_told_that_another_has_it_hears_that_it_is_theirs_again() -> None:
    there, back = on(1, 2, township_code=NEXT_TOWNSHIP), on(2, 3, "", status="ACKED", causes=[])

    assert said(on(0, 1), there, back, on(3, 4, status="ACKED"))[3:] == ["handed_over", "restored"]


@given(histories())
def test_nobody_believes_less_than_what_stands(history: list[Alert]) -> None:
    known: dict[str, Told] = {}
    newest: dict[str, Alert] = {}
    last: dict[str | None, str | None] = {}
    for each in history:
        heeded = heed(newest.get(each["alert_id"]), each, known, COOL_DOWN)
        newest[each["alert_id"]] = each
        known |= heeded.told
        for change in heeded.say:
            last[change.township] = None if change.kind in {"withdrawn", "handed_over"} else change.level
        if each["status"] not in GONE and each["level"] in LEVELS[:-1]:
            believed = last[each["township_code"]]
            assert believed is not None
            assert LEVELS.index(believed) <= LEVELS.index(each["level"])


@given(histories())
def test_a_push_within_the_cool_down_has_something_that_was_not_told(history: list[Alert]) -> None:
    known: dict[str, Told] = {}
    newest: dict[str, Alert] = {}
    pushed: dict[tuple[str | None, str], tuple[int, str]] = {}
    level_told: dict[str | None, str] = {}
    for each in history:
        heeded = heed(newest.get(each["alert_id"]), each, known, COOL_DOWN)
        newest[each["alert_id"]] = each
        known |= heeded.told
        rules = {one["rule"]: one["level"] for one in each["causes"] if one["level"] != "watch"}
        for change in heeded.say:
            place, now = change.township, each["known_at"]
            if change.kind in {"withdrawn", "handed_over"}:
                continue
            if change.kind != "restored":
                never = (now - COOL_DOWN, "watch")
                words = {rule: pushed.get((place, rule), never) for rule in rules}
                news = any(now - at >= COOL_DOWN or worse(rules[rule], lv) for rule, (at, lv) in words.items())
                always = each["level"] == "red" or each["status"] == "REOPENED" or change.kind == "taken_over"
                assert news or always or worse(change.level, level_told[place])
            level_told[place] = change.level
            at = {rule: pushed.get((place, rule), (now, ""))[0] for rule in rules}
            pushed |= {(place, rule): (at[rule] if change.kind == "restored" else now, rules[rule]) for rule in rules}


def worse(level: str, other: str) -> bool:
    return LEVELS.index(level) < LEVELS.index(other)


def page(*ways: str, quiet: str = "") -> Page:
    listed = f"{quiet}\n[townships.{TOWNSHIP}]\nchannels = [{', '.join(ways)}]"
    return Page(read_roster(listed), "https://bus.example.org")


def taken(store: Engine, versions: list[Alert], on_page: Page, *, is_new: bool = True) -> Taken:
    with writing(store) as conn:
        return take(conn, [Arrival(each, is_new, 5) for each in versions], on_page, 5)


def remembered(store: Engine) -> Memory:
    with reading(store) as conn:
        return told_of(conn, {"H-SECRET-1"})


FLAPPING = [on(0, 1), gone(1, 2), on(2, 3)]


def test_what_is_restored_stands_in_the_inbox_and_is_not_pushed(store: Engine) -> None:
    found = taken(store, FLAPPING, page(INBOX, CONSOLE))

    assert [(key[1], key[3]) for key in found.planned] == [(1, "console"), (2, "console")]
    assert told(store)[-1] == ("a_one", 3, TOWNSHIP, "restored")
    assert (found.sums["news"], found.sums["restored"], found.sums["held"]) == (3, 1, 0)


def test_who_has_no_inbox_hears_that_it_stands_again(store: Engine) -> None:
    assert [key[1] for key in taken(store, FLAPPING, page(CONSOLE)).planned] == [1, 2, 3]


def test_the_roster_says_how_long_the_cool_down_is(store: Engine) -> None:
    taken(store, FLAPPING, page(INBOX, quiet="[quiet]\ncool_down_days = 1"))

    assert told(store)[-1] == ("a_one", 3, TOWNSHIP, "raised")


@pytest.mark.parametrize("days", ["-1", "367", "true", "1.5", '"30"'])
def test_a_cool_down_that_cannot_be_meant_is_refused(days: str) -> None:
    with pytest.raises(RosterError, match=r"quiet\.cool_down_days: a whole number from 0 to 366"):
        read_roster(f"[quiet]\ncool_down_days = {days}")


@pytest.mark.parametrize("cut", [1, 2])
def test_a_store_that_was_wiped_and_batches_of_other_sizes_hold_the_same_back(store: Engine, cut: int) -> None:
    taken(store, FLAPPING[:cut], page(INBOX), is_new=False)
    taken(store, FLAPPING[:cut], page(INBOX))
    taken(store, FLAPPING[cut:], page(INBOX))
    taken(store, FLAPPING, page(INBOX))  # a second notifier

    assert told(store)[-1] == ("a_one", 3, TOWNSHIP, "restored")
    assert len(told(store)) == len(FLAPPING) - cut


def test_what_was_told_is_remembered_with_the_message_or_not_at_all(store: Engine) -> None:
    with suppress(ZeroDivisionError), writing(store) as conn:
        take(conn, [Arrival(on(0, 1), is_new=True, published_at=5)], page(INBOX), 5)
        raise ZeroDivisionError
    nothing = remembered(store)
    taken(store, FLAPPING[:2], page(INBOX))

    assert nothing == {}
    assert remembered(store)["H-SECRET-1"][TOWNSHIP].stands is False
