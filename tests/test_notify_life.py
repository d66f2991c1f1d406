"""Households that move, a person in two of them, a store that was wiped: on a real broker, each is told once."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy import Engine

from consumers.failpoints import POINTS
from consumers.inbox.deadline import deadline_of
from consumers.roster import COUNTY
from consumers.store.accounts import account_named, accounts, add_account, set_password
from consumers.store.alert_lists import Stored, Wanted, alert_of, count_alerts, list_alerts, versions_of
from consumers.store.area_alerts import list_area_alerts
from consumers.store.book import Family, households_in_book, put_families, read_family
from consumers.store.book_key import create_book_key, read_book_key
from consumers.store.database import reading, writing
from consumers.store.notes import Note, notes_of, put_note
from consumers.store.outbox import Outgoing, put_action
from consumers.store.outbox import unsent as unsent_actions
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
    engine = settled(notifier, servers, stories)
    notifier.stop()
    for point, story in zip(POINTS, stories, strict=True):
        notifier.order(point)
        raise_alerts(servers, [story.moved])
        raise_area_alerts(servers, [story.conflict])
        notifier.start()
        assert notifier.ended() == -9, (point, notifier.last_words())
    settled(notifier, servers, stories)

    assert told(engine) == sorted(message for story in stories for message in story.messages())
    hooks = [message for story in stories for message in story.messages()[:2]]
    assert receiver.ids().keys() == {message_id(*hook) for hook in hooks}
    with reading(engine) as conn:
        assert list_alerts(conn, Wanted(HERE), 9) == ([], None)
        assert {each.alert_id for each in list_alerts(conn, Wanted(THERE), 9)[0]} == {s.alert_id for s in stories}
        assert len(list_area_alerts(conn, 9)) == len(stories)
        for story in stories:
            handed_over(alert_of(conn, story.alert_id, THERE), story)
    notifier.end()


def handed_over(found: Stored | None, story: Story) -> None:
    """It is the other township's, and what it is due by did not move."""
    assert found
    assert found.content["previous_township_code"] == HERE
    assert due(found.content) == due(story.raised) is not None


def settled(notifier: Notifier, servers: str, stories: Sequence[Story]) -> Engine:
    """The store of a notifier that was started and has done everything."""
    if not notifier.is_ready():
        notifier.start_ready()
    engine = notifier.store()
    settle(engine, servers, len(stories))
    return engine


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


def work_of_people(engine: Engine, key_file: Path) -> None:
    create_book_key(key_file)
    with writing(engine) as conn:
        somebody = add_account(conn, "张三", "township", HERE, NOW)
        set_password(conn, somebody.id, "hash")
        put_families(conn, read_book_key(key_file), [("H1", Family("户主", "村东", "1"))], NOW)
        put_note(conn, Note("act-1", "a", somebody.id, "家里没人", NOW))
        put_action(conn, Outgoing("act-1", "H1", b"x", NOW))


def of_people(engine: Engine, key_file: Path) -> list[object]:
    """What only the backup has."""
    with writing(engine) as conn:
        somebody = account_named(conn, "张三")
        if somebody is None:
            return [accounts(conn), households_in_book(conn), notes_of(conn, "a"), unsent_actions(conn, 9)]
        family = read_family(conn, read_book_key(key_file), "H1", somebody.id, NOW)
        return [somebody, family, notes_of(conn, "a"), unsent_actions(conn, 9)]


def test_a_store_that_was_wiped_is_rebuilt_and_people_and_their_words_come_from_the_backup(
    servers: str, receiver: LiveWebhook, store_url: str, tmp_path: Path
) -> None:
    stories, key = [Story(f"H{number}") for number in range(3)], tmp_path / "book.key"
    notifier = Notifier("notify", servers, tmp_path / "n", roster(receiver), store_url)
    publish(servers, [v for s in stories for v in (s.raised, s.moved)], [s.conflict for s in stories])
    engine, backup = settled(notifier, servers, stories), backup_of(store_url, tmp_path)
    work_of_people(engine, key)
    people = of_people(engine, key)
    backup.take()
    publish(servers, [story.answered for story in stories], [stories[0].settled])
    settled(notifier, servers, stories)
    before, messages = everything(engine), told(engine)
    stop(notifier, engine)
    receiver.forget()

    backup.wipe()
    rebuilt = settled(notifier, servers, stories)
    assert everything(rebuilt) == before
    assert (told(rebuilt), of_people(rebuilt, key)) == ([], [[], 0, [], []])
    stop(notifier, rebuilt)
    backup.restore()
    restored = settled(notifier, servers, stories)

    assert everything(restored) == before
    assert told(restored) == [message for message in messages if message[3] != "area_settled"]
    assert (of_people(restored, key), receiver.ids()) == (people, {})
    assert answers_in(restored, stories) == [("CONFIRMED", "confirmed")] * 3
    stop(notifier, restored)


def publish(servers: str, alerts: Sequence[Record], area_alerts: Sequence[Record]) -> None:
    raise_alerts(servers, alerts)
    raise_area_alerts(servers, area_alerts)


def answers_in(engine: Engine, stories: Sequence[Story]) -> list[tuple[str, str]]:
    """State of each alert, and what somebody did first."""
    with reading(engine) as conn:
        found = [alert_of(conn, story.alert_id, None) for story in stories]
    return [(each.status, each.content["actions"][0]["action"]) for each in found if each]


def stop(notifier: Notifier, engine: Engine) -> None:
    assert notifier.stop() == 0
    engine.dispose()
