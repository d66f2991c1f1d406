"""Whatever the order, the repetition, the crashes and the writers: every household holds what it must count."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from schemas.codec import Record
from schemas.fact import Fact, fact_of
from streams.assign import OUTCOMES
from tests.assign_world import World, inspection, row, settlement, topics
from tests.seeds import seeds

HOUSEHOLDS = ("A", "B", "C")
DAYS = st.sampled_from((60, 99, 100, 140, 180))


def rows() -> st.SearchStrategy[Record]:
    return st.builds(
        row,
        st.sampled_from(HOUSEHOLDS),
        st.sampled_from((80, 100)),
        valid_to=st.sampled_from((None, None, 120, 160)),
        retracted=st.sampled_from((False, False, True)),
    )


def events(make: object, person: st.SearchStrategy[str | None]) -> st.SearchStrategy[Record]:
    return st.builds(
        make,  # type: ignore[arg-type]  # a builder of events
        st.sampled_from(("e1", "e2")),
        day=DAYS,
        person=person,
        revision=st.integers(0, 2),
        retracted=st.sampled_from((False, False, False, True)),
        fee=st.integers(0, 1),
        batch_id=st.sampled_from((None, "b1", "b2")),
    )


READS = st.sampled_from(((), (0,), (0,), (1,), (2,), (0, 1), (1, 0), (1, 2, 0)))
ENDS = st.sampled_from(("", "flush", "flush", "stop", "stop", "land", "00", "10", "01", "01", "11"))
"""After some reading: nothing, a commit, a stop, or a crash before the commit (sends landed?, changelog landed?)."""


@st.composite
def lived(draw: st.DrawFn, *, of_household: bool = False) -> World:
    """A world after some history."""
    person = st.none() if of_household else st.just(row()["person_id"])
    inputs = topics(of_household=of_household)
    register = draw(st.lists(rows(), min_size=0 if of_household else 1, max_size=5))
    if of_household:
        register = [record | {"household_id": "A"} for record in register]
    bills = draw(st.lists(events(settlement, person), max_size=6))
    houses = draw(st.lists(events(inspection, person), max_size=4))
    world = World(dict(zip(inputs, (register, bills, houses), strict=True)))
    for read, end in draw(st.lists(st.tuples(READS, ENDS), max_size=14)):
        for number in read:
            world.worker.step(inputs[number])
        if end.isdigit():
            world.crash(sent=end[0] == "1", stored=end[1] == "1")
        elif end:
            getattr(world, end)()
    world.finish(landing_last=draw(st.booleans()))
    return world


def live_rows(world: World) -> list[Record]:
    newest = {}
    for record in next(iter(world.logs.values())):
        newest[record["household_id"], record["valid_from"]] = record
    return [record for record in newest.values() if not record["retracted"]]


def home(live: list[Record], day: int) -> str | None:
    """Where the person lived, said in another way than residence.py says it."""
    ordered = sorted(live, key=lambda r: (r["valid_from"], r["household_id"]))
    if not ordered:
        return None
    started = [r for r in ordered if r["valid_from"] <= day]
    first = [r for r in ordered if r["valid_from"] == ordered[0]["valid_from"]][-1]
    ruling = started[-1] if started else first
    return None if ruling["valid_to"] is not None and ruling["valid_to"] < day else str(ruling["household_id"])


def winners(world: World) -> dict[str, Fact]:
    facts: dict[str, Fact] = {}
    for log in list(world.logs.values())[1:]:
        for event in log:
            fact = fact_of(event, 0)
            if fact.id not in facts or fact.rank > facts[fact.id].rank:
                facts[fact.id] = fact
    return facts


def ranks(facts: dict[str, Fact]) -> dict[str, tuple[int, bool, bytes]]:
    return {id_: fact.rank for id_, fact in facts.items()}


def day_of_fact(fact: Fact) -> int:
    return (fact.occurred_at // 3_600_000 + 8) // 24


def duplicates(log: list[Record]) -> int:
    """Events that say nothing newer than what was published before them."""
    facts = [fact_of(event, 0) for event in log]
    return sum(any(f.id == fact.id and f.rank >= fact.rank for f in facts[:n]) for n, fact in enumerate(facts))


def check_counts(world: World, homeless: bool) -> None:
    """Every event has one outcome; only what has no household is parked; the batches agree."""
    totals, parked = world.worker.totals, [h for h in world.worker.subject.facts.values() if h.waiting]
    for department, log in zip(("health_insurance", "housing"), list(world.logs.values())[1:], strict=True):
        assert sum(totals.counts[f"{department}|{outcome}"] for outcome in OUTCOMES) == len(log)
        assert totals.counts[f"{department}|duplicate"] == duplicates(log)
        assert 0 <= totals.parked_now[department] <= totals.counts[f"{department}|parked"]
    for key in totals.batches:
        outcome = totals.outcome(key, 3)
        published = [
            e for log in list(world.logs.values())[1:] for e in log if key == f"{e['department']}|{e['batch_id']}"
        ]

        assert sum(outcome[word] for word in OUTCOMES) == len(published)
        assert 0 <= outcome["parked_now"] <= totals.parked_now[outcome["department"]]
        assert sum(world.told[key][word] for word in OUTCOMES) == len(published)
        assert world.stopped or world.told[key] == outcome
    for held in parked:
        assert homeless or (held.fact.person is not None and home(live_rows(world), held.day()) is None)


@seeds(400)
@given(lived())
def test_every_household_counts_exactly_the_facts_of_those_who_lived_there_that_day(world: World) -> None:
    live, facts = live_rows(world), winners(world)

    for household in HOUSEHOLDS:
        expected = {i: f for i, f in facts.items() if home(live, day_of_fact(f)) == household}

        assert ranks(world.households.counted(household)) == ranks(expected)
    check_counts(world, homeless=False)


@seeds(400)
@given(lived(of_household=True))
def test_a_household_that_the_register_ever_named_holds_its_own_facts(world: World) -> None:
    named, held = bool(next(iter(world.logs.values()))), ranks(world.households.facts.get("A", {}))

    assert held == (ranks(winners(world)) if named else {})
    check_counts(world, homeless=not named)
