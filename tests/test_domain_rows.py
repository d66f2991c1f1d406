"""Rows of the domain's list of arrangements (domain.md section 8), each with the row's own figures and words."""

from __future__ import annotations

import time
from collections import Counter

import pytest
from sqlalchemy import Engine

from consumers.inbox.alert import alert_from
from consumers.inbox.offers import next_steps
from consumers.inbox.sight import Sight, sight_of
from consumers.rates import Class, Rate, classes, clearing_rates, coverage
from consumers.store.alert_lists import Count, count_alerts
from consumers.store.alerts import apply_alerts
from consumers.store.database import writing
from consumers.store.monitored import Monitored, count_monitored
from schemas.actions import PARTS
from schemas.codec import Record
from schemas.topics import REGISTER_PERSONS
from streams.assign import take_event, take_row
from streams.case import alert_id_of
from streams.outcomes import Totals
from streams.subject import Source, new_subject
from tests.alerts import alert
from tests.assign_world import settlement
from tests.builders import Home, at, bill, fact, graded, row
from tests.cases import cleared, home, last, status
from tests.families import HERE, THERE, Families
from tests.test_register_life import bill as billed

CLASSES = {"unstable": (421, 1438), "marginal": (671, 2285), "sudden": (202, 815)}
"""Lanzhou: households and people of the three classes."""


@pytest.mark.parametrize("missing", PARTS)
def test_x2_an_archive_is_not_closable_until_visit_cause_consultation_and_feedback_are_filled(missing: str) -> None:
    made = home(*(part for part in PARTS if part != missing))
    made.act("archived")
    assert (last(made), made.alert["archived"]) == (("refused", "archive_incomplete"), False)

    made.act(missing).act("archived")

    assert (made.alert["archive"], made.alert["archived"]) == (["visited", "analysed", "consulted", "fed_back"], True)


def test_x2_coverage_is_verified_of_alerts() -> None:
    homes = [home(), home("acknowledged"), home("visited"), home("confirmed"), home("rejected"), home("confirmed")]
    counts = Counter(status(each) for each in homes)
    told = [Count("t", "red", state, number) for state, number in counts.items()]

    assert str(coverage(told)) == "50.00%（3/6条）"
    assert coverage([*told, Count("t", "red", "WITHDRAWN", 9), Count("t", "watch", "LEAD", 9)]) == Rate(3, 6, "条")
    assert str(coverage([Count("t", "red", "CONFIRMED", 4)])) == "100.00%（4/4条）"


def test_x8_cleared_on_2023_03_01_is_tracked_on_2024_02_29_and_closed_on_2024_03_01() -> None:
    made = cleared("2023-03-01").tick("2024-02-29").act("closed")
    assert (status(made), last(made)) == ("CLEARED_TRACKING", ("refused", "still_tracking"))

    made.tick("2024-03-01")
    assert made.alert["proposals"] == ["close"]

    assert status(made.act("closed")) == "CLOSED"


def test_x8_a_new_risk_on_day_200_is_a_proposal_to_reopen_the_same_case() -> None:
    made = cleared("2023-03-01")
    before = made.alert["alert_id"]
    made.take(bill(27_000, at("2023-03-01") + 200 * 86_400_000, "b"))

    assert (status(made), made.alert["proposals"], made.alert["alert_id"]) == ("REOPENED", ["reopen"], before)


def test_x8_the_national_mark_is_set_by_a_named_person_of_the_county_only() -> None:
    made = cleared("2023-03-01").tick("2024-03-01")
    before = made.copy()
    assert made.alert["nation_marked"] is False
    made.act("nation_marked", role="township", township_code=made.alert["township_code"])
    assert (last(made), made.alert["nation_marked"]) == (("refused", "wrong_role"), False)

    made.act("nation_marked")

    assert (status(made), made.alert["nation_marked"]) == ("CLEARED_TRACKING", True)
    assert last(made.copy().act("nation_marked")) == ("refused", "out_of_turn")
    assert made.alert["actions"][-1]["actor"] == "u_county"
    relapsed = made.copy().take(bill(27_000, "2023-09-01", "b"))
    assert (status(relapsed), relapsed.alert["nation_marked"]) == ("REOPENED", False)
    assert [next_steps(alert_from(each.alert), "county") for each in (before, made)] == [
        ("nation_marked", "closed"),
        ("closed",),
    ]
    assert (status(made.act("closed")), made.alert["nation_marked"]) == ("CLOSED", True), "the mark is in nobody's way"
    assert last(home("confirmed").act("nation_marked")) == ("refused", "out_of_turn")


