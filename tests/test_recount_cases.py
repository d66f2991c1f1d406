"""With actions in the log, too, the recount comes to what correlate folds, by another way."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from schemas.beijing import start_of
from schemas.codec import Record
from schemas.fact import Fact
from schemas.partition import partition_of
from schemas.topics import REGISTER_PERSONS, TOWNSHIP_ACTIONS, events_topic
from streams.case_states import CONFIRMED, HELD, MOVES, WITHDRAWN
from streams.correlate import shipped
from streams.household import Row
from streams.reconcile import OF_FUND, OF_HELP, compared
from streams.recount import expected
from streams.recount_history import Acted, Expected, History, Published, Registered, Rolled, Ticked
from streams.register import LABOUR
from tests.builders import HOUSEHOLD, Home, bill, deed, fact, graded, row
from tests.seeds import seeds
from tests.test_case_properties import ELSEWHERE, ONWARD
from tests.test_correlate_properties import START, some_fact
from tests.test_recount import of_one_subject

HERE = partition_of(HOUSEHOLD.encode())
OF_PLANS = (*OF_HELP, *OF_FUND, "level_rule")


class Logged(Home):
    """A household that notes what a bus would keep of what it is told."""

    def begin(self, *rows: Row) -> Logged:
        self.history = History(named={HOUSEHOLD}, rule_sets=dict.fromkeys(range(12), shipped()))
        self.today = START
        return self.stays(*rows)

    def hears(self, *facts: Fact) -> Logged:
        for said in facts:
            at = (events_topic(said.department), 3, self.offset + 1)
            self.history.events.append(Published(said, None if said.person else HOUSEHOLD, at))
            self._came(at)
            self.take(said)
        return self._look()

    def stays(self, *rows: Row) -> Logged:
        offset = self.offset + 1
        self._came((REGISTER_PERSONS, 3, offset))
        self.history.rolls.setdefault(HOUSEHOLD, []).append(Rolled(offset, "p_a", offset))
        said = [Registered(offset, each.household_id, each.valid_from, each) for each in rows]
        self.history.registered.setdefault("p_a", []).extend(said)
        known = {(each.household_id, each.valid_from): each for each in self.history.rows.get("p_a", [])}
        self.history.rows["p_a"] = [*(known | {(r.household_id, r.valid_from): r for r in rows}).values()]
        self.lives("p_a", *self.history.rows["p_a"])
        return self._look()

    def ticks(self, days: int) -> Logged:
        self.today += days
        fed = {"housing": self.today, "insurers": self.today}
        self.tick(self.today, **fed)
        self.history.ticks.setdefault(HERE, []).append(Ticked(self.offset, self.today, fed))
        return self._look()

    def does(self, action: Record) -> Logged:
        self._came((TOWNSHIP_ACTIONS, 3, self.offset + 1))
        self.act(action["action"], **{k: v for k, v in action.items() if k not in ("action", "household_id")})
        self.history.actions.setdefault(HOUSEHOLD, []).append(Acted(self.offset, action["acted_at"], action))
        return self._look()

    def _came(self, at: tuple[str, int, int]) -> None:
        self.history.arrivals.setdefault(HOUSEHOLD, []).append((self.offset + 1, at))

    def _look(self) -> Logged:
        for alert in [*self.alerts, *self._present()]:
            at = (alert["source_topic"], alert["source_partition"], alert["source_offset"])
            self.history.versions.setdefault(alert["alert_id"], {})[alert["version"]] = at
        return self

    def live(self) -> dict[str, object] | None:
        """Newest version of the present alert, as reconcile finds it on the topic."""
        newest = {alert["ordinal"]: alert for alert in [*self.alerts, *self._present()]}
        standing = [alert for _, alert in sorted(newest.items()) if alert["status"] != WITHDRAWN]
        return compared(standing[-1]) if standing else None

    def _present(self) -> list[Record]:
        case = self.household.case
        return [] if case is None else [self.alert_of(each.ordinal) for each in (case, *case.others)]

    def recounted(self) -> Expected | None:
        return expected(self.history)[HOUSEHOLD]


def insured(on: int, event_id: str) -> Fact:
    return fact("insurers.coverage", start_of(on) - 86_400_000, event_id, product="anti_poverty", covered=True)


def claimed(on: int, state: str, event_id: str) -> Fact:
    return fact("insurers.claim", start_of(on), event_id, product="anti_poverty", state=state)


def some_action(random: Random, home: Logged, number: int) -> Record:
    """Mostly what is next, on the newest page; now and then anything, on any page."""
    newest = home.alerts[-1]
    code = ONWARD.get(newest["status"], "fed_back") if random.random() < 0.6 else random.choice(sorted(MOVES))
    if newest["status"] in HELD and random.random() < 0.25:
        code = "fund_paid" if newest["policies_insufficient"] else "insufficient"
    page = newest if random.random() < 0.8 else random.choice(home.alerts)
    more = {"township_code": random.choice((page["township_code"], newest["township_code"]))}
    instant = start_of(home.today) + random.randrange(86_400_000)
    page_of = {"alert_id": page["alert_id"], "version_seen": page["version"]}
    return deed(code, HOUSEHOLD, action_id=f"a{number}", acted_at=instant, **page_of, **more)


def clear(home: Logged) -> None:
    """Help the household until it is cleared of risk."""
    home.hears(graded("D", start_of(home.today) - 86_400_000, "unsafe"))
    for step in ("confirmed", "included", "planned", "delivered", "clear_proposed", "cleared"):
        page = {"alert_id": home.alert["alert_id"], "version_seen": home.alert["version"]}
        home.does(deed(step, HOUSEHOLD, action_id=step, acted_at=start_of(home.today), **page))
        if step == "delivered":
            home.hears(graded("A", start_of(home.today), "safe"))


def play(seed: int) -> Logged:
    random = Random(seed)
    tags, labour = random.choice(((), ("relocated",), ("lifted",))), random.choice(LABOUR)
    home = Logged(tick_day=None).begin(row("2020-01-01", tags=tags, labour=labour))
    home.hears(*(insured(home.today, f"i{random.randrange(2)}") for _ in range(random.randrange(2))))
    if random.random() < 0.3:
        clear(home)
    for number in range(random.randrange(3, 30)):
        chance = random.random()
        if chance < 0.3:
            said = of_one_subject(some_fact(random, home.today, (-20, -3, 0)))
            home.hears(replace(said, id=f"{said.id}-{home.today // 400}"))  # nobody revises what is long forgotten
        elif chance < 0.4:
            home.hears(graded("A", start_of(home.today + 1) - 1, f"safe{number}"))
        elif chance < 0.5:
            home.hears(bill(30_000, start_of(home.today), f"x{number}"))
        elif chance < 0.52:
            home.hears(claimed(home.today, random.choice(("reported", "paid")), f"{number}"))
        elif chance < 0.57:
            home.stays(row(home.today, township=random.choice((ELSEWHERE, "220302001"))))
        elif chance < 0.65:
            home.ticks(random.choice((1, 60, 366, 850)))
        elif home.alerts:
            home.does(some_action(random, home, number))
    return home


@seeds(400)
@given(st.integers(0, 2**40))
def test_the_recount_of_what_people_did_comes_to_what_correlate_folded(seed: int) -> None:
    home = play(seed)

    assert home.recounted() == home.live()


def test_the_random_stories_come_to_every_kind_of_help() -> None:
    said: dict[str, set[str]] = {name: set() for name in OF_PLANS}
    for seed in range(1000):
        for alert in play(seed).alerts:
            for name in OF_PLANS:
                said[name].add(str(alert[name]))
        if all(len(values) > 1 for values in said.values()):
            return
    pytest.fail(f"only ever the same: {[name for name, values in said.items() if len(values) < 2]}")


def test_a_state_that_people_did_not_bring_about_is_a_difference() -> None:
    home = Logged(tick_day=START).begin(row("2020-01-01")).hears(graded("D"))
    home.does(deed("confirmed", HOUSEHOLD, alert_id=home.alert["alert_id"], version_seen=1))
    live = home.live()
    assert live == home.recounted()
    assert live is not None
    assert live["status"] == CONFIRMED

    home.history.actions[HOUSEHOLD].clear()

    told = home.recounted()
    assert told is not None
    assert (told["status"], told["actions"]) == ("ALERTED", [])


def test_the_order_of_household_events_decides_who_answered_first() -> None:
    home = Logged(tick_day=START).begin(row("2020-01-01")).hears(graded("D"))
    page = {"alert_id": home.alert["alert_id"], "version_seen": 1}
    home.does(deed("rejected", HOUSEHOLD, action_id="a", **page)).does(deed("confirmed", action_id="b", **page))
    assert (home.recounted() or {})["status"] == "REJECTED"

    first, second = home.history.actions[HOUSEHOLD]
    home.history.actions[HOUSEHOLD] = [second._replace(offset=first.offset), first._replace(offset=second.offset)]

    assert (home.recounted() or {})["status"] == "CONFIRMED"
