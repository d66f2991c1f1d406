"""Another rule set: every household is judged by it as if at once, in slices or when it is touched."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from functools import cache
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.codec import decode
from schemas.topics import ALERTS, HOUSEHOLD_EVENTS
from streams import rule_program
from streams.changelog import ENTITY, HEADER_BYTES
from streams.correlate_program import Correlate
from streams.household import unpack
from streams.rule_set import RuleSet
from tests.builders import bill, day, graded
from tests.explanations import published
from tests.fake_log import FakeRecord
from tests.offline import OfflineWorker, activation_record, household_record, households_on, tick_record
from tests.seeds import seeds
from tests.test_correlate_properties import DAYS, START, some_fact

HOMES = households_on(0, 6)


@cache
def sets() -> dict[str, RuleSet]:
    """A published set, and one in which houses of grade D are orange, lines are halved, and no rule reads another."""
    content = json.loads(published().content)
    content["rules"] = [rule for rule in content["rules"] if "parts" not in rule["condition"]]
    for rule in content["rules"]:
        if rule["id"] == "R13":
            rule["levels"] = [{"level": "orange", "says": "D级", "where": {"grade": ["D"]}}]
        for line in rule.get("thresholds", []):
            line |= {name: fen // 2 for name, fen in line.items() if name not in {"region", "year"}}
    other = RuleSet.from_content(json.dumps(content))
    return {published().hash: published(), other.hash: other}


FIRST, OTHER = sets()


def worker() -> OfflineWorker:
    made = OfflineWorker(Correlate(lambda name: sets().get(name)))
    made.take_over({HOUSEHOLD_EVENTS: 1000})
    return made


def alerts(of: OfflineWorker) -> dict[tuple[str, int], bytes]:
    """Every version that was published, by alert and version; the same one is the same bytes each time."""
    found: dict[tuple[str, int], bytes] = {}
    for _, message in of.producer.records(ALERTS):
        said = decode(message)[1]
        assert message is not None
        assert found.setdefault((said["alert_id"], said["version"]), message) == message
    return found


def state(of: OfflineWorker) -> dict[bytes, bytes]:
    rows = of.table.partitions[0].rows
    return {key: row[HEADER_BYTES:] for key, row in rows.items() if key[:1] == ENTITY}


def judged_by(of: OfflineWorker) -> list[str]:
    marks = {rules.mark: of_set for of_set, rules in sets().items()}
    return [marks[unpack(body).rule_set] for body in state(of).values()]


def unsafe_houses(first: int) -> list[FakeRecord]:
    return [household_record(first + place, home, graded("D")) for place, home in enumerate(HOMES)]


async def begun() -> OfflineWorker:
    """Every household has a red alert under the first set; then the other set is activated."""
    made = worker()
    await made.process(HOUSEHOLD_EVENTS, [activation_record(0, 0, FIRST), *unsafe_houses(1)])
    await made.process(HOUSEHOLD_EVENTS, [activation_record(7, 0, OTHER)])
    return made


def test_slices_judge_every_household_and_publish_what_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        monkeypatch.setattr(rule_program, "SLICE_SECONDS", 0)
        made = await begun()
        before = len(alerts(made))
        for left in range(len(HOMES), 0, -1):
            assert (made.program.unfinished(), judged_by(made).count(FIRST)) == ([0], left)
            await made.go_on()

        assert made.program.unfinished() == []
        assert judged_by(made) == [OTHER] * len(HOMES)
        newer = [decode(message)[1] for message in list(alerts(made).values())[before:]]
        assert [(a["level"], a["version"], a["rule_set"], a["source_offset"]) for a in newer] == [
            ("orange", 2, OTHER, 7)
        ] * len(HOMES)

    asyncio.run(story())


def test_a_household_that_is_touched_first_makes_the_version_that_a_slice_would_have_made() -> None:
    async def story() -> None:
        touched, sliced = await begun(), await begun()
        touch = household_record(8, HOMES[0], bill(1, "2023-06-01", "e9"))
        await touched.process(HOUSEHOLD_EVENTS, [touch])
        await sliced.go_on()
        await sliced.process(HOUSEHOLD_EVENTS, [touch])
        await touched.go_on()

        assert state(touched) == state(sliced)
        assert alerts(touched) == alerts(sliced)

    asyncio.run(story())


@pytest.mark.parametrize(
    "barrier", [tick_record(8, 0, day("2023-06-01"), housing=19_500), activation_record(8, 0, FIRST)]
)
def test_a_tick_and_another_activation_wait_until_all_are_judged(barrier: FakeRecord) -> None:
    async def story() -> None:
        made, sliced = await begun(), await begun()
        await sliced.go_on()
        for each in (made, sliced):
            await each.process(HOUSEHOLD_EVENTS, [barrier])
            await each.go_on()

        assert state(made) == state(sliced)
        assert {version for _, version in alerts(made)} >= {1, 2}

    asyncio.run(story())


def test_a_new_owner_goes_on_where_the_old_one_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        monkeypatch.setattr(rule_program, "SLICE_SECONDS", 0)
        made = await begun()
        await made.go_on()
        heir = OfflineWorker(Correlate(lambda name: sets().get(name)), made.producer)
        heir.take_over({HOUSEHOLD_EVENTS: 1000}, generation=2)

        assert heir.program.unfinished() == [0]
        monkeypatch.setattr(rule_program, "SLICE_SECONDS", 60)
        await heir.go_on()
        assert judged_by(heir) == [OTHER] * len(HOMES)
        assert {version for _, version in alerts(heir)} == {1, 2}

        again = OfflineWorker(Correlate(lambda name: sets().get(name)), made.producer)
        again.take_over({HOUSEHOLD_EVENTS: 1000}, generation=3)
        assert again.program.unfinished() == []

    asyncio.run(story())


def test_what_a_stopped_owner_writes_late_does_not_undo_it() -> None:
    async def story() -> None:
        stopped = worker()
        heir = OfflineWorker(Correlate(lambda name: sets().get(name)), stopped.producer)
        heir.take_over({HOUSEHOLD_EVENTS: 1000}, generation=2)
        first = [activation_record(0, 0, FIRST), *unsafe_houses(1)]
        await heir.process(HOUSEHOLD_EVENTS, [*first, activation_record(7, 0, OTHER)])
        await heir.go_on()
        await stopped.process(HOUSEHOLD_EVENTS, first)
        last = OfflineWorker(Correlate(lambda name: sets().get(name)), stopped.producer)
        last.take_over({HOUSEHOLD_EVENTS: 1000}, generation=3)

        assert judged_by(last) == [OTHER] * len(HOMES)

    asyncio.run(story())


def some_log(random: Random) -> list[FakeRecord]:
    """Facts, ticks and activations in any mixture."""
    log, last = [activation_record(0, 0, FIRST)], START + 400
    for offset in range(1, random.randrange(2, 30)):
        sort = random.randrange(10)
        if sort == 0:
            log.append(activation_record(offset, 0, random.choice((FIRST, OTHER))))
        elif sort == 1:
            last += random.randrange(1, 500)
            log.append(tick_record(offset, 0, last, housing=last))
        else:
            said = some_fact(random, START, DAYS)
            while said.person is not None:
                said = some_fact(random, START, DAYS)
            log.append(household_record(offset, random.choice(HOMES), said))
    return log


async def run(log: Sequence[FakeRecord], random: Random | None) -> OfflineWorker:
    """Fold a log at once, or in batches with slices and takeovers between them; in the end nobody waits."""
    made, place = worker(), 0
    while place < len(log):
        upto = len(log) if random is None else place + random.randrange(1, 6)
        await made.process(HOUSEHOLD_EVENTS, log[place:upto])
        place = upto
        for _ in range(0 if random is None else random.randrange(3)):
            await made.go_on()
        if random is not None and random.random() < 0.2:
            made = OfflineWorker(Correlate(lambda name: sets().get(name)), made.producer)
            made.take_over({HOUSEHOLD_EVENTS: 1000}, generation=place + 1)
    while made.program.unfinished():
        await made.go_on()
    return made


@seeds(150)
@given(st.integers(0, 2**32))
def test_slices_change_when_a_household_is_judged_and_never_what_comes_of_it(seed: int) -> None:
    log = some_log(Random(seed))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rule_program, "SLICE_SECONDS", 0)
        at_once, in_slices = asyncio.run(run(log, None)), asyncio.run(run(log, Random(seed)))

    assert state(in_slices) == state(at_once)
    told, others = alerts(in_slices), alerts(at_once)
    assert {key: told[key] for key in told.keys() & others.keys()} == {
        key: others[key] for key in told.keys() & others.keys()
    }
