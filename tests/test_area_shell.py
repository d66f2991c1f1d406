"""area, the shell: batches, restarts, kills between fold and write, and two writers change nothing that is told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.codec import Record, decode, encode
from schemas.fact import Fact, pack_routed
from schemas.failstop import NeedsAPersonError
from schemas.partition import partition_of
from schemas.topics import AREA_ALERTS, AREAS_CHANGELOG, DEAD_LETTERS, TOWNSHIP_EVENTS
from streams.area_program import Area
from streams.rule_set import shipped
from tests.areas import TOWNSHIP, VILLAGE, census, outage, signal
from tests.builders import at, day, routed
from tests.fake_log import FakeProducer, FakeRecord
from tests.offline import OfflineWorker

NUMBER = partition_of(TOWNSHIP.encode())


def area_record(offset: int, name: str, content: Record, key: str = TOWNSHIP) -> FakeRecord:
    return FakeRecord(TOWNSHIP_EVENTS, NUMBER, offset, key.encode(), encode(name, content), at("2023-08-01"))


def activation(offset: int) -> FakeRecord:
    content = {"rule_set": shipped().hash, "activated_at": 0, "activated_by": "a test"}
    return area_record(offset, "activation", content, "")


def tick(offset: int, when: int) -> FakeRecord:
    return area_record(offset, "tick", {"day": when, "positions": {}, "written_at": 0}, "")


def event(offset: int, said: Fact, place: str = VILLAGE, *, named: bool = True) -> FakeRecord:
    packed = pack_routed(routed(said, offset))
    return area_record(offset, "area_fact", {"place": place, "named": named, "fact": packed}, place[:9])


def worker(producer: FakeProducer | None = None) -> OfflineWorker:
    return OfflineWorker(Area(lambda _: shipped()), producer, NUMBER)


def run(records: Sequence[FakeRecord], sizes: Sequence[int] = (), *, restart: bool = False) -> FakeProducer:
    """Fold a log in batches of these sizes, the rest at once; each batch by a new worker where asked."""
    one, done = worker(), 0
    one.take_over({TOWNSHIP_EVENTS: len(records)})
    for size in (*sizes, len(records)):
        batch = records[done : done + size]
        if batch:
            asyncio.run(one.process(TOWNSHIP_EVENTS, batch))
        done += len(batch)
        if restart:
            one = worker(one.producer)
            one.take_over({TOWNSHIP_EVENTS: len(records)}, 2 + done)
    return one.producer


def alerts(producer: FakeProducer) -> dict[str, Record]:
    """Newest version by id."""
    found = [decode(value)[1] for _, value in producer.records(AREA_ALERTS) if value]
    return {each["alert_id"]: each for each in sorted(found, key=lambda each: each["version"])}


def versions(producer: FakeProducer) -> dict[tuple[str, int], set[bytes]]:
    said: dict[tuple[str, int], set[bytes]] = {}
    for _, value in producer.records(AREA_ALERTS):
        record = decode(value or b"")[1]
        said.setdefault((record["alert_id"], record["version"]), set()).add(value or b"")
    return said


def cluster(number: int = 5, first: int = 1) -> list[FakeRecord]:
    return [area_record(first + n, "signal", signal(f"H{n}", "2023-03-01")) for n in range(number)]


def test_a_villages_event_and_a_cluster_become_an_alert_each() -> None:
    log = [activation(0), *cluster(), event(6, outage())]

    found = sorted(alerts(run(log)).values(), key=lambda alert: alert["kind"])

    assert [(alert["kind"], alert["place_code"], alert["rule_set"]) for alert in found] == [
        ("area", VILLAGE, shipped().hash),
        ("regional", TOWNSHIP, shipped().hash),
    ]


def test_a_record_under_a_wrong_key_and_one_that_is_no_such_record_are_dead_letters() -> None:
    other = area_record(1, "signal", signal("H1", "2023-03-01", township_code="231222109"))
    strange = area_record(2, "tick", {"day": 1, "positions": {}, "written_at": 0})
    broken = area_record(3, "area_fact", {"place": VILLAGE, "named": True, "fact": b"\xc1"})
    row = area_record(4, "outcome", {"batch_id": "b", "department": "water", "partition": 0, "applied": 0,
                                     "duplicate": 0, "parked": 0, "dead_lettered": 0, "parked_now": 0})  # fmt: skip
    nothing = FakeRecord(TOWNSHIP_EVENTS, NUMBER, 5, TOWNSHIP.encode(), None)

    producer = run([activation(0), other, strange, broken, row, nothing])

    letters = [decode(value or b"")[1] for _, value in producer.records(DEAD_LETTERS)]
    assert {each["source_offset"]: (each["reason"], each["department"]) for each in letters} == {
        1: ("wrong_key", "area"),
        3: ("unreadable", "area"),
        4: ("wrong_schema", "area"),
        5: ("empty", "area"),
    }


def test_a_killed_worker_that_wrote_but_told_nobody_tells_it_when_it_reads_again() -> None:
    log = [activation(0), *cluster()]
    producer = run(log)
    told = alerts(producer)
    for key in [key for key in producer.batches if key[0] == AREA_ALERTS]:
        del producer.batches[key]

    heir = worker(producer)
    heir.take_over({TOWNSHIP_EVENTS: len(log)}, 5)
    asyncio.run(heir.process(TOWNSHIP_EVENTS, log))

    assert alerts(producer) == told


def test_a_ledger_ahead_of_its_log_needs_a_person() -> None:
    producer = run([activation(0), *cluster()])

    with pytest.raises(NeedsAPersonError, match="made anew or cut"):
        worker(producer).take_over({TOWNSHIP_EVENTS: 2}, 9)


def test_a_place_that_would_grow_too_large_refuses_the_record_and_stays_as_it_was() -> None:
    said = [area_record(1 + n, "signal", signal(f"household-{n:05}-{'x' * 40}", "2023-03-01")) for n in range(4_500)]
    producer = run([activation(0), *said], [1000] * 4)

    letters = [decode(value or b"")[1]["reason"] for _, value in producer.records(DEAD_LETTERS)]
    assert set(letters) == {"area_too_large"}
    (alert,) = alerts(producer).values()
    assert alert["households"] == 4_500 - len(letters)


def test_a_tick_visits_only_places_that_are_due() -> None:
    log = [activation(0), *cluster(), event(6, outage()), tick(7, day("2023-08-01"))]
    before = len(run(log[:-1]).records(AREAS_CHANGELOG))

    assert len(run(log, [7]).records(AREAS_CHANGELOG)) == before + 1  # the ledger alone
    late = [*log, tick(8, day("2023-03-01") + 181)]
    assert sorted(alert["status"] for alert in alerts(run(late)).values()) == ["ALERTED", "WITHDRAWN"]


said = st.one_of(
    st.builds(
        lambda home, version, since: lambda offset: area_record(
            offset, "signal", signal(f"H{home}", None if since is None else day("2023-03-01") + since, version=version)
        ),
        st.integers(0, 7), st.integers(1, 2), st.none() | st.integers(0, 35),
    ),
    st.builds(
        lambda which, days, n, named: lambda offset: event(
            offset, outage(days, event_id=f"o{which}", revision=n), named=named
        ),
        st.integers(0, 2), st.sampled_from([1, 5]), st.integers(0, 2), st.booleans(),
    ),
    st.integers(0, 2).map(lambda n: lambda offset: area_record(offset, "census", census(n * 500, n, offset))),
    st.integers(0, 400).map(lambda n: lambda offset: tick(offset, day("2023-06-01") + n)),
)  # fmt: skip


@settings(max_examples=60)
@given(st.lists(said, max_size=25), st.lists(st.integers(1, 6), max_size=6), st.booleans())
def test_batches_and_restarts_tell_the_same(
    makers: list[Callable[[int], FakeRecord]], sizes: list[int], restart: bool
) -> None:
    log = [activation(0), *(make(offset) for offset, make in enumerate(makers, 1))]

    one, other = run(log), run(log, sizes, restart=restart)
    every = run(log, [1] * len(log))

    assert alerts(one) == alerts(other) == alerts(every)
    assert all(len(bodies) == 1 for bodies in versions(every).values())
    assert all(bodies == versions(every)[key] for key, bodies in versions(other).items())