def monitored(status_: str = "HELPING") -> list[Monitored]:
    return [Monitored(code, status_, households, persons) for code, (households, persons) in CLASSES.items()]


def test_l2_three_classes_reconcile_to_1294_households_and_4538_people() -> None:
    assert classes(monitored()) == [
        Class("脱贫不稳定户", 421, 1438),
        Class("边缘易致贫户", 671, 2285),
        Class("突发严重困难户", 202, 815),
        Class("合计", 1294, 4538),
    ]
    later = [*monitored(), Monitored("new_class", "HELPING", 1, 3)]
    assert classes(later)[-2:] == [Class("new_class", 1, 3), Class("合计", 1295, 4541)]


def test_l2_every_monitored_household_has_a_class_and_its_people_counted() -> None:
    made = home("confirmed")
    made.lives("p_b", row()).lives("p_dead", row(valid_to="2022-01-01")).lives("p_gone", row(), row("2021-01-01", "H2"))
    assert (made.alert["household_class"], made.alert["persons"]) == (None, None)

    made.act("included")
    assert (made.alert["household_class"], made.alert["persons"]) == ("sudden", 2)

    made.lives("p_born", row("2023-05-30"))
    assert made.alert["persons"] == 3


def included(household: int, case_status: str, code: str, persons: int, **more: object) -> Record:
    said = {"household_id": f"H{household}", "alert_id": f"a_{household}", "status": case_status}
    return alert(**said, household_class=code, persons=persons, **more)  # type: ignore[arg-type]  # keywords of alert


def test_l2_the_store_counts_the_classes_as_alerts_come_each_household_once(store: Engine) -> None:
    versions = [included(n, "INCLUDED", code, 3) for n, code in enumerate(("sudden", "unstable", "unstable"))]
    again = included(2, "CLOSED", "unstable", 4) | {"version": 5}
    next_case = {"alert_id": "a_2_next", "household_class": None, "status": "ALERTED", "ordinal": 2}
    with writing(store) as conn:
        apply_alerts(conn, [*versions, again, *versions, again | next_case], 5)
        found = count_monitored(conn)
        included_again = {"alert_id": "a_2_next", "status": "HELPING", "ordinal": 2, "version": 6, "persons": 5}
        apply_alerts(conn, [again | included_again, again | {"version": 7}], 6)
        later = count_monitored(conn)

    assert found == [
        Monitored("sudden", "INCLUDED", 1, 3),
        Monitored("unstable", "CLOSED", 1, 4),
        Monitored("unstable", "INCLUDED", 1, 3),
    ]
    assert later == [
        Monitored("sudden", "INCLUDED", 1, 3),
        Monitored("unstable", "HELPING", 1, 5),
        Monitored("unstable", "INCLUDED", 1, 3),
    ]


def test_l4_771_cleared_of_1294_households_are_59_6_percent_of_households() -> None:
    states = [Monitored("marginal", "CLEARED_TRACKING", 700, 2000), Monitored("marginal", "CLOSED", 71, 200)]
    of_households, _ = clearing_rates([*states, Monitored("sudden", "HELPING", 523, 2338)])

    assert str(of_households) == "59.58%（771/1294户）"
    assert round(float(of_households.percent.rstrip("%")), 1) == 59.6


def test_l4_a_household_that_relapsed_is_not_cleared_and_one_whose_relapse_was_none_is() -> None:
    relapsed = cleared().take(bill(27_000, "2023-09-01", "b"))
    states = [status(relapsed), status(relapsed.copy().act("rejected")), status(cleared())]

    assert clearing_rates(Monitored("sudden", state, 1, 2) for state in states) == (Rate(2, 3, "户"), Rate(4, 6, "人"))


def test_s7_rates_say_their_denominator_households_90_95_and_people_89_77() -> None:
    households, persons = clearing_rates(
        [Monitored("sudden", "CLEARED_TRACKING", 1125, 2246), Monitored("unstable", "HELPING", 112, 256)]
    )

    assert (str(households), str(persons)) == ("90.95%（1125/1237户）", "89.77%（2246/2502人）")
    assert [str(rate) for rate in clearing_rates([])] == ["（0/0户）", "（0/0人）"]


def test_n1_a_user_of_township_a_sees_nothing_of_township_b_and_may_do_nothing_there() -> None:
    assert sight_of("township", HERE, THERE, None) is Sight.NOTHING
    assert sight_of("township", HERE, HERE, None) is Sight.ALL
    told = Families()
    told.registers("a", "H1")
    told.event(billed("a", "2023-04-30", "b1"))
    for code in ("acknowledged", "confirmed", "not_mine", "visited"):
        told.act("H1", code, THERE)

    assert [(done["outcome"], done["why"]) for done in told.alert("H1")["actions"]] == [
        ("refused", "wrong_township")
    ] * 4
    assert told.alert("H1")["status"] == "ALERTED"


