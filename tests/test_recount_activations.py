"""The recount knows by which rules a household was judged when people acted, and when ticks forgot."""

from __future__ import annotations

from random import Random

from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from schemas.beijing import start_of
from schemas.topics import HOUSEHOLD_EVENTS
from streams.correlate import Moment, Source, reevaluate
from streams.household import unpack
from streams.rule_set import RuleSet
from tests.builders import HOUSEHOLD, bill, deed, graded, row
from tests.seeds import seeds
from tests.test_correlate_properties import START, some_fact
from tests.test_recount import of_one_subject
from tests.test_recount_cases import HERE, Logged, some_action
from tests.test_reevaluation import FIRST, OTHER, sets


class Activated(Logged):
    """A household that is judged anew whenever another set is activated."""

    def activates(self, rules: RuleSet) -> Activated:
        self.offset += 1
        self.rules = rules
        source = Source(HOUSEHOLD_EVENTS, HERE, self.offset, start_of(self.today))
        opened = unpack(self.stored)
        if opened.rule_set != rules.mark:
            reevaluate(self.household_id, opened, Moment(rules, self.tick_day, self.positions, source), source)
        self._store(opened)
        self.history.rule_sets[HERE] = rules
        self.history.activated.setdefault(HERE, []).append((self.offset, rules))
        self._look()
        return self


def begun() -> Activated:
    home = Activated(rules=None)
    home.begin(row("2020-01-01"))
    return home.activates(sets()[FIRST])


def play(seed: int) -> Activated:
    random, home = Random(seed), begun()
    for number in range(random.randrange(3, 30)):
        chance = random.random()
        if chance < 0.3:
            said = of_one_subject(some_fact(random, home.today, (-20, -3, 0)))
            home.hears(replace(said, id=f"{said.id}-{home.today // 400}"))
        elif chance < 0.4:
            home.hears(graded(random.choice("AD"), start_of(home.today + 1) - 1, f"house{number}"))
        elif chance < 0.5:
            home.hears(bill(15_000, start_of(home.today), f"x{number}"))
        elif chance < 0.6:
            home.activates(sets()[random.choice((FIRST, OTHER))])
        elif chance < 0.65:
            home.ticks(random.choice((1, 60, 366)))
        elif home.alerts:
            home.does(some_action(random, home, number))
    return home


@seeds(300)
@given(st.integers(0, 2**40))
@example(4006)  # a person acts on an alert that was withdrawn before anybody looked at it
def test_the_recount_follows_every_activation(seed: int) -> None:
    home = play(seed)

    assert home.recounted() == home.live()


def test_what_a_person_saw_is_known_by_the_rules_of_that_day() -> None:
    home = begun().activates(sets()[OTHER])
    home.hears(bill(6_000, start_of(START)), graded("D", start_of(START), "house"))
    home.does(deed("rejected", HOUSEHOLD, alert_id=home.alert["alert_id"], version_seen=home.alert["version"]))
    home.activates(sets()[FIRST])

    told = home.recounted()
    assert told == home.live()
    assert told is not None
    assert [cause["rule"] for cause in told["causes"]] == ["C1"], "the bill was not on the page that was rejected"
