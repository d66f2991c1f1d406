"""Kinds are read from the schemas, and an event is checked beyond its schema."""

from __future__ import annotations

import pytest

from schemas.codec import Record
from schemas.codes import bad_household_id
from schemas.events import problem_of, subject_of
from schemas.examples import examples_of
from schemas.fact import Fact, fact_of, value_of
from schemas.kinds import all_kinds, kinds_by_code, kinds_by_number
from schemas.reasons import REASONS

DAY = 86_400_000


def bill(**changes: object) -> Record:
    return {**examples_of("health_insurance")[0], **changes}


def with_body(**changes: object) -> Record:
    event = bill()
    return {**event, "body": {**event["body"], **changes}}


def test_kind_numbers_are_unique_and_tell_the_department() -> None:
    assert len(kinds_by_number()) == len(all_kinds()) == len(kinds_by_code())
    assert all(k.number >> 6 == k.department.number for k in kinds_by_number().values())


def test_money_stands_in_rows_under_the_name_without_its_unit() -> None:
    settlement = kinds_by_code()["health_insurance.settlement"]

    columns = {f.column: f.unit for f in settlement.fields}
    assert columns["self_pay"] == "fen"
    assert columns["discharged_on"] == "day"


def test_standing_kinds_are_those_of_the_design() -> None:
    standing = {code for code, kind in kinds_by_code().items() if kind.standing}

    assert standing == {
        "health_insurance.enrolment", "civil_affairs.dibao_change", "civil_affairs.tekun_change",
        "housing.inspection", "housing.renovation", "education.enrolment", "education.aid",
        "health.major_disease", "health.chronic_cert", "disability.cert", "disability.subsidy",
        "human_resources.employment", "human_resources.public_post", "finance.microloan", "insurers.coverage",
        "rural_revitalisation.income",
    }  # fmt: skip


def test_events_of_villages_and_townships_are_those_of_the_design() -> None:
    areas = {code for code, kind in kinds_by_code().items() if kind.area}

    assert areas == {
        "health.epidemic_impact", "water.outage", "water.quality", "emergency.warning", "transport.access",
    }  # fmt: skip


def test_an_own_key_is_a_field_of_its_kind() -> None:
    for kind in all_kinds().values():
        assert kind.own_key is None or kind.index(kind.own_key) >= 0


@pytest.mark.parametrize(
    ("event", "reason", "field"),
    [
        (bill(department="housing"), "wrong_department", "department"),
        (bill(kind="inspection"), "unknown_kind", "kind"),
        (bill(event_id=""), "bad_event_id", "event_id"),
        (bill(event_id="编号"), "bad_event_id", "event_id"),
        (bill(event_id="x" * 65), "bad_event_id", "event_id"),
        (bill(revision=-1), "bad_revision", "revision"),
        (bill(revision=2**31), "bad_revision", "revision"),
        (bill(person_id=None, household_id=None), "no_subject", "person_id"),
        (bill(person_id="p_1"), "bad_person_id", "person_id"),
        (bill(household_id="110101199003070011"), "bad_household_id", "household_id"),
        (bill(household_id="11010119900307001x"), "bad_household_id", "household_id"),
        (bill(occurred_at=10**15), "bad_time", "occurred_at"),
        (bill(published_at=-(10**15)), "bad_time", "published_at"),
        (bill(occurred_at=bill()["published_at"] + DAY + 1), "in_future", "occurred_at"),
        (bill(occurred_at=bill()["published_at"] - 400 * DAY - 1), "too_old", "occurred_at"),
        (bill(body=None), "no_body", "body"),
        (with_body(self_pay_fen=-1), "bad_amount", "self_pay_fen"),
        (with_body(self_pay_fen=10**13), "bad_amount", "self_pay_fen"),
        (with_body(discharged_on=10**6), "bad_date", "discharged_on"),
    ],
)
def test_an_event_that_may_not_count_names_reason_and_field(event: Record, reason: str, field: str) -> None:
    problem = problem_of(event, "health_insurance")

    assert problem == (reason, field)
    assert reason in REASONS


def of_kind(code: str, **changes: object) -> Record:
    """An example of a kind, changed outside and (names with two underscores before) inside its body."""
    department, _, kind = code.partition(".")
    event = next(e for e in examples_of(department) if e["kind"] == kind)
    inside = {name.removeprefix("__"): value for name, value in changes.items() if name.startswith("__")}
    outside = {name: value for name, value in changes.items() if not name.startswith("__")}
    return {**event, **outside, "body": {**event["body"], **inside}}


