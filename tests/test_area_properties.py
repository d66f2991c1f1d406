"""Area against a slow oracle: any order, repetition, batches and restarts come to the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from schemas.codec import Record
from schemas.fact import Fact
from tests.areas import OTHER_VILLAGE, VILLAGE, Place, census, checked, outage, signal
from tests.builders import day
from tests.seeds import seeds

FIRST = "2023-06-01"
START = day(FIRST)


def events() -> st.SearchStrategy[Fact]:
    when = st.integers(0, 60).map(lambda days: (START + days) * 86_400_000)
    facility, revision = st.sampled_from(["S1", "S2"]), st.integers(0, 2)
    places = st.sampled_from([(VILLAGE,), (OTHER_VILLAGE,), (VILLAGE, OTHER_VILLAGE)])
    outages = st.builds(
        lambda days, at, which, n, places, s, gone: outage(
            days, at, f"o{which}", facility_id=s, village_codes=places, revision=n, retracted=gone
        ),
        st.sampled_from([1, 3, 9]), when, st.integers(0, 3), revision, places, facility, st.booleans(),
    )  # fmt: skip
    tests = st.builds(
        lambda at, which, good, s: checked(at, f"q{which}", good=good, facility=s),
        when, st.integers(0, 3), st.booleans(), facility,
    )  # fmt: skip
    return outages | tests


def newest(facts: Sequence[Fact]) -> list[Fact]:
    return [max((f for f in facts if f.id == each), key=lambda f: f.rank) for each in sorted({f.id for f in facts})]


def expected(facts: Sequence[Fact]) -> list[tuple[str, str, list[str]]]:
    """Slowly: of each kind the facilities whose last event is bad; their bad events of the fullest, latest 30 days."""
    found = []
    live = [f for f in newest(facts) if not f.retracted and VILLAGE in f.values[1]]  # type: ignore[operator]  # codes
    for rule, prefix, is_bad in (
        ("R15", "o", lambda f: f.values[3] >= 3),
        ("R16", "q", lambda f: f.values[2] is False),
    ):
        ours = [f for f in live if f.event_id.startswith(prefix)]
        bad = []
        for facility in {f.values[0] for f in ours}:
            its = sorted((f for f in ours if f.values[0] == facility), key=lambda f: (f.occurred_at, f.id))
            bad += [f for f in its if is_bad(f)] if is_bad(its[-1]) else []
        windows = [
            [f for f in bad if end.occurred_at - 30 * 86_400_000 < f.occurred_at <= end.occurred_at] for end in bad
        ]
        if windows:
            best = max(windows, key=lambda w: (len(w), max(f.occurred_at for f in w)))
            found.append((rule, "orange", sorted(f.event_id for f in best)))
    return found


def hear(place: Place, facts: Sequence[Fact]) -> Place:
    """As assign tells it: a village that an earlier revision named is told of the one that does not name it."""
    for each in facts:
        place.hear(each, named=not each.retracted and place.code in (each.values[1] if each.values else ()))  # type: ignore[operator]  # codes
    return place


@seeds(300)
@given(st.lists(events(), max_size=10), st.randoms(use_true_random=False))
def test_events_in_any_order_and_number_come_to_what_the_oracle_says(facts: list[Fact], chance: Random) -> None:
    once, mixed = hear(Place(VILLAGE), facts), [*facts, *facts]
    chance.shuffle(mixed)

    assert once.says() == expected(facts)
    assert hear(Place(VILLAGE), mixed).says() == once.says()


CAUSES = ["illness", "house", "disaster", "income", "income/employment"]
CLASSES = {"illness": "monitoring", "house": "monitoring", "income": "monitoring", "disaster": "disaster",
           "income/employment": "employment"}  # fmt: skip
told = st.builds(
    lambda home, cause, version, since, gone: signal(f"H{home}", None if gone else START + since, cause, version),
    st.integers(0, 11), st.sampled_from(CAUSES), st.integers(1, 3), st.integers(0, 60), st.booleans(),
)  # fmt: skip


def one_each(signals: Sequence[Record]) -> list[Record]:
    """A version says one thing, wherever it is written."""
    known: dict[tuple[object, ...], Record] = {}
    for each in signals:
        known.setdefault((each["household_id"], each["cause"], each["version"]), each)
    return list(known.values())


def clusters(signals: Sequence[Record], bar: int, tick: int | None) -> dict[str, dict[str, set[str]]]:
    """Slowly: class -> cause -> households of the latest 30 days with enough of them."""
    standing: dict[str, dict[str, int]] = {}
    for each in sorted(signals, key=lambda each: each["version"]):
        homes = standing.setdefault(each["cause"], {})
        if each["day"] is None:
            homes.pop(each["household_id"], None)
        else:
            homes[each["household_id"]] = each["day"]
    found: dict[str, dict[str, set[str]]] = {}
    for cause, homes in standing.items():
        for last in sorted(set(homes.values()), reverse=True):
            inside = {home for home, since in homes.items() if last - 30 < since <= last}
            if len(inside) >= bar:
                if tick is None or tick <= last + 180:
                    found.setdefault(CLASSES[cause], {})[cause.partition("/")[0]] = inside
                break
    return found


def regional(place: Place) -> Mapping[str, Mapping[str, set[str]]]:
    alerts = {about: place.alert(about) for about in place.area.issued}
    return {
        about: {cause["cause"]: set(cause["evidence"]) for cause in alert["causes"]}
        for about, alert in alerts.items()
        if alert["status"] == "ALERTED"
    }


@seeds(300)
@given(st.lists(told, max_size=60), st.integers(0, 1500), st.integers(0, 260), st.randoms(use_true_random=False))
def test_signals_in_any_order_and_number_come_to_what_the_oracle_says(
    signals: list[Record], households: int, after: int, chance: Random
) -> None:
    signals = one_each(signals)
    mixed = [*signals, *signals, census(households)]
    chance.shuffle(mixed)
    bar, tick = max(5, -(-households * 5 // 1000)), START + after

    one, other = Place().take(*signals, census(households)), Place().take(*mixed)

    assert regional(one) == regional(other) == clusters(signals, bar, None)
    assert regional(one.tick(tick)) == regional(other.tick(tick)) == clusters(signals, bar, tick)


@seeds(300)
@given(st.lists(told, max_size=40), st.integers(0, 3))
def test_a_higher_line_never_raises_more(signals: list[Record], more: int) -> None:
    signals = one_each(signals)
    low, high = Place().take(*signals), Place().take(census(1000 + more * 400), *signals)

    assert regional(high).keys() <= regional(low).keys()