def test_n1_a_household_is_included_by_the_county_only_never_by_its_township() -> None:
    made = home("confirmed").act("included", role="township", township_code=home().alert["township_code"])
    assert (last(made), status(made)) == (("refused", "wrong_role"), "CONFIRMED")

    assert status(made.act("included")) == "INCLUDED"


def test_n3_three_records_on_one_household_in_a_window_are_one_alert_with_three_items_of_evidence() -> None:
    made = Home().take(graded("C", "2023-04-01", "house"), bill(27_000, "2023-05-01", "bill"))
    made.take(fact("education.fee", "2023-05-02", "fee", overdue=1000.0, overdue_days=30))

    assert {each["alert_id"] for each in made.alerts} == {alert_id_of("H1", 1)}
    assert {event for cause in made.alert["causes"] for event in cause["evidence"]} == {"house", "bill", "fee"}


def test_n3_records_in_are_always_attached_duplicate_unassigned_or_dead_letters() -> None:
    totals, known, unknown = Totals(), new_subject(), new_subject()
    rows = Families()
    rows.registers("a", "H1")
    take_row(known, register_row("a"), Source(REGISTER_PERSONS, 0, 0, 0))
    events = [(known, "e1"), (known, "e2"), (known, "e1"), (unknown, "e3"), (known, "e4"), (unknown, "e3")]
    for offset, (subject, event_id) in enumerate(events):
        effect = take_event(subject, settlement(event_id), Source("events.health_insurance", 0, offset, 0))
        totals.take_event("health_insurance", "b", offset, effect, new=True)
    totals.take_dead_letter("health_insurance", "b", len(events), new=True)

    counted = totals.outcome("health_insurance|b", 0)
    parts = {name: counted[name] for name in ("applied", "duplicate", "parked", "dead_lettered")}
    assert parts == {"applied": 3, "duplicate": 2, "parked": 1, "dead_lettered": 1}
    assert sum(parts.values()) == len(events) + 1


def register_row(who: str) -> Record:
    return {
        "person_id": "p_" + who * 26,
        "household_id": "H1",
        "valid_from": 0,
        "valid_to": None,
        "township_code": HERE,
        "village_code": f"{HERE}001",
        "grid_code": f"{HERE}00101",
        "tags": [],
        "labour": "able",
        "retracted": False,
    }


def test_x10_settlements_summing_above_the_line_raise_one_alert_and_a_correction_below_it_withdraws_it() -> None:
    made = Home().take(bill(12_000, "2023-03-01", "b1"))
    assert made.level == "none"
    made.take(bill(15_000, "2023-05-01", "b2"))
    raised = made.alert

    made.take(bill(1_000, "2023-05-01", "b2", revision=1))

    assert [(cause["rule"], cause["evidence"]) for cause in raised["causes"]] == [("R04", ["b1", "b2"])]
    assert (status(made), made.alert["alert_id"]) == ("WITHDRAWN", raised["alert_id"])
    assert (made.alert["version"], made.alert["causes"]) == (raised["version"] + 1, [])


def test_y1_an_unmapped_household_is_waiting_and_never_dropped() -> None:
    told = Families()
    told.event(billed("a", "2023-04-30", "b1"))
    assert (told.parked, told.evidence()) == (1, {})

    told.registers("a", "H1")

    assert (told.parked, told.evidence()) == (0, {"H1": ["b1"]})


def test_y1_after_a_move_alerts_go_to_the_new_township_and_grid() -> None:
    told = Families()
    told.registers("a", "H1")
    told.event(billed("a", "2023-04-30", "b1"))
    assert (told.alert("H1")["township_code"], told.alert("H1")["grid_code"]) == (HERE, f"{HERE}00101")
    told.registers("a", "H1", "2023-06-01", township=THERE)
    told.event(billed("a", "2023-07-01", "b2"))

    moved = told.alert("H1")
    assert (moved["township_code"], moved["grid_code"]) == (THERE, f"{THERE}00101")
    assert moved["previous_township_code"] == HERE
    assert told.evidence() == {"H1": ["b1", "b2"]}


def test_y1_one_household_is_in_one_township_only(store: Engine) -> None:
    moved = [alert(), alert(2, township_code=THERE)]
    with writing(store) as conn:
        apply_alerts(conn, moved, time.time_ns() // 1_000_000)
        counted = count_alerts(conn, None)

    assert counted == [Count(THERE, "red", "ALERTED", 1)]
