"""The notifier without a broker: what it puts into the store, and how it sends to receivers that misbehave."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from consumers.notify_commits import WAIT_MS, Commits
from consumers.notify_intake import Arrival, Taken, take
from consumers.notify_sender import Sender
from consumers.roster import COUNTY, read_roster
from consumers.store.database import open_store, reading, writing
from consumers.store.deliveries import DELIVERY
from consumers.wording import Page, message_id
from deploy.up.program import Deadline
from schemas.failpoints import Failpoints
from tests.alerts import NEXT_TOWNSHIP, TOWNSHIP, UNLISTED, alert
from tests.live_webhook import LiveWebhook
from tests.notifiers import told, unsent

SECRET = b"s" * 32
INBOX = '{ channel = "inbox" }'
SOON = 15


@pytest.fixture
def receivers() -> Iterator[dict[str, LiveWebhook]]:
    live = {code: LiveWebhook(SECRET).start() for code in (TOWNSHIP, NEXT_TOWNSHIP)}
    yield live
    for receiver in live.values():
        receiver.stop()


def page_of(receivers: dict[str, LiveWebhook], county: str = INBOX, **more: str) -> Page:
    key = "whsec_" + base64.b64encode(SECRET).decode()
    ways = {
        code: f'{INBOX}, {{ channel = "webhook", url = "{receiver.url}", secrets = ["{key}"] }}'
        for code, receiver in receivers.items()
    }
    places = "\n".join(f"[townships.{code}]\nchannels = [{way}]" for code, way in (ways | more).items())
    return Page(read_roster(f"[county]\nchannels = [{county}]\n{places}"), "https://bus.example.org")


def taken(store: Engine, page: Page, *versions: dict[str, Any], is_new: bool = True) -> Taken:
    with writing(store) as conn:
        now = time.time_ns() // 1_000_000
        return take(conn, [Arrival(version, is_new, now) for version in versions], page, now)


@contextmanager
def sending(store: Engine, page: Page) -> Iterator[Sender]:
    sender = Sender(store, page, Failpoints(None, "notify"), lambda _: None)
    sender.start()
    yield sender
    sender.close()


def within(condition: Callable[[], bool], seconds: float = SOON) -> bool:
    return Deadline(seconds).reached(condition, every_s=0.02)


def states(store: Engine) -> list[tuple[str, str, str | None]]:
    with reading(store) as conn:
        found = select(DELIVERY.c.recipient, DELIVERY.c.state, DELIVERY.c.last_error).order_by(DELIVERY.c.recipient)
        return [(row[0], row[1], row[2]) for row in conn.execute(found)]


def raised(township: str, name: str = "a_one", version: int = 1) -> str:
    return message_id(name, version, township, "raised")


def test_inbox_message_and_deliveries_stand_with_the_alert_or_not_at_all(
    store: Engine, receivers: dict[str, LiveWebhook]
) -> None:
    page = page_of(receivers)
    with suppress(ZeroDivisionError), writing(store) as conn:
        take(conn, [Arrival(alert(), is_new=True, published_at=5)], page, 5)
        raise ZeroDivisionError

    assert (told(store), unsent(store)) == ([], 0)
    assert taken(store, page, alert()).planned == [("a_one", 1, TOWNSHIP, "webhook")]
    assert (told(store), unsent(store)) == ([("a_one", 1, TOWNSHIP, "raised")], 1)


def test_a_version_that_comes_again_or_late_is_told_to_nobody(store: Engine, receivers: dict[str, LiveWebhook]) -> None:
    page = page_of(receivers)
    taken(store, page, alert(3, "orange"))
    again = taken(store, page, alert(3, "orange"), alert(2, "red"), alert(1, "yellow"))

    assert (again.planned, dict(again.put), len(told(store))) == ([], {}, 1)


def test_what_was_told_before_the_store_was_wiped_is_only_remembered(
    store: Engine, receivers: dict[str, LiveWebhook]
) -> None:
    page = page_of(receivers)
    before = taken(store, page, alert(1, "yellow"), is_new=False)
    after = taken(store, page, alert(2, "red"))

    assert (before.planned, told(store)) == ([], [("a_one", 2, TOWNSHIP, "level_up")])
    assert len(after.planned) == 1


def test_alerts_that_nobody_is_listed_for_are_counted(store: Engine, receivers: dict[str, LiveWebhook]) -> None:
    counted = taken(store, page_of(receivers), alert(), alert(township_code=UNLISTED, alert_id="a_two"))

    assert counted.unroutable == 1
    assert ("a_two", 1, COUNTY, "raised") in told(store)


def test_a_message_reaches_the_township_signed(store: Engine, receivers: dict[str, LiveWebhook]) -> None:
    page, receiver = page_of(receivers), receivers[TOWNSHIP]
    with sending(store, page) as sender:
        taken(store, page, alert())
        sender.wake()
        assert within(lambda: not unsent(store))

    assert [(request.id, request.genuine) for request in receiver.received] == [(raised(TOWNSHIP), 1)]
    assert json.loads(receiver.received[0].body)["data"]["alert_id"] == "a_one"


@pytest.mark.parametrize("behaviour", ["hang", "drip", "slam"])
def test_a_receiver_that_hangs_delays_nobody_else(
    store: Engine, receivers: dict[str, LiveWebhook], behaviour: str
) -> None:
    page = page_of(receivers)
    receivers[TOWNSHIP].behaviour = getattr(receivers[TOWNSHIP], behaviour)
    with sending(store, page) as sender:
        taken(store, page, *(alert(alert_id=f"a_{n}") for n in range(60)))
        sender.wake()
        assert within(lambda: bool(receivers[TOWNSHIP].received))
        began = time.monotonic()
        others = [alert(township_code=NEXT_TOWNSHIP, alert_id=f"a_other_{n}") for n in range(20)]
        taken(store, page, *others)
        sender.wake()
        assert within(lambda: len(receivers[NEXT_TOWNSHIP].ids()) == 20)
        took = time.monotonic() - began
        receivers[TOWNSHIP].released.set()

    assert took < 3
    assert len(receivers[TOWNSHIP].received) < 10


def test_what_could_not_be_sent_goes_out_when_the_receiver_is_back(
    store: Engine, receivers: dict[str, LiveWebhook]
) -> None:
    page, receiver = page_of(receivers), receivers[TOWNSHIP]
    receiver.behaviour = receiver.status(503)
    with sending(store, page) as sender:
        taken(store, page, alert(), alert(alert_id="a_two"))
        sender.wake()
        assert within(lambda: len(receiver.received) >= 2)
        receiver.forget()
        receiver.behaviour = receiver.accept
        assert within(lambda: not unsent(store))

    assert receiver.ids() == {raised(TOWNSHIP): 1, raised(TOWNSHIP, "a_two"): 1}


def test_what_is_waiting_survives_a_restart(store: Engine, receivers: dict[str, LiveWebhook]) -> None:
    page, receiver = page_of(receivers), receivers[TOWNSHIP]
    receiver.behaviour = receiver.slam
    with sending(store, page) as sender:
        taken(store, page, alert())
        sender.wake()
        assert within(lambda: bool(receiver.received))
    receiver.behaviour = receiver.accept
    with sending(store, page):
        assert within(lambda: not unsent(store))

    assert states(store) == [(TOWNSHIP, "sent", None)]


def test_a_receiver_that_asks_for_a_rest_gets_it(store: Engine, receivers: dict[str, LiveWebhook]) -> None:
    page, receiver = page_of(receivers), receivers[TOWNSHIP]
    receiver.behaviour = receiver.status(429, retry_after="3")
    with sending(store, page) as sender:
        taken(store, page, *(alert(alert_id=f"a_{n}") for n in range(5)))
        sender.wake()
        assert within(lambda: bool(receiver.received))
        receiver.behaviour = receiver.accept
        assert within(lambda: not unsent(store))

    first, second = (request.arrived_at for request in receiver.received[:2])
    assert second - first >= 2.9
    assert len(receiver.ids()) == 5


def test_what_a_receiver_does_not_want_is_told_to_the_county(store: Engine, receivers: dict[str, LiveWebhook]) -> None:
    page, receiver = page_of(receivers), receivers[TOWNSHIP]
    receiver.behaviour = receiver.status(410)
    with sending(store, page) as sender:
        taken(store, page, alert())
        sender.wake()
        assert within(lambda: not unsent(store))

    assert states(store) == [(TOWNSHIP, "gave_up", "http_410")]
    assert told(store) == [("a_one", 1, TOWNSHIP, "raised"), ("a_one", 1, COUNTY, "raised")]


def test_who_is_no_longer_listed_is_not_sent_to_and_the_county_is_told(
    store: Engine, receivers: dict[str, LiveWebhook]
) -> None:
    taken(store, page_of(receivers), alert())
    only_next = page_of({NEXT_TOWNSHIP: receivers[NEXT_TOWNSHIP]})
    with sending(store, only_next):
        assert within(lambda: not unsent(store))

    assert states(store) == [(TOWNSHIP, "gave_up", "not_listed")]
    assert ("a_one", 1, COUNTY, "raised") in told(store)


def test_two_senders_on_one_store_send_each_message_once(store: Engine, receivers: dict[str, LiveWebhook]) -> None:
    page = page_of(receivers)
    with sending(store, page) as one, sending(store, page) as other:
        for number in range(10):
            taken(store, page, *(alert(alert_id=f"a_{number}_{n}") for n in range(5)))
            one.wake()
            other.wake()
        assert within(lambda: not unsent(store))

    assert set(receivers[TOWNSHIP].ids().values()) == {1}
    assert len(receivers[TOWNSHIP].ids()) == 50


def test_versions_of_an_alert_arrive_in_their_order(store: Engine, receivers: dict[str, LiveWebhook]) -> None:
    page, receiver = page_of(receivers), receivers[TOWNSHIP]
    receiver.behaviour = receiver.status(503)
    with sending(store, page) as sender:
        taken(store, page, alert(1, "yellow"), alert(2, "orange"), alert(3, "red"))
        sender.wake()
        assert within(lambda: bool(receiver.received))
        receiver.behaviour = receiver.accept
        receiver.forget()
        assert within(lambda: not unsent(store))

    said = [json.loads(request.body)["data"] for request in receiver.received]
    assert [(data["version"], data["level_before"], data["level"]) for data in said][-2:] == [
        (2, "yellow", "orange"),
        (3, "orange", "red"),
    ]
    assert [data["version"] for data in said] == sorted(data["version"] for data in said)


def test_a_locked_store_is_waited_for_and_nothing_is_lost(tmp_path: Path, receivers: dict[str, LiveWebhook]) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}", lock_seconds=0.1)
    page, receiver = page_of(receivers), receivers[TOWNSHIP]
    receiver.behaviour = receiver.accept_when_released
    with sending(store, page) as sender:
        taken(store, page, alert())
        sender.wake()
        assert within(lambda: bool(receiver.received))
        with writing(store):
            receiver.released.set()
            assert not within(lambda: not unsent(store), seconds=0.8)
        assert within(lambda: not unsent(store))
    store.dispose()

    assert receiver.ids() == {raised(TOWNSHIP): 1}


def test_a_batch_is_committed_when_all_that_it_sends_was_tried() -> None:
    commits: Commits[int] = Commits()
    commits.stored(0, 5, ["a", "b"], 0)
    commits.stored(0, 9, [], 0)
    commits.tried(["a"])
    early = commits.due(1)
    commits.tried(["b"])

    assert (early, commits.due(1), commits.due(2)) == ({}, {0: 9}, {})


def test_a_receiver_that_never_answers_holds_no_commit_up_for_long() -> None:
    commits: Commits[int] = Commits()
    commits.stored(3, 5, ["never"], 0)

    assert (commits.due(WAIT_MS - 1), commits.due(WAIT_MS)) == ({}, {3: 5})


@given(st.lists(st.tuples(st.integers(0, 2), st.lists(st.integers(0, 9))), max_size=20), st.sets(st.integers(0, 9)))
def test_nothing_is_committed_past_what_still_waits(batches: list[tuple[int, list[int]]], tried: set[int]) -> None:
    commits: Commits[int] = Commits()
    for number, (partition, keys) in enumerate(batches):
        commits.stored(partition, number + 1, keys, 0)
    commits.tried(tried)

    for partition, offset in commits.due(1).items():
        done = [set(keys) <= tried for number, (at, keys) in enumerate(batches) if at == partition and number < offset]
        assert all(done)
