"""An event of villages goes to each place that it names, and a correction to those that it named before."""

from __future__ import annotations

import asyncio
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from schemas.beijing import DAY_MS, start_of
from schemas.codec import Record, decode
from schemas.fact import unpack_routed
from schemas.partition import partition_of
from schemas.topics import HOUSEHOLD_EVENTS, TOWNSHIP_EVENTS, events_topic
from streams.assign import Send
from streams.assign_area import take_area_event
from streams.assign_program import Assign
from streams.subject import Source, Subject, merge, new_subject, pack, unpack
from tests.offline import OfflineWorker, department_record

VILLAGES = ("231222101201", "231222101202", "231222102201")
KEY = VILLAGES[0]


def outage(places: tuple[str, ...] = VILLAGES[:1], revision: int = 0, **changes: object) -> Record:
    """Water is off for five days; published under KEY whichever villages it names."""
    occurred = start_of(19_500)
    event: Record = {
        "event_id": "o1",
        "revision": revision,
        "retracted": False,
        "department": "water",
        "kind": "outage",
        "region_code": KEY,
        "person_id": None,
        "household_id": None,
        "occurred_at": occurred,
        "published_at": occurred + DAY_MS,
        "batch_id": "b1",
        "row": 1,
        "data_class": "ordinary",
        "body": {"facility_id": "S1", "village_codes": list(places), "since": occurred, "est_days": 5},
    } | changes
    return event | ({"body": None} if event["retracted"] else {})


def taken(subject: Subject, event: Record, offset: int = 0) -> list[Send]:
    return take_area_event(subject, event, Source("events.water", 3, offset, event["published_at"])).sends


def said(sends: list[Send]) -> list[tuple[str, str, bool]]:
    """Key, place, and whether the place is named now."""
    return [(key, (record := decode(message)[1])["place"], record["named"]) for key, message in sends]


def test_each_village_is_told_under_the_code_of_its_township() -> None:
    assert said(taken(new_subject(), outage(VILLAGES))) == [
        ("231222101", VILLAGES[0], True),
        ("231222101", VILLAGES[1], True),
        ("231222102", VILLAGES[2], True),
    ]


def test_a_warning_of_the_county_goes_out_under_the_countys_code() -> None:
    body = {"hazard": "rain", "level": 1, "region_codes": ["231222"], "valid_from": 0, "valid_to": 1}
    warning = outage() | {"department": "emergency", "kind": "warning", "body": body}

    assert said(taken(new_subject(), warning)) == [("231222", "231222", True)]


def test_an_event_without_a_list_of_places_concerns_the_region_that_it_is_filed_under() -> None:
    impact = outage() | {"department": "health", "kind": "epidemic_impact", "body": {"affected_households": 3}}
    subject = new_subject()

    assert said(taken(subject, impact)) == [("231222101", KEY, True)]
    assert said(taken(subject, impact | {"revision": 1, "retracted": True, "body": None}, 1)) == [
        ("231222101", KEY, False)
    ]


def test_a_correction_goes_to_the_places_that_were_named_before_too() -> None:
    subject = new_subject()
    taken(subject, outage(VILLAGES[:2]))

    assert said(taken(subject, outage(VILLAGES[1:], 1), 1)) == [
        ("231222101", VILLAGES[0], False),
        ("231222101", VILLAGES[1], True),
        ("231222102", VILLAGES[2], True),
    ]
    assert [each[2] for each in said(taken(subject, outage((), 2, retracted=True), 2))] == [False] * 3


def test_an_event_read_again_is_sent_again_and_none_is_parked() -> None:
    subject = new_subject()
    first = take_area_event(subject, outage(), Source("events.water", 3, 7, 0))
    again = take_area_event(subject, outage(), Source("events.water", 3, 7, 0))
    repeat = take_area_event(subject, outage(), Source("events.water", 3, 8, 0))

    assert (first.outcome, again.outcome, repeat.outcome) == ("applied", "applied", "duplicate")
    assert first.sends == again.sends == repeat.sends
    assert [first.parked, again.parked, repeat.parked] == [False] * 3


events = st.builds(
    lambda places, revision, retracted: outage(tuple(sorted(places)), revision, retracted=retracted),
    st.sets(st.sampled_from(VILLAGES), min_size=1),
    st.integers(0, 3),
    st.booleans(),
)


def named_at_last(sends: list[Send]) -> set[str]:
    """Places that count the event: as area does, each knows the newest revision that it was told of."""
    newest: dict[str, tuple[Any, bool]] = {}
    for _, message in sends:
        record = decode(message)[1]
        rank = unpack_routed(record["fact"]).fact.rank
        if record["place"] not in newest or rank >= newest[record["place"]][0]:
            newest[record["place"]] = rank, record["named"]
    return {place for place, (_, named) in newest.items() if named}


@given(st.lists(events, max_size=6), st.lists(st.integers(0, 1), min_size=6, max_size=6))
def test_revisions_in_any_order_by_two_writers_end_at_the_places_of_the_newest(
    reports: list[Record], writers: list[int]
) -> None:
    copies = [new_subject(), new_subject()]
    sends: list[Send] = []
    for offset, (report, writer) in enumerate(zip(reports, writers, strict=False)):
        sends += taken(copies[writer], report, offset)
    heir = unpack(merge(pack(copies[0]), pack(copies[1])))
    for offset, report in enumerate(reports):  # what was not acknowledged is read again
        sends += taken(heir, report, offset)

    held = heir.facts.get("7:o1")
    live = held is not None and not held.fact.retracted
    assert named_at_last(sends) == (set(held.fact.values[1]) if live and held is not None else set())  # type: ignore[arg-type]  # codes


def test_the_shell_counts_them_applied_and_sends_them_to_townships_alone() -> None:
    number = partition_of(KEY.encode())
    worker = OfflineWorker(Assign(), number=number)
    worker.take_over({})
    record = department_record(events_topic("water"), 0, "water", outage(VILLAGES), KEY)

    asyncio.run(worker.process(record.topic, [record]))

    sent = {key for key, _ in worker.producer.records(TOWNSHIP_EVENTS)}
    assert sent == {b"231222101", b"231222102"}
    assert worker.producer.records(HOUSEHOLD_EVENTS) == []
    counts = {labels: count for labels, count in worker.program.samples()["alertbus_events"] if count}
    assert counts == {("water", "applied", str(number)): 1}
