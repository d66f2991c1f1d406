"""Households that move, a person in two of them, a store that was wiped: on a real broker, each is told once."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, select

from consumers.failpoints import POINTS
from consumers.inbox.deadline import deadline_of
from consumers.roster import COUNTY
from consumers.store.accounts import account_named, accounts, add_account, set_password
from consumers.store.alert_lists import Stored, Wanted, alert_of, count_alerts, list_alerts, versions_of
from consumers.store.area_alerts import list_area_alerts
from consumers.store.book import Family, households_in_book, put_families, read_family
from consumers.store.book_key import create_book_key, read_book_key
from consumers.store.database import open_store, reading, writing
from consumers.store.notes import Note, notes_of, put_note
from consumers.store.outbox import OUTBOX, Outgoing, put_action
from consumers.wording import message_id
from schemas.codec import Record
from tests.backups import backup_of
from tests.families import HERE, THERE, Families
from tests.live_broker import LiveBroker
from tests.live_webhook import LiveWebhook
from tests.notifiers import Notifier, raise_alerts, raise_area_alerts, told
from tests.test_notify_bus import settle
from tests.test_register_life import bill

pytestmark = pytest.mark.kafka

SECRET = b"s" * 32
NOW = 1_790_000_500_000


@pytest.fixture
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return a broker of its own: the group's offsets are every notifier's."""
    live = LiveBroker(tmp_path_factory.mktemp("life-broker"))
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
    inbox = '{ channel = "inbox" }'
    return f"[townships.{HERE}]\nchannels = [{inbox}, {hook}]\n[townships.{THERE}]\nchannels = [{inbox}]\n"


class Story:
    """A family with a bill, which moves; and a person whom two households claim: all versions that processors make."""

    def __init__(self, home: str) -> None:
        told = Families()
        told.registers("a", home)
        told.event(bill("a", "2023-04-30", f"b-{home}", yuan=60_000))
        self.raised = told.alert(home)
        told.registers("a", home, "2023-06-01", township=THERE)
        self.moved = told.alert(home)
        self.alert_id = str(self.raised["alert_id"])
        told.act(home, "confirmed", THERE)
        self.answered = told.alert(home)
        told.registers("b", home, "2021-01-01")
        told.registers("b", f"{home}-2", "2021-01-01")
        told.registers("b", f"{home}-2", "2021-01-01", retracted=True)
        self.conflict, self.settled = ({**each, "alert_id": f"r_{home}"} for each in told.conflicts)

    def messages(self) -> list[tuple[str, int, str, str]]:
        """What must stand in inboxes after the move and the conflict."""
        moved = (self.alert_id, int(self.moved["version"]))
        return [
            (self.alert_id, 1, HERE, "raised"),
            (*moved, HERE, "handed_over"),
            (*moved, THERE, "taken_over"),
            (str(self.conflict["alert_id"]), int(self.conflict["version"]), COUNTY, "area_raised"),
        ]


def due(alert: Record) -> object:
    return deadline_of(alert["level"], alert["status"], alert["raised_at"], NOW)


def test_a_hand_over_and_a_conflict_are_told_once_wherever_the_notifier_is_killed(
    servers: str, receiver: LiveWebhook, tmp_path: Path
) -> None:
    stories = [Story(f"H{number}") for number in range(len(POINTS))]
    notifier = Notifier("notify", servers, tmp_path / "n", roster(receiver))
    raise_alerts(servers, [story.raised for story in stories])
    notifier.start_ready()
    engine = notifier.store()
    settle(engine, servers, len(stories))
    notifier.stop()
    for point, story in zip(POINTS, stories, strict=True):
        notifier.order(point)
        raise_alerts(servers, [story.moved])
        raise_area_alerts(servers, [story.conflict])
        notifier.start()
        assert notifier.ended() == -9, (point, notifier.last_words())
    notifier.start_ready()
    settle(engine, servers, len(stories))

    assert told(engine) == sorted(message for story in stories for message in story.messages())
    hooks = [(*message[:3], message[3]) for story in stories for message in story.messages()[:2]]
    assert receiver.ids().keys() == {message_id(*hook) for hook in hooks}
    with reading(engine) as conn:
        assert list_alerts(conn, Wanted(HERE), 9) == ([], None)
        assert {each.alert_id for each in list_alerts(conn, Wanted(THERE), 9)[0]} == {s.alert_id for s in stories}
        assert len(list_area_alerts(conn, 9)) == len(stories)
        for story in stories:
            found = alert_of(conn, story.alert_id, THERE)
            assert found
            assert found.content["previous_township_code"] == HERE
            assert due(found.content) == due(story.raised) is not None  # it keeps running
    notifier.end()


