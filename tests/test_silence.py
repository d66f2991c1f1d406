"""Households of which no core department has spoken for a year are listed, whoever else spoke; none is forgotten."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.beijing import date_of, day_of, start_of
from schemas.codec import Record
from schemas.departments import CORE, DEPARTMENTS
from schemas.fact import Fact
from streams.residence import household_of
from streams.silence import SILENT_DAYS, Heard, Register, Reports, Share, Silent, Where, by_township
from streams.silence_command import as_object, in_words
from streams.silence_log import Silence
from tests.bench.made_up_log import household_id, person_id
from tests.builders import GRID, TOWNSHIP, VILLAGE, day, fact, row
from tests.people import identity_number, json_lines, member
from tests.running_bus import RunningBus

AT = day("2026-11-27")
HERE = Where(TOWNSHIP, VILLAGE, GRID)
NEXT = "220302002"


def lives(person: str, household: str = "H1", since: int = 18_000, **more: object) -> Record:
    """Row of the register as it is on the bus."""
    valid_to, township = more.pop("valid_to", None), more.pop("township", TOWNSHIP)
    stay = row(since, household, township=str(township))
    named = {name: getattr(stay, name) for name in stay.__struct_fields__}
    return named | {"person_id": person, "valid_to": valid_to, "retracted": False, **more}


def told(ago: int, event_id: str = "e1", person: str | None = "p1", **more: object) -> Fact:
    """A house was inspected so many days before AT."""
    return fact("housing.inspection", start_of(AT - ago) + 1, event_id, person=person, **more)  # type: ignore[arg-type]  # keywords of fact


def silent(rows: Iterable[Record], facts: Iterable[Fact | tuple[Fact, str]] = (), at: int = AT) -> list[Silent]:
    register, reports = Register(), Reports()
    for each in rows:
        register.take(each)
    for said in facts:
        reports.take(*(said if isinstance(said, tuple) else (said, None)))
    heard = Heard(register, at)
    heard.take(reports.standing())
    return heard.silent(register.inhabited(at))


def homes(found: Iterable[Silent]) -> list[str]:
    return [each.household_id for each in found]


def test_the_four_core_departments_are_marked_in_the_data() -> None:
    assert CORE == ("health_insurance", "civil_affairs", "housing", "education")
    assert len(DEPARTMENTS) > len(CORE)


@pytest.mark.parametrize(("ago", "is_silent"), [(0, False), (SILENT_DAYS - 1, False), (SILENT_DAYS, True), (-1, True)])
def test_a_household_is_silent_once_the_last_word_is_a_year_old(ago: int, *, is_silent: bool) -> None:
    found = silent([lives("p1")], [told(ago)])

    assert homes(found) == (["H1"] if is_silent else [])


def test_the_last_word_is_on_the_list_and_a_household_of_which_nobody_ever_spoke_is_on_it_too() -> None:
    found = silent([lives("p1"), lives("p2", "H2")], [told(500)])

    assert found == [Silent("H1", HERE, AT - 500), Silent("H2", HERE, None)]


def test_one_member_of_whom_somebody_spoke_is_enough_and_so_is_the_household_itself() -> None:
    assert silent([lives("p1"), lives("p2")], [told(10, person="p2")]) == []
    assert silent([lives("p1")], [(told(10, person=None), "H1")]) == []
    assert homes(silent([lives("p1")], [(told(10, person=None), "H9")])) == ["H1"]


def test_what_was_taken_back_or_moved_in_time_by_a_revision_counts_as_it_stands() -> None:
    first = told(10)

    assert homes(silent([lives("p1")], [first, told(10, revision=1, retracted=True)])) == ["H1"]
    assert homes(silent([lives("p1")], [told(10, revision=1, retracted=True), first])) == ["H1"]
    assert homes(silent([lives("p1")], [told(900, revision=1), first])) == ["H1"]
    assert silent([lives("p1")], [told(10, revision=1), told(900)]) == []


def test_who_moved_takes_along_only_what_was_said_since() -> None:
    rows = [lives("p1"), lives("p1", "H2", AT - 100), lives("p2")]

    assert homes(silent(rows, [told(200)])) == ["H2"]
    assert homes(silent(rows, [told(50)])) == ["H1"]


def test_a_household_in_which_nobody_lives_any_more_is_not_looked_for() -> None:
    assert silent([lives("p1", valid_to=AT - 1)]) == []
    assert homes(silent([lives("p1", valid_to=AT)])) == ["H1"]
    assert silent([lives("p1"), lives("p1", retracted=True)]) == []
    assert homes(silent([lives("p1"), lives("p1", "H2", AT - 9)])) == ["H2"]


def test_townships_are_counted_with_how_many_households_they_have() -> None:
    register = Register()
    for number, township in enumerate([TOWNSHIP, TOWNSHIP, NEXT]):
        register.take(lives(f"p{number}", f"H{number}", township=township))
    inhabited = register.inhabited(AT)

    counted = by_township(inhabited, Heard(register, AT).silent({"H0": inhabited["H0"]}))
    assert counted == {TOWNSHIP: Share(2, 1), NEXT: Share(1, 0)}


def test_what_is_printed_says_the_day_who_was_asked_how_far_their_data_goes_and_what_to_do() -> None:
    found = Silence(AT, {"H1": HERE, "H2": HERE}, [Silent("H1", HERE, None)], {"housing": AT - 3})
    words = "\n".join(in_words(found, found.silent))

    assert "截至2026-11-27，2户中有1户在此前365天里没有任何核心部门（医保、民政、住建、教育）的数据" in words
    assert "住建至2026-11-24" in words
    assert "医保从未推送" in words
    assert f"乡镇 {TOWNSHIP}  1户（共2户）" in words
    assert as_object(found, []) == {
        "day": "2026-11-27",
        "silent_days": 365,
        "as_of": {"housing": "2026-11-24"},
        "households": 2,
        "silent": 1,
        "townships": {TOWNSHIP: {"households": 2, "silent": 1}},
        "listed": [],
    }


NAMES, HOMES = st.sampled_from(["p1", "p2", "p3"]), st.sampled_from(["H1", "H2", "H3"])
DAYS = st.integers(AT - 800, AT + 50)
ROWS = st.lists(st.tuples(NAMES, HOMES, DAYS, st.none() | DAYS, st.booleans()), max_size=8)
FACTS = st.lists(
    st.tuples(st.sampled_from(["e1", "e2", "e3"]), NAMES | st.none(), HOMES, DAYS, st.integers(0, 2), st.booleans()),
    max_size=8,
)


@given(ROWS, FACTS, DAYS)
def test_whatever_was_registered_and_reported_the_list_is_as_one_would_count_by_hand(
    rows: list[tuple[str, str, int, int | None, bool]],
    facts: list[tuple[str, str | None, str, int, int, bool]],
    at: int,
) -> None:
    given_rows = [lives(p, h, since, valid_to=to, retracted=gone) for p, h, since, to, gone in rows]
    given_facts = [
        (told(AT - on, name, person, revision=number, retracted=gone), home)
        for name, person, home, on, number, gone in facts
    ]
    stays = {(p, h, since): None if gone else row(since, h, valid_to=to) for p, h, since, to, gone in rows}
    people = {who: [each for (p, _, _), each in stays.items() if p == who and each] for who, *_ in rows}
    newest: dict[str, tuple[Fact, str]] = {}
    for said, home in given_facts:
        if said.id not in newest or said.rank > newest[said.id][0].rank:
            newest[said.id] = said, home
    spoken = {
        home if said.person is None else household_of(people.get(said.person, []), day_of(said.occurred_at))
        for said, home in newest.values()
        if not said.retracted and at - SILENT_DAYS < day_of(said.occurred_at) <= at
    }

    inhabited = {household_of(each, at) for each in people.values()} - {None}
    assert set(homes(silent(given_rows, given_facts, at))) == inhabited - spoken


def test_a_household_of_four_takes_less_than_one_kb_of_memory() -> None:
    households, register = 5000, Register()
    rows = [
        lives(person_id(4 * number + place), household_id(number)) for number in range(households) for place in range(4)
    ]
    tracemalloc.start()
    for each in rows:
        register.take(each)
    heard = Heard(register, AT)
    heard.take([])
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert len(register.ids) == households
    assert used / households < 1024


@pytest.mark.kafka
def test_the_command_lists_who_is_silent_on_the_running_bus(bus: RunningBus, tmp_path: Path) -> None:
    spoken, quiet = identity_number(81, "19550505"), identity_number(82, "19550505")
    place = {"township_code": "231222177", "village_code": "231222177003", "grid_code": "23122217700307"}
    rows = [member(number, f"SIL-{n}", **place) for n, number in enumerate((spoken, quiet))]
    bus.json("register", json_lines(tmp_path / "register.jsonl", rows))
    today = day_of(time.time_ns() // 1_000_000)
    long_ago = str(date_of(today - 380))
    for number, occurred_at in ((spoken, str(date_of(today - 30))), (quiet, long_ago)):
        event = {
            "event_id": f"SIL-{occurred_at}",
            "kind": "temp_relief",
            "id_number": number,
            "occurred_at": occurred_at,
        }
        relief = [event | {"reason": "illness", "amount": "500"}]
        assert bus.json("publish", "civil_affairs", json_lines(tmp_path / "relief.jsonl", relief))["rejected"] == []
    found = bus.json("silent", "--at", str(date_of(today)), "--township", "231222177")

    assert found["townships"]["231222177"] == {"households": 2, "silent": 1}
    assert [(each["household_id"], each["last_on"]) for each in found["listed"]] == [("SIL-1", long_ago)]
    assert "SIL-1" in bus.run("silent", "--at", str(date_of(today))).stdout
