"""The recount of area alerts comes to what area folds, by another way; and it tells where they part."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from operator import attrgetter
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.beijing import DAY_MS, start_of
from schemas.codec import Record
from streams import area, area_alert, area_judge, area_view, regional
from streams.case import WITHDRAWN
from streams.finding import Finding
from streams.reconcile import area_differences
from streams.recount import verdicts
from streams.recount_area import expected_conflicts
from streams.recount_history import Verdict
from streams.recount_regional import group_of, inhabited, since_when
from streams.regional import Regional
from streams.register import Place as At
from streams.register import Row
from streams.rule_set import shipped
from tests.area_events import PLACES, START, outage, sick, warned, water_test
from tests.area_world import AreaWorld
from tests.areas import TOWNSHIP, VILLAGE, census, signal
from tests.builders import HOUSEHOLD, day, graded, row
from tests.families import HERE, THERE, Families, person
from tests.guards.mutants import mutants
from tests.test_area_properties import CLASSES, one_each
from tests.test_case_properties import ELSEWHERE
from tests.test_recount_cases import Logged, play

RULE_OF = {group_of(rule_id, shipped()): rule_id for rule_id in sorted(shipped().rules)}


def some_event(random: Random, today: int) -> Record:
    """Mostly of the same few facilities and ids, so that one corrects, ends or repeats another."""
    on = today - random.choice((0, 0, 3, 29, 30, 31, 60))
    places = random.sample(PLACES, random.randrange(1, 4))
    regions = random.choice((places, (TOWNSHIP,), (TOWNSHIP[:6],)))
    number = f"{random.randrange(4)}-{today // 400}"  # nobody revises what is long forgotten
    more: Record = {"revision": random.randrange(3), "published_at": start_of(START + today) + DAY_MS}
    if random.random() < 0.15:
        more |= {"retracted": True, "body": None}
    return random.choice(
        (
            outage(f"o{number}", on, places, random.choice((1, 2, 3, 9)), **more),
            water_test(f"q{number}", on, places, random.random() < 0.4, facility=random.choice(("S1", "S2")), **more),
            warned(f"w{number}", on, regions, random.randrange(1, 5), on + random.randrange(40), **more),
            sick(f"e{number}", on, random.choice((*PLACES, TOWNSHIP)), **more),
        )
    )


def some_world(seed: int) -> AreaWorld:
    """A year or more of random events and ticks."""
    random, world, today = Random(seed), AreaWorld(), 0
    for _ in range(random.randrange(1, 14)):
        if random.random() < 0.25:
            today += random.choice((1, 20, 40, 802))
            world.tick(START + today)
        else:
            world.publish(some_event(random, today))
    return world


@settings(max_examples=300)
@given(st.integers(0, 2**40))
def test_the_recount_of_events_and_ticks_comes_to_what_area_folds(seed: int) -> None:
    assert some_world(seed).differences() == []


def test_old_events_that_a_tick_took_away_come_back_with_no_correction_and_a_standing_one_stays() -> None:
    world = AreaWorld().publish(outage("o1", 0), water_test("q1", 0, PLACES[:1], False))
    world.publish(water_test("q2", 5, PLACES[:1], True)).tick(START + 803)
    assert world.standing() == [(VILLAGE, "停水3天以上")]

    world.publish(water_test("q2", 5, PLACES[:1], True, revision=1, retracted=True) | {"body": None})

    assert world.standing() == [(VILLAGE, "停水3天以上")]
    assert world.differences() == []


def due_in(signals: Sequence[Record], empty: int = 0) -> dict[str, Verdict]:
    """What households' causes are at the end of these signals, and so many households without any."""
    newest = {(said["household_id"], said["cause"]): said for said in sorted(signals, key=lambda said: said["version"])}
    verdicts = {f"N{number}": Verdict(None, At(TOWNSHIP), shipped()) for number in range(empty)}
    for (home, cause), said in newest.items():
        verdicts.setdefault(home, Verdict(None, At(TOWNSHIP), shipped()))
        if said["day"] is not None:
            since = start_of(said["day"])
            found = Finding(RULE_OF[cause], "orange", 0, ["7:x"], since, since, 1, -1, "", since=since)
            verdicts[home] = verdicts[home]._replace(counting=[*verdicts[home].counting, found])
    return verdicts


def many_homes(seed: int) -> AreaWorld:
    """Signals of a township's households in any order, often around the line, and a tick around the last day."""
    random, world = Random(seed), AreaWorld()
    causes = random.sample(sorted(CLASSES), 2)
    signals = one_each(
        [
            signal(f"H{random.randrange(9)}", random.choice((None, *range(START, START + 60, 29))), cause, version)
            for cause in causes
            for version in (1, 2)
            for _ in range(random.randrange(12))
        ]
    )
    world.verdicts = due_in(signals, random.choice((0, 995, 1190, 1200)))
    first, *rest = random.sample([*signals, *signals, census(len(world.verdicts))], 2 * len(signals) + 1)
    world.place(TOWNSHIP).take(first)
    world.tick(START + random.choice((0, 180, 209, 238, 239)))
    world.place(TOWNSHIP).take(*rest)
    return world