def everything(engine: Engine) -> dict[str, object]:
    """What Kafka alone must bring back."""
    with reading(engine) as conn:
        alerts, _ = list_alerts(conn, Wanted(None), 99)
        ended, _ = list_alerts(conn, Wanted(None, is_open=False), 99)
        return {
            "alerts": alerts + ended,
            "versions": [versions_of(conn, each.alert_id) for each in alerts + ended],
            "counts": sorted(map(repr, count_alerts(conn, None))),
            "conflicts": list_area_alerts(conn, 99) + list_area_alerts(conn, 99, is_open=False),
        }


def of_people(conn: Connection, key_file: Path) -> list[object]:
    """What only the backup has."""
    somebody = account_named(conn, "张三")
    if somebody is None:
        return [accounts(conn), households_in_book(conn), notes_of(conn, "a")]
    family = read_family(conn, read_book_key(key_file), "H1", somebody.id, NOW)
    return [somebody, family, notes_of(conn, "a"), conn.execute(select(OUTBOX.c.action_id)).scalars().all()]


def test_a_store_that_was_wiped_is_rebuilt_and_people_and_their_words_come_from_the_backup(
    servers: str, receiver: LiveWebhook, store_url: str, tmp_path: Path
) -> None:
    stories = [Story(f"H{number}") for number in range(3)]
    notifier = Notifier("notify", servers, tmp_path / "n", roster(receiver), store_url)
    raise_alerts(servers, [version for s in stories for version in (s.raised, s.moved)])
    raise_area_alerts(servers, [story.conflict for story in stories])
    notifier.start_ready()
    engine = open_store(store_url)
    settle(engine, servers, len(stories))
    create_book_key(tmp_path / "book.key")
    with writing(engine) as conn:
        somebody = add_account(conn, "张三", "township", HERE, NOW)
        set_password(conn, somebody.id, "hash")
        put_families(conn, read_book_key(tmp_path / "book.key"), [("H1", Family("户主", "村东", "1"))], NOW)
        put_note(conn, Note("act-1", "a", somebody.id, "家里没人", NOW))
        put_action(conn, Outgoing("act-1", "H1", b"x", NOW))
        people = of_people(conn, tmp_path / "book.key")
    backup = backup_of(store_url, tmp_path)
    backup.take()
    raise_alerts(servers, [story.answered for story in stories])
    raise_area_alerts(servers, [stories[0].settled])
    settle(engine, servers, len(stories))
    before, messages = everything(engine), told(engine)
    assert notifier.stop() == 0
    receiver.forget()
    engine.dispose()

    backup.wipe()
    notifier.start_ready()
    rebuilt = open_store(store_url)
    settle(rebuilt, servers, len(stories))
    assert everything(rebuilt) == before
    assert [alert.status for alert in list_of(rebuilt)] == ["CONFIRMED"] * len(stories)
    assert [alert.content["actions"][0]["action"] for alert in list_of(rebuilt)] == ["confirmed"] * len(stories)
    assert (told(rebuilt), receiver.ids()) == ([], {})
    with writing(rebuilt) as conn:
        assert of_people(conn, tmp_path / "book.key") == [[], 0, []]
    assert notifier.stop() == 0
    rebuilt.dispose()

    backup.restore()
    notifier.start_ready()
    restored = open_store(store_url)
    settle(restored, servers, len(stories))
    assert everything(restored) == before
    assert told(restored) == [message for message in messages if message[3] != "area_settled"]
    assert receiver.ids() == {}
    with writing(restored) as conn:
        assert of_people(conn, tmp_path / "book.key") == people
    restored.dispose()
    notifier.end()


def list_of(engine: Engine) -> list[Stored]:
    with reading(engine) as conn:
        return list_alerts(conn, Wanted(None), 99)[0]
