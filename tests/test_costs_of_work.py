"""What a record costs, counted in calls of functions: that depends on nothing else the machine does."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from functools import partial
from types import FrameType

import pytest

from schemas.fact import Fact
from schemas.kinds import kinds_by_code
from schemas.topics import HOUSEHOLD_EVENTS
from streams.correlate import Moment, Source, fold_fact, reevaluate
from streams.correlate_program import Correlate
from streams.household import Household, pack, unpack
from streams.rule_set import RuleSet, shipped
from tests.builders import HOUSEHOLD, at, bill, day, fact, graded, household, routed
from tests.offline import OfflineWorker, activation_record, household_record, households_on, tick_record

NOWHERE = Source("", 0, 0, 0)
PER_HOUSEHOLD = [kind for kind, known in kinds_by_code().items() if not known.area]


def calls(work: Callable[[], object]) -> int:
    """How many functions, Python's own included, are called meanwhile."""
    counted = 0

    def count(_frame: FrameType, event: str, _arg: object) -> None:
        nonlocal counted
        counted += event in {"call", "c_call"}

    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(None)
    return counted


def only_readers_of(kind: int) -> RuleSet:
    """The shipped rules that read a kind, and what they are made of."""
    kept = {rule.id for rule in shipped().rules.values() if kind in rule.condition.reads}
    content = json.loads(shipped().content)
    by_id = {rule["id"]: rule for rule in content["rules"]}
    asked = list(kept)
    while asked:
        condition = by_id[asked.pop()]["condition"]
        named = [*condition.get("parts", ()), *condition.get("company", ())]
        asked += [each for each in named if each in by_id and each not in kept]
        kept.update(named)
    content["rules"] = [rule for rule in content["rules"] if rule["id"] in kept]
    return RuleSet.from_content(json.dumps(content))


def judged(rules: RuleSet, *facts: Fact) -> Callable[[Fact], int]:
    """Cost of folding one more fact into a household that holds these."""
    moment, home = Moment(rules, None, {}), household(*facts)
    reevaluate(HOUSEHOLD, home, moment, NOWHERE)
    stored = pack(home)

    def fold(new: Fact) -> int:
        for _ in range(2):  # the first time what is made once for all is made
            opened: Household = unpack(stored)
            cost = calls(partial(fold_fact, HOUSEHOLD, opened, routed(new), moment, NOWHERE))
        return cost

    return fold


@pytest.mark.parametrize("kind", PER_HOUSEHOLD)
def test_rules_that_do_not_read_a_kind_cost_its_facts_nothing(kind: str) -> None:
    few, all_ = only_readers_of(kinds_by_code()[kind].number), shipped()
    assert len(few.rules) < len(all_.rules)
    new = fact(kind, "2023-06-01", "new")

    watching = len(all_.watching) - len(few.watching)  # of a rule that watches a deadline one weight is looked at
    assert judged(few)(new) <= judged(all_)(new) <= judged(few)(new) + watching


def test_a_fact_costs_at_most_in_proportion_to_the_facts_of_its_household() -> None:
    def cost(number: int) -> int:
        known = [bill(2_000, at("2023-01-01") + 86_400_000 * n, f"b{n}") for n in range(number)]
        return judged(shipped(), *known)(bill(2_000, "2023-12-01", "new"))

    few, more, many = cost(50), cost(100), cost(200)

    assert many - more <= 2.2 * (more - few)


@pytest.mark.parametrize("record", ["fact", "tick"])
def test_a_record_costs_the_same_however_many_households_there_are(record: str) -> None:
    def cost(households: int) -> int:
        homes = households_on(0, households)
        known = [household_record(1 + n, home, bill(10, "2023-05-01", f"b{n}")) for n, home in enumerate(homes)]
        worker = OfflineWorker(Correlate(lambda _: shipped()))
        worker.take_over({HOUSEHOLD_EVENTS: 10_000})
        asyncio.run(worker.process(HOUSEHOLD_EVENTS, [activation_record(0, 0, shipped().hash), *known]))
        offset = 1 + households
        new = {
            "fact": household_record(offset, homes[0], graded("D", "2023-06-01", "new")),
            "tick": tick_record(offset, 0, day("2023-06-02"), housing=day("2023-06-01")),
        }
        return calls(lambda: asyncio.run(worker.process(HOUSEHOLD_EVENTS, [new[record]])))

    cost(20)
    assert cost(400) <= cost(20) * 1.02