@settings(max_examples=300)
@given(st.integers(0, 2**40))
def test_the_recount_of_households_comes_to_what_area_counts(seed: int) -> None:
    assert many_homes(seed).differences() == []


@settings(max_examples=300)
@given(st.integers(0, 2**40))
def test_what_counts_of_a_household_and_where_it_lives_is_what_correlate_tells_its_township(seed: int) -> None:
    home = play(seed)
    due = verdicts(home.history)
    signals = home.household.signals or {}

    counted = {
        f"{place}|{group}": since for place, groups in since_when(due).items() for group, since in groups.items()
    }
    assert counted == {key: {HOUSEHOLD: told.day} for key, told in signals.items() if told.day is not None}
    assert dict(inhabited(due)) == ({home.household.home: 1} if home.household.home else {})


def test_a_household_whose_people_moved_out_is_none_of_its_township_and_its_causes_go_where_they_are() -> None:
    home = Logged(tick_day=START).begin(row("2020-01-01")).hears(graded("D"))
    due = verdicts(home.stays(row("2023-06-01", "H2", township=ELSEWHERE)).history)

    assert (home.household.home, inhabited(due)) == (None, {ELSEWHERE: 1})
    assert since_when(due) == {ELSEWHERE: {"house": {HOUSEHOLD: day("2023-05-01")}}}
    assert {key: told.day for key, told in (home.household.signals or {}).items() if told.day is not None} == {
        f"{ELSEWHERE}|house": day("2023-05-01")
    }


USED: dict[Any, list[tuple[Any, str]]] = {
    area_judge: [(area, "judge_events"), (area, "judge_class")],
    area_view: [
        *((area_judge, name) for name in ("unsettled", "subject_of", "AreaView")),
        (area_alert, "place_of"),
    ],
    regional: [(Regional, "Regional.cluster"), (Regional, "Regional.bar"), (Regional, "Regional.class_of")],
}
"""Modules that judge areas, and what is used of each where."""
KEPT = {
    "_order(fact) > _order(newest[key])": "no two events of a place have one id",
    "place < len(fact.values)": "only what is taken back says nothing, and that is not asked",
    "sorted(named) != sorted(CAUSES)": "asked when the file is read",
    "rule.id in each.rules": "asked by households",
}
"""Comparison -> why its flip changes nothing that area says."""


@pytest.mark.parametrize("module", USED)
def test_a_comparison_flipped_in_what_judges_areas_is_reported(monkeypatch: pytest.MonkeyPatch, module: Any) -> None:
    """Whichever it is, at its edge or turned round."""
    assert not reported()
    silent = []
    for mutant in mutants(inspect.getsource(module)):
        if not mutant.flips or mutant.was in KEPT:
            continue
        planted = SimpleNamespace(**vars(module))
        exec(compile(mutant.tree, "planted", "exec"), vars(planted))  # noqa: S102  # this repository's own code
        with monkeypatch.context() as patched:
            for where, name in USED[module]:
                patched.setattr(where, name.rpartition(".")[2], attrgetter(name)(planted))
            if not reported():
                silent.append(mutant.was)

    assert silent == [], "\n".join(silent)


def reported() -> bool:
    """Whether reconcile names a difference, or area itself fails, in one of some worlds."""
    try:
        return any(some_world(seed).differences() or many_homes(seed).differences() for seed in range(40))
    except Exception:  # noqa: BLE001  # a program that ends is reported by its supervisor
        return True


def test_a_person_in_two_households_is_a_conflict_and_what_is_told_otherwise_a_difference() -> None:
    told = Families()
    told.registers("a", "H1")
    told.registers("a", "H2", township=THERE)
    told.registers("b", "H3")
    told.registers("b", "H4")
    told.registers("b", "H4", retracted=True)
    rows = {person("a"): [stay("H1"), stay("H2", THERE)], person("b"): [stay("H3")]}
    live = {alert["alert_id"]: alert for alert in told.conflicts}

    assert area_differences(live, expected_conflicts(rows)) == []
    assert [alert["status"] for alert in live.values()] == ["ALERTED", WITHDRAWN]
    wrong = area_differences(live, expected_conflicts({**rows, person("a"): [stay("H1"), stay("H2", HERE)]}))
    assert [(each.what, each.live, each.expected) for each in wrong] == [
        ("township_code", THERE, HERE),
        ("village_code", f"{THERE}001", f"{HERE}001"),
    ]


def stay(household: str, township: str = HERE) -> Row:
    return row("2020-01-01", household, township=township, village=f"{township}001")
