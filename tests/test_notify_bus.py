"""The notifier on a real broker: killed at every point, doubled, on a wiped store, with unreadable records."""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from consumers.failpoints import POINTS
from consumers.roster import COUNTY
from consumers.store.database import writing
from consumers.wording import message_id
from deploy.up.program import Deadline
from schemas.codec import encode
from schemas.topics import ALERTS, DEAD_LETTERS
from tests.alerts import TOWNSHIP, UNLISTED, alert, encoded
from tests.kafka_hands import decoded, publish
from tests.live_broker import LiveBroker
from tests.live_webhook import LiveWebhook
from tests.made_up_load import Message
from tests.notifiers import Notifier, committed, end_of_log, raise_alerts, stored, told, unsent

pytestmark = pytest.mark.kafka

ROUNDS = 5
SECRET = b"s" * 32


@pytest.fixture
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return a broker of its own: the group's offsets are every notifier's."""
    live = LiveBroker(tmp_path_factory.mktemp("notify-broker"))
    live.start()
    yield live.declared()
    live.stop()


@pytest.fixture
def receiver() -> Iterator[LiveWebhook]:
    live = LiveWebhook(SECRET).start()
    yield live
    live.stop()


def roster(receiver: LiveWebhook) -> str:
    key = "whsec_" + base64.b64encode(SECRET).decode()
    hook = f'{{ channel = "webhook", url = "{receiver.url}", secrets = ["{key}"] }}'
    return f'[townships.{TOWNSHIP}]\nchannels = [{{ channel = "inbox" }}, {hook}]\n'


def raised(number: int, version: int = 1, **changed: Any) -> dict[str, Any]:
    return alert(version, **{"alert_id": f"a_{number:03}", "household_id": f"H{number}", **changed})


def raise_slowly(servers: str, alerts: int) -> None:
    """Publish a few at a time, each with a client of its own."""
    for at in range(0, alerts, 5):
        raise_alerts(servers, [raised(number) for number in range(at, at + 5)])


def everything(numbers: range) -> tuple[list[tuple[str, int, str, str]], dict[str, int]]:
    """Inbox messages and webhook ids of these alerts, each once."""
    names = [f"a_{number:03}" for number in numbers]
    return (
        [(name, 1, TOWNSHIP, "raised") for name in names],
        {message_id(name, 1, TOWNSHIP, "raised"): 1 for name in names},
    )


def settle(engine: Engine, servers: str, alerts: int, seconds: float = 60) -> None:
    """Wait until all is taken in, sent and committed."""
    done = Deadline(seconds).reached(
        lambda: stored(engine) == alerts and not unsent(engine) and committed(servers) == end_of_log(servers),
        every_s=0.1,
    )
    assert done, (stored(engine), unsent(engine), committed(servers), end_of_log(servers))


def test_killed_at_every_point_it_tells_everybody_once_and_loses_nothing(
    servers: str, receiver: LiveWebhook, tmp_path: Path
) -> None:
    notifier = Notifier("notify", servers, tmp_path / "n", roster(receiver))
    kills = [point for _ in range(ROUNDS) for point in POINTS]
    for number, point in enumerate(kills):
        notifier.order(point)
        raise_alerts(servers, [raised(number)])
        notifier.start()
        assert notifier.ended() == -9, (point, notifier.last_words())
    notifier.start()
    engine = notifier.store()
    settle(engine, servers, len(kills))
    messages, ids = everything(range(len(kills)))

    assert told(engine) == messages
    assert dict.fromkeys(receiver.ids(), 1) == ids
    assert all(request.genuine for request in receiver.received)
    notifier.end()


def test_two_notifiers_of_which_one_is_killed_now_and_then_tell_everybody_once(
    servers: str, receiver: LiveWebhook, store_url: str, tmp_path: Path
) -> None:
    pair = [Notifier(name, servers, tmp_path / "n", roster(receiver), store_url) for name in ("notify", "notify-2")]
    for notifier in pair:
        notifier.start_ready()
    alerts = 60
    publisher = threading.Thread(target=raise_slowly, args=(servers, alerts))
    publisher.start()
    for victim in (*pair, *pair):
        victim.kill()
        victim.start_ready()
    publisher.join()
    engine = pair[0].store()
    settle(engine, servers, alerts)
    messages, ids = everything(range(alerts))

    assert told(engine) == messages
    assert dict.fromkeys(receiver.ids(), 1) == ids
    for notifier in pair:
        assert notifier.stop() == 0


def test_a_wiped_store_is_rebuilt_and_nothing_that_was_told_is_told_again(
    servers: str, receiver: LiveWebhook, tmp_path: Path
) -> None:
    first = Notifier("notify", servers, tmp_path / "first", roster(receiver))
    raise_alerts(servers, [raised(number, level="yellow") for number in range(30)])
    first.start_ready()
    settle(first.store(), servers, 30)
    assert first.stop() == 0
    receiver.forget()
    raise_alerts(servers, [raised(7, 2, level="red")])
    rebuilt = Notifier("notify", servers, tmp_path / "second", roster(receiver))
    rebuilt.start_ready()
    engine = rebuilt.store()
    settle(engine, servers, 30)

    assert told(engine) == [("a_007", 2, TOWNSHIP, "level_up")]
    assert receiver.ids() == {message_id("a_007", 2, TOWNSHIP, "level_up"): 1}
    assert rebuilt.metric("alertbus_stage_seconds_count", stage="alert_notified") == 0
    rebuilt.end()


def test_what_cannot_be_read_goes_to_dead_letters_and_the_rest_is_told(
    servers: str, receiver: LiveWebhook, tmp_path: Path
) -> None:
    notifier = Notifier("notify", servers, tmp_path / "n", roster(receiver))
    tick = encode("tick", {"day": 20_000, "positions": {}, "written_at": 0})
    green = encoded(raised(3, level="green"))
    publish(servers, [Message(ALERTS, 0, b"H1", junk) for junk in (b"no avro", tick, green)])
    raise_alerts(servers, [raised(1), raised(2, township_code=UNLISTED)])
    notifier.start_ready()
    engine = notifier.store()
    settle(engine, servers, 2)

    assert [letter["reason"] for letter in decoded(servers, DEAD_LETTERS)] == ["not_avro", "wrong_schema", "unreadable"]
    assert told(engine) == [("a_001", 1, TOWNSHIP, "raised"), ("a_002", 1, COUNTY, "raised")]
    assert notifier.metric("alertbus_unreadable_alerts_total") == 3
    assert notifier.metric("alertbus_unroutable_alerts_total") == 1
    assert notifier.metric("alertbus_notifications_total", channel="webhook", kind="raised", outcome="sent") == 1
    assert notifier.metric("alertbus_notifications_total", channel="inbox", kind="raised", outcome="sent") == 2
    assert notifier.metric("alertbus_notifications_total", channel="webhook", kind="withdrawn", outcome="gave_up") == 0
    assert notifier.metric("alertbus_stage_seconds_count", stage="alert_notified") == 2
    assert sum(v for (name, _), v in notifier.metrics().items() if name == "alertbus_lag_records") == 0
    notifier.end()


def test_neither_log_nor_metrics_say_who_or_where(servers: str, receiver: LiveWebhook, tmp_path: Path) -> None:
    receiver.behaviour = receiver.status(503)
    notifier = Notifier("notify", servers, tmp_path / "n", roster(receiver).replace("/hook", "/hook?key=canary"))
    raise_alerts(servers, [raised(1, household_id="H-CANARY")])
    notifier.start_ready()
    tried = Deadline(20).reached(
        lambda: notifier.metric("alertbus_notifications_total", channel="webhook", kind="raised", outcome="retry") > 0
    )
    assert notifier.stop() == 0
    said = notifier.log.read_text(encoding="utf-8")

    assert tried
    assert "http_503" in said
    assert not {"canary", "H-CANARY", "whsec_", "127.0.0.1:" + str(receiver.port)} & set(said.replace("?", " ").split())
    assert "canary" not in said.lower()


def test_it_goes_on_when_the_broker_was_away(receiver: LiveWebhook, tmp_path: Path) -> None:
    broker = LiveBroker(tmp_path / "broker")
    broker.start()
    servers = broker.declared()
    notifier = Notifier("notify", servers, tmp_path / "n", roster(receiver))
    notifier.start_ready()
    raise_alerts(servers, [raised(1)])
    broker.kill()
    broker.start()
    raise_alerts(servers, [raised(2)])
    engine = notifier.store()
    settle(engine, servers, 2)
    messages, _ = everything(range(1, 3))
    code = notifier.stop()
    broker.kill()

    assert (told(engine), code) == (messages, 0)


def test_a_locked_store_is_waited_for_and_the_alert_read_again(
    servers: str, receiver: LiveWebhook, tmp_path: Path
) -> None:
    notifier = Notifier("notify", servers, tmp_path / "n", roster(receiver))
    notifier.start_ready()
    engine = notifier.store()
    with writing(engine):
        raise_alerts(servers, [raised(1)])
        failed = Deadline(30).reached(lambda: "store: database is locked" in notifier.log.read_text(encoding="utf-8"))
        shown = Deadline(5).reached(lambda: not notifier.is_ready())
    settle(engine, servers, 1)
    notifier.end()

    assert (failed, shown) == (True, True)
    assert told(engine) == [("a_001", 1, TOWNSHIP, "raised")]


def test_a_store_that_is_ahead_of_the_log_stops_for_a_person(
    servers: str, receiver: LiveWebhook, tmp_path: Path
) -> None:
    notifier = Notifier("notify", servers, tmp_path / "n", roster(receiver))
    raise_alerts(servers, [raised(1)])
    notifier.start_ready()
    settle(notifier.store(), servers, 1)
    notifier.stop()
    other = LiveBroker(tmp_path / "other")
    other.start()
    elsewhere = Notifier("notify", other.declared(), tmp_path / "e", roster(receiver), notifier.url)
    elsewhere.start()
    code = elsewhere.ended()
    other.stop()

    assert code == 78
    assert "begin with an empty store" in elsewhere.last_words()


def test_a_roster_that_cannot_be_meant_stops_for_a_person(tmp_path: Path) -> None:
    notifier = Notifier("notify", "127.0.0.1:1", tmp_path / "n", "[township.1]")
    notifier.start()

    assert notifier.ended() == 78
    assert "township is not known; allowed: county, quiet, townships" in notifier.last_words()