@pytest.mark.parametrize(
    ("event", "reason", "field"),
    [
        (of_kind("water.outage", person_id=bill()["person_id"]), "area_subject", "person_id"),
        (of_kind("water.outage", household_id="H1"), "area_subject", "household_id"),
        (of_kind("water.outage", region_code=""), "no_area", "region_code"),
        (of_kind("water.outage", region_code="2312221010"), "no_area", "region_code"),
        (of_kind("water.outage", event_id=""), "bad_event_id", "event_id"),
        (of_kind("water.outage", __village_codes=[]), "bad_region", "village_codes"),
        (of_kind("water.outage", __village_codes=["231222101"]), "bad_region", "village_codes"),
        (of_kind("water.outage", __village_codes=["231222101003"] * 1001), "bad_region", "village_codes"),
        (of_kind("water.outage", __facility_id="兰西水厂"), "bad_code", "facility_id"),
        (of_kind("water.outage", __facility_id=""), "bad_code", "facility_id"),
        (of_kind("water.outage", __facility_id="x" * 65), "bad_code", "facility_id"),
        (of_kind("water.outage", __facility_id="W-231222199001010010"), "bad_code", "facility_id"),
        (of_kind("water.outage", __facility_id="231222199001010"), "bad_code", "facility_id"),
        (of_kind("water.outage", __facility_id="W/13904561237"), "bad_code", "facility_id"),
        (of_kind("water.outage", __since=10**15), "bad_time", "since"),
        (of_kind("emergency.warning", __region_codes=["2312"]), "bad_region", "region_codes"),
        (of_kind("emergency.warning", __level=0), "bad_range", "level"),
        (of_kind("emergency.warning", __level=5), "bad_range", "level"),
        (of_kind("disability.cert", __grade=5), "bad_range", "grade"),
        (of_kind("rural_revitalisation.self_report", __reporter_id="张三"), "bad_reporter", "reporter_id"),
        (of_kind("rural_revitalisation.self_report", __reporter_id="13904561237"), "bad_reporter", "reporter_id"),
        (
            of_kind("rural_revitalisation.household_change", __to_household="231222199001010010"),
            "bad_household_id",
            "to_household",
        ),
    ],
)
def test_codes_regions_and_reporters_are_checked_on_the_bus_too(event: Record, reason: str, field: str) -> None:
    assert problem_of(event, event["department"]) == (reason, field)
    assert reason in REASONS


@pytest.mark.parametrize(
    "event",
    [
        of_kind("water.outage", region_code="231222101003"),
        of_kind("water.outage", region_code="231222"),
        of_kind("water.outage", __village_codes=["231222101003"] * 1000),
        of_kind("water.outage", __facility_id="x" * 64),
        of_kind("emergency.warning", __region_codes=["231222", "231222101", "231222101003"]),
        of_kind("emergency.warning", __level=1),
        of_kind("emergency.warning", __level=4),
        of_kind("rural_revitalisation.self_report", __reporter_id=""),
        of_kind("rural_revitalisation.self_report", __reporter_id="p_" + "a" * 26),
        of_kind("rural_revitalisation.visit", __campaign_id="", __themes=[], __guarantees_ok=[]),
        of_kind("rural_revitalisation.household_change", __from_household="", __to_household=""),
    ],
)
def test_the_edges_of_codes_regions_and_ranges_are_inside(event: Record) -> None:
    assert problem_of(event, event["department"]) is None


def test_what_concerns_a_village_is_keyed_by_its_region() -> None:
    assert subject_of(of_kind("water.outage")) == "231222101003"


def test_a_number_outside_avros_int_is_named() -> None:
    event = examples_of("education")[0]
    wrong = {**event, "body": {**event["body"], "absent_days": 2**40}}

    assert problem_of(wrong, "education") == ("bad_number", "absent_days")


@pytest.mark.parametrize(
    "event",
    [
        bill(),
        bill(occurred_at=bill()["published_at"] - 400 * DAY),
        bill(occurred_at=bill()["published_at"] + DAY),
        bill(retracted=True, body=None),
        bill(person_id=None, household_id="H1"),
        with_body(self_pay_fen=0),
    ],
)
def test_the_edges_of_what_counts_are_inside(event: Record) -> None:
    assert problem_of(event, "health_insurance") is None


def test_a_standing_fact_is_never_too_old() -> None:
    event = examples_of("housing")[0]
    old = {**event, "occurred_at": event["published_at"] - 4000 * DAY}

    assert problem_of(old, "housing") is None


def test_the_subject_is_the_person_and_else_the_household() -> None:
    assert subject_of(bill(household_id="H1")) == bill()["person_id"]
    assert subject_of(bill(person_id=None, household_id="H1")) == "H1"


@pytest.mark.parametrize("household", ["", "x" * 65, "110101199003070011", "110101900307001"])
def test_a_household_id_like_an_identity_number_is_refused(household: str) -> None:
    assert bad_household_id(household)


def test_two_reports_of_one_fact_are_ranked_by_revision_then_retraction_then_content() -> None:
    first, second, gone = (fact_of(e, 0) for e in (bill(), bill(revision=1), bill(revision=1, retracted=True)))

    assert first.rank < second.rank < gone.rank


def test_how_an_event_was_delivered_is_no_part_of_what_it_says() -> None:
    again = bill(published_at=bill()["published_at"] + DAY, batch_id="other", row=9)

    assert fact_of(again, 0).digest == fact_of(bill(), 5).digest


def test_a_fact_answers_by_field_name() -> None:
    fact: Fact = fact_of(bill(), 0)
    kind = kinds_by_number()[fact.kind]

    assert value_of(fact, kind, "self_pay_fen") == bill()["body"]["self_pay_fen"]
    assert value_of(fact_of(bill(body=None, retracted=True), 0), kind, "self_pay_fen") is None
