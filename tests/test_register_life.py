"""Families move, split, merge, are born and die, and the register errs: facts and alerts follow, each once."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from consumers.notify_changes import changes
from schemas.codec import Record
from tests.assign_world import inspection, settlement
from tests.builders import at, day
from tests.families import HERE, THERE, Families, person
from tests.seeds import seeds
from tests.test_assign_properties import home


def bill(who: str, when: str, event_id: str, yuan: int = 30_000) -> Record:
    event = settlement(event_id, day=day(when), person=person(who))
    event["body"]["self_pay_fen"] = yuan * 100
    return event


def unsafe(home: str, when: str, event_id: str) -> Record:
    return inspection(event_id, day=day(when), person=None, household_id=home, fee=1)


def family(*members: str, home: str = "H1") -> Families:
    told = Families()
    for member in members:
        told.registers(member, home)
    return told


def test_a_member_who_moves_takes_later_facts_along_and_leaves_the_earlier_ones() -> None:
    told = family("a", "b")
    told.registers("b", "H2", "2023-05-01", township=THERE)
    told.event(bill("b", "2023-04-30", "before"))
    told.event(bill("b", "2023-05-01", "after"))

    assert told.evidence() == {"H1": ["before"], "H2": ["after"]}


def test_a_fact_that_came_before_the_move_was_registered_follows_it() -> None:
    told = family("a", "b")
    told.event(bill("b", "2023-05-10", "after"))
    assert told.evidence() == {"H1": ["after"]}

    told.registers("b", "H2", "2023-05-01")

    assert told.evidence() == {"H2": ["after"]}
    assert told.alert("H1")["status"] == "WITHDRAWN"


def test_an_open_alert_follows_its_household_to_another_township_and_deadlines_keep_running() -> None:
    told = family("a")
    told.event(bill("a", "2023-04-30", "b1"))
    told.act("H1", "visited")
    before = told.alert("H1")

    told.registers("a", "H1", "2023-06-01", township=THERE)

    moved = told.alert("H1")
    assert (moved["township_code"], moved["previous_township_code"]) == (THERE, HERE)
    assert (moved["alert_id"], moved["version"]) == (before["alert_id"], before["version"] + 1)
    assert (moved["raised_at"], moved["status"]) == (before["raised_at"], "VERIFYING")
    assert (moved["archive"], moved["actions"]) == (["visited"], before["actions"])


def test_a_move_within_the_township_changes_village_and_grid_and_hands_nothing_over() -> None:
    told = family("a")
    told.event(bill("a", "2023-04-30", "b1"))

    told.registers("a", "H1", "2023-06-01", village_code=f"{HERE}002", grid_code=f"{HERE}00207")

    moved = told.alert("H1")
    assert (moved["village_code"], moved["grid_code"]) == (f"{HERE}002", f"{HERE}00207")
    assert (moved["township_code"], moved["previous_township_code"]) == (HERE, None)


def test_a_family_that_splits_has_two_alerts_of_which_each_rests_on_its_own() -> None:
    told = family("a", "b", "c")
    told.event(bill("b", "2023-04-01", "together"))
    told.registers("b", "H2", "2023-05-01")
    told.registers("c", "H2", "2023-05-01")
    told.event(bill("a", "2023-05-02", "old home"))
    told.event(bill("c", "2023-05-02", "new home"))

    assert told.evidence() == {"H1": ["old home", "together"], "H2": ["new home"]}


def test_families_that_merge_leave_no_alert_where_nobody_lives() -> None:
    told = family("a", home="H1")
    told.registers("b", "H2")
    told.event(bill("b", "2023-04-01", "b1"))
    told.act("H2", "acknowledged")

    told.registers("b", "H1", "2023-05-01", township=THERE)

    left = told.alert("H2")
    assert told.evidence() == {"H2": ["b1"]}
    assert (left["status"], left["township_code"], left["previous_township_code"]) == ("ACKED", THERE, HERE)
    assert "本户成员均已转到H1户" in left["text"]
    told.act("H2", "confirmed", THERE)
    assert told.alert("H2")["status"] == "CONFIRMED"


def test_a_household_is_left_only_when_the_last_has_gone() -> None:
    told = family("a", "b")
    told.event(bill("b", "2023-04-01", "b1"))
    told.registers("b", "H2", "2023-05-01", township=THERE)
    assert told.alert("H1")["township_code"] == HERE

    told.registers("a", "H3", "2023-05-02", township=THERE)

    assert (told.alert("H1")["township_code"], "转到H3户" in told.alert("H1")["text"]) == (THERE, True)
    told.registers("a", "H1", "2023-05-03")
    assert told.alert("H1")["township_code"] == HERE


def test_a_bill_of_a_newborn_waits_until_the_child_is_registered() -> None:
    told = family("a")
    told.event(bill("n", "2023-05-01", "incubator"))
    assert (told.evidence(), told.parked) == ({}, 1)

    told.registers("n", "H1", "2023-05-03")

    assert (told.evidence(), told.parked) == ({"H1": ["incubator"]}, 0)


def test_a_death_keeps_what_was_before_and_parks_what_comes_after() -> None:
    told = family("a", "b")
    told.event(bill("b", "2023-04-30", "last"))
    told.registers("b", "H1", valid_to=day("2023-05-01"))
    told.event(bill("b", "2023-05-01", "same day"))
    told.event(bill("b", "2023-05-02", "too late"))

    assert (told.evidence(), told.parked) == ({"H1": ["last", "same day"]}, 1)


def test_a_wrong_mapping_corrected_later_moves_facts_and_alert_and_doubles_nothing() -> None:
    told = family("a", "b")
    told.event(bill("b", "2023-04-01", "b1"))
    told.event(bill("b", "2023-04-02", "b2"))
    told.registers("b", "H2", township=THERE)
    told.registers("b", "H1", retracted=True)

    assert told.evidence() == {"H2": ["b1", "b2"]}
    assert (told.alert("H1")["status"], told.alert("H1")["causes"]) == ("WITHDRAWN", [])
    assert told.alert("H2")["township_code"] == THERE
    told.registers("b", "H1")
    told.registers("b", "H2", retracted=True)
    assert told.evidence() == {"H1": ["b1", "b2"]}
    assert told.alert("H1")["version"] == 4  # raised by the first bill, changed by the second, withdrawn, raised again


def test_a_wrong_mapping_corrected_after_the_answer_is_shown_on_the_case_that_rested_on_it() -> None:
    told = family("a", "b")
    told.event(bill("b", "2023-04-01", "b1"))
    told.act("H1", "confirmed")
    told.registers("b", "H2", township=THERE)
    told.registers("b", "H1", retracted=True)

    wrong, right = told.alert("H1"), told.alert("H2")
    assert (wrong["status"], wrong["basis_changed"], wrong["causes"]) == ("CONFIRMED", True, [])
    assert (right["status"], right["causes"][0]["evidence"]) == ("ALERTED", ["b1"])


def test_a_case_whose_only_member_was_a_mistake_is_left_to_the_county() -> None:
    told = family("a")
    told.event(bill("a", "2023-04-01", "b1"))
    told.act("H1", "confirmed")
    before = told.alert("H1")
    told.registers("a", "H1", retracted=True)
    told.registers("a", "H2", township=THERE)

    left = told.alert("H1")
    assert (left["status"], left["basis_changed"]) == ("CONFIRMED", True)
    assert (left["township_code"], left["previous_township_code"]) == (None, HERE)
    assert [(change.kind, change.township) for change in changes(before, left)] == [
        ("taken_over", None),
        ("handed_over", HERE),
    ]
    assert told.evidence() == {"H1": [], "H2": ["b1"]}


def test_not_mine_is_ended_by_the_corrected_row_which_hands_the_alert_over() -> None:
    told = family("a")
    told.event(bill("a", "2023-04-01", "b1"))
    told.act("H1", "not_mine")
    assert told.alert("H1")["not_mine"]

    told.registers("a", "H1", township=THERE)

    corrected = told.alert("H1")
    assert (corrected["not_mine"], corrected["township_code"]) == (False, THERE)
    assert corrected["previous_township_code"] == HERE


def test_a_person_claimed_by_two_households_counts_in_one_and_the_county_is_told() -> None:
    told = family("a")
    told.registers("a", "H2", township=THERE)
    told.event(bill("a", "2023-04-01", "b1"))

    assert told.evidence() == {"H2": ["b1"]}
    assert [(alert["kind"], alert["subjects"][1:]) for alert in told.conflicts] == [("register_conflict", ["H1", "H2"])]
    told.registers("a", "H2", retracted=True)
    assert told.evidence() == {"H1": ["b1"]}
    assert [alert["status"] for alert in told.conflicts] == ["ALERTED", "WITHDRAWN"]
    assert len({alert["alert_id"] for alert in told.conflicts}) == 1


def test_what_was_found_at_the_house_stays_with_the_house() -> None:
    told = family("a")
    told.event(unsafe("H1", "2023-04-01", "i1"))
    told.registers("a", "H2", "2023-05-01", township=THERE)

    assert told.evidence() == {"H1": ["i1"]}
    assert told.alert("H1")["township_code"] == THERE
    assert told.alert("H1")["raised_at"] < at("2023-06-02")


def test_a_tracked_household_is_tracked_where_it_moves() -> None:
    told = family("a")
    told.tick = day("2024-06-01")
    told.event(bill("a", "2023-04-01", "b1"))
    for code in ("confirmed", "included", "planned", "delivered", "clear_proposed", "cleared"):
        told.act("H1", code)
    told.registers("a", "H1", "2023-08-01", township=THERE)
    tracked = told.alert("H1")
    assert (tracked["status"], tracked["township_code"]) == ("CLEARED_TRACKING", THERE)

    told.event(bill("a", "2023-09-01", "b2"))

    again = told.alert("H1")
    assert (again["status"], again["ordinal"], again["township_code"]) == ("REOPENED", 1, THERE)


Step = Callable[[Families], None]


def lives(seed: int) -> tuple[dict[str, list[Record]], list[tuple[str, str, str]], list[list[Step]]]:
    """Rows that stand at the end by person, bills, and what is told: each list in its order, the lists in any."""
    random = Random(seed)
    stand: dict[str, list[Record]] = {who: [] for who in "abc"}
    steps: list[list[Step]] = []
    for who, rows in stand.items():
        for since in random.sample(("2020-01-01", "2023-03-01", "2023-06-01"), random.randrange(1, 4)):
            household, until = random.choice(("H1", "H2", "H3")), random.choice((None, None, None, day("2023-08-01")))
            more = {"valid_to": until, "township": random.choice((HERE, THERE))}
            taken_back = random.choice(([], [], [True], [True, False]))
            said = [partial(_registers, who, household, since, more, retracted=r) for r in (False, *taken_back)]
            steps.append([*said])
            if not (taken_back and taken_back[-1]):
                rows.append({"household_id": household, "valid_from": day(since), "valid_to": until})
    bills = [(random.choice("abc"), f"2023-0{random.randrange(1, 10)}-15", f"b{n}") for n in range(random.randrange(7))]
    steps += [[partial(Families.event, event=bill(*each))] for each in bills]
    return stand, bills, steps


def _registers(who: str, household: str, since: str, more: Record, told: Families, *, retracted: bool) -> None:
    told.registers(who, household, since, retracted=retracted, **more)


def in_an_order(random: Random, steps: list[list[Step]]) -> Families:
    told, left = Families(), [list(each) for each in steps]
    while left := [each for each in left if each]:
        random.choice(left).pop(0)(told)
    return told


@seeds(300)
@given(st.integers(0, 2**40))
def test_however_families_move_and_the_register_errs_no_fact_is_orphaned_or_counted_twice(seed: int) -> None:
    stand, bills, steps = lives(seed)
    expected: dict[str, list[str]] = {}
    for who, when, event_id in bills:
        expected.setdefault(home(stand[who], day(when)) or "", []).append(event_id)
    runs = [in_an_order(Random(f"{seed}{n}"), steps) for n in range(2)]

    homeless = len(expected.pop("", []))
    for told in runs:
        assert told.evidence() == {household: sorted(found) for household, found in expected.items()}
        assert told.parked <= homeless  # what was routed once is not parked again
        assert [told.alert(h)["township_code"] for h in expected] == [
            runs[0].alert(h)["township_code"] for h in expected
        ]
