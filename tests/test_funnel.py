"""The funnel: records, evidence, alerts, what was told, verdicts; each line adds up, whatever happens."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, insert, make_url

from consumers.funnel import TITLES, Line, alert_lines, lines_in, records_line, steps, sums_of
from consumers.metrics import REGISTRY
from consumers.notify_gauges import show_stored
from consumers.notify_intake import Arrival, take
from consumers.quiet import heed
from consumers.roster import NOBODY
from consumers.store import database
from consumers.store.alert_lists import count_alerts
from consumers.store.alerts import ALERT, _row
from consumers.store.database import open_store, reading, writing
from consumers.store.funnel import disowned_by_state, sums
from consumers.store.told import Told
from consumers.wording import Page
from schemas.actions import STATUSES
from tests.alerts import KNOWN_AT, alert, cause
from tests.histories import COOL_DOWN, Alert, gone, histories, on


def taken(store: Engine, *versions: Alert, is_new: bool = True) -> None:
    with writing(store) as conn:
        take(conn, [Arrival(each, is_new, 5) for each in versions], Page(NOBODY, "https://bus.example.org"), 5)


def lines(store: Engine) -> dict[str, dict[str, int]]:
    """Parts that are not none, by line; each line adds up."""
    with reading(store) as conn:
        states = Counter[str]()
        for count in count_alerts(conn, None):
            states[count.status] += count.alerts
        found = alert_lines(sums(conn), states, disowned_by_state(conn))
    assert all(line.adds_up for line in found), found
    return {line.name: {name: number for name, number in line.parts.items() if number} for line in found}


def with_evidence(*ids: str, more: int = 0) -> Alert:
    return cause("R-A", "orange") | {"evidence": list(ids), "evidence_count": len(ids) + more}


def test_several_records_are_one_alert_with_all_its_evidence(store: Engine) -> None:
    both = [with_evidence("a", "b"), with_evidence("b", "c") | {"rule": "R-B"}]
    taken(store, on(0, 1, causes=[with_evidence("a")]), on(0, 2, causes=both))

    assert lines(store)["evidence"] == {"first": 1, "merged": 2}
    assert lines(store)["alerts"] == {"waiting": 1}


def test_evidence_that_is_only_counted_counts(store: Engine) -> None:
    taken(store, on(0, 1, causes=[with_evidence("a", "b", more=201)]))

    assert lines(store)["evidence"] == {"first": 1, "merged": 202}


def test_what_is_withdrawn_gives_its_evidence_back(store: Engine) -> None:
    taken(store, on(0, 1), gone(1, 2))

    assert lines(store) == {"evidence": {}, "alerts": {"withdrawn": 1}, "news": {"pushed": 1, "taken_back": 1}}


def test_what_is_restored_or_held_back_is_counted_apart_from_what_is_pushed(store: Engine) -> None:
    taken(store, on(0, 1), gone(1, 2), on(2, 3), on(2, 4, "yellow"), on(4, 5))

    assert lines(store)["news"] == {"pushed": 1, "taken_back": 1, "restored": 1, "held": 1}


def test_a_repetition_is_held_and_a_version_that_comes_again_is_no_news(store: Engine) -> None:
    versions = on(0, 1), on(1, 2, "yellow"), on(2, 3)
    taken(store, *versions)
    taken(store, *versions)

    assert lines(store)["news"] == {"pushed": 1, "held": 1}


def test_the_funnel_is_rebuilt_with_the_alerts(store: Engine) -> None:
    taken(store, on(0, 1), gone(1, 2), is_new=False)
    taken(store, on(0, 1), gone(1, 2), on(2, 3))

    assert lines(store)["news"] == {"pushed": 1, "taken_back": 1, "restored": 1}


def test_every_state_is_part_of_the_line_of_alerts(store: Engine) -> None:
    states = sorted(STATUSES)
    made = [alert(1, alert_id=f"a_{n}", household_id=f"H{n}", status=status) for n, status in enumerate(states)]
    taken(store, *made, alert(1, alert_id="a_other", household_id="H-x", status="ACKED", not_mine=True))

    found = lines(store)["alerts"]
    assert sum(found.values()) == len(states) + 1
    assert (found["waiting"], found["not_mine"], found["watch"]) == (4, 1, 1)
    assert (found["rejected"], found["covered"], found["withdrawn"]) == (1, 1, 1)


@given(histories())
def test_whatever_happens_the_lines_add_up(history: list[Alert]) -> None:
    newest: dict[str, Alert] = {}
    known: dict[str, Told] = {}
    total = Counter[str]()
    for each in history:
        heeded = heed(newest.get(each["alert_id"]), each, known, COOL_DOWN)
        total.update(sums_of(newest.get(each["alert_id"]), each, heeded))
        known |= heeded.told
        newest[each["alert_id"]] = each
    found = alert_lines(total, Counter(one["status"] for one in newest.values()), {})

    assert all(line.adds_up for line in found)
    assert lines_in(steps(found)) == found


@given(st.dictionaries(st.sampled_from(["applied", "duplicate", "parked", "dead_lettered"]), st.integers(0, 99)))
def test_what_is_not_read_yet_stands_in_the_line_of_records(outcomes: dict[str, int]) -> None:
    line = records_line(sum(outcomes.values()) + 7, outcomes)

    assert line.adds_up
    assert line.parts["unread"] == 7
    assert not records_line(sum(outcomes.values()) - 1, outcomes).adds_up


def test_a_line_reads_as_a_sentence() -> None:
    line = Line("news", 1200, {"pushed": 1000, "taken_back": 150, "restored": 20, "held": 30})

    assert str(line) == (
        "应通知的变化 1,200 条：推送 1,000，撤回或移交 150，恢复（只进收件箱） 20，静默期内不重复通知 30。"
    )
    assert all(name in TITLES for each in (*alert_lines({}, {}, {}), records_line(0, {})) for name in each.parts)


def test_the_notifier_shows_it(store: Engine) -> None:
    taken(store, on(0, 1), on(1, 2, "yellow"), on(2, 3))
    with reading(store) as conn:
        show_stored(conn, KNOWN_AT)

    samples = [sample for family in REGISTRY.collect() for sample in family.samples]
    shown = {s.labels["step"]: s.value for s in samples if s.name == "alertbus_funnel"}
    assert (shown["news"], shown["news.pushed"], shown["news.held"], shown["alerts.waiting"]) == (2, 1, 1, 1)


@pytest.mark.parametrize("more", [0, 3])
def test_alerts_that_were_there_before_there_was_a_funnel_are_counted(store_url: str, more: int) -> None:
    old = database._engine(make_url(store_url), 5)
    with writing(old) as conn:
        database._migrate(conn, "0007")
        made = [on(0, 1, causes=[with_evidence("a", "b", more=more)]), alert(2, alert_id="a_two", causes=[])]
        conn.execute(insert(ALERT), [_row(each, 5) for each in made])
    engine = open_store(store_url)
    with reading(engine) as conn:
        assert sums(conn) == {"alerts": 2, "evidence": 2 + more, "first": 1, "merged": 1 + more}
    old.dispose()
    engine.dispose()
