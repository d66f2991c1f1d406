"""A department's table becomes events: each row once in effect, whatever is late, repeated, wrong or killed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, Table, create_engine, update

from deploy.up.settings import shipped_programs
from producers.database.config import ConfigError, Feed, read_feeds
from producers.database.cursors import Cursors
from producers.database.poll import Place, Polled, poll
from producers.database.reading import connect
from producers.database.rows import BadPositionError
from producers.message import Message
from producers.send import BusError
from schemas.beijing import DAY_MS
from schemas.codec import Record, decode
from schemas.topics import DELIVERIES
from tests.outboxes import START, fee_row, feed, fees, put
from tests.rows import KEY

NOW = 1_775_181_600_000


class FakeBus:
    """Keeps what arrived; gives up after so many confirmations, as a process does that is killed.

    What was not confirmed by then has arrived, or has not.
    """

    def __init__(self, lives: int = -1, *, arrives: bool = True) -> None:
        self.sent: list[Message] = []
        self.under_way: list[Message] = []
        self.lives = lives
        self.arrives = arrives

    def send(self, message: Message) -> None:
        self.under_way.append(message)

    def confirm_all(self) -> None:
        if self.lives != 0 or self.arrives:
            self.sent += self.under_way
        self.under_way = []
        if self.lives == 0:
            raise BusError("gone")
        self.lives -= 1

    def records(self, topic: str = "events.education") -> list[Record]:
        return [decode(message.value)[1] for message in self.sent if message.topic == topic]

    @property
    def events(self) -> list[tuple[str, int]]:
        return [(event["event_id"], event["revision"]) for event in self.records()]


class Office:
    """A department's database and the feed that polls it."""

    def __init__(self, url: str, folder: Path, wanted: Feed) -> None:
        self.url = url
        self.engine: Engine = create_engine(url)
        self.table: Table = fees(self.engine)
        self.feed = wanted
        self.file = folder / "database.db"
        self.bus = FakeBus()

    def has(self, *rows: dict[str, object]) -> None:
        put(self.engine, self.table, *rows)

    def poll(self, now: int = NOW, bus: FakeBus | None = None) -> Polled:
        """Poll as a process that has just started."""
        cursors, engine = Cursors(self.file), connect(self.feed)
        try:
            return poll(Place("fees", self.feed, KEY, cursors, bus or self.bus), engine, now)
        finally:
            cursors.close()
            engine.dispose()

    def refused(self) -> list[tuple[str, str, str]]:
        with sqlite3.connect(self.file) as db:
            return db.execute("SELECT position, field, code FROM rejected").fetchall()


@pytest.fixture
def office(store_url: str, tmp_path: Path) -> Iterator[Office]:
    made = Office(store_url, tmp_path, feed(store_url))
    yield made
    made.engine.dispose()


@pytest.fixture
def watched(store_url: str, tmp_path: Path) -> Iterator[Office]:
    made = Office(store_url, tmp_path, feed(store_url, "watermark"))
    yield made
    made.engine.dispose()


def test_rows_go_out_once_in_their_order_with_a_delivery_for_the_poll(office: Office) -> None:
    office.has(*(fee_row(number) for number in range(1, 26)))

    first, second = office.poll(), office.poll()

    assert office.bus.events == [(f"XF-{number}", 0) for number in range(1, 26)]
    assert (first, second) == (Polled(25, 0, 0), Polled(0, 0, 25))
    (delivery,) = office.bus.records(DELIVERIES)
    assert (delivery["source"], delivery["accepted"], delivery["rejected"]) == ("poll", 25, 0)
    assert {event["batch_id"] for event in office.bus.records()} == {delivery["batch_id"]}
    assert [event["row"] for event in office.bus.records()] == list(range(1, 26))


def test_a_row_committed_late_under_an_earlier_id_is_not_overlooked(office: Office) -> None:
    office.has(fee_row(1), fee_row(3))
    office.poll()
    office.has(fee_row(2))

    office.poll()

    assert [event for event, _ in office.bus.events] == ["XF-1", "XF-3", "XF-2"]


def test_an_empty_poll_is_a_delivery_once_a_day(office: Office) -> None:
    for now in (NOW, NOW + 1, NOW + DAY_MS, NOW + DAY_MS + 1):
        office.poll(now)

    assert [d["accepted"] for d in office.bus.records(DELIVERIES)] == [0, 0]
    assert len({d["batch_id"] for d in office.bus.records(DELIVERIES)}) == 2


def test_bad_rows_are_reported_counted_and_block_nothing(office: Office) -> None:
    office.has(fee_row(1), fee_row(2, id_number="231222199001010011"), fee_row(3, due="-5"), fee_row(4))

    first, second = office.poll(), office.poll()

    assert (first, second) == (Polled(2, 2, 0), Polled(0, 0, 4))
    assert office.refused() == [("2", "id_number", "id_check"), ("3", "due", "amount")]
    assert office.bus.records(DELIVERIES)[0]["rejected_by"] == {"id_check": 1, "amount": 1}
    assert "231222199001010011" not in office.file.read_bytes().decode("latin-1")


def test_a_bad_row_that_was_corrected_is_taken(office: Office) -> None:
    office.has(fee_row(1, due="much"))
    office.poll()
    with office.engine.begin() as conn:
        conn.execute(update(office.table).values(due="7"))

    assert office.poll() == Polled(1, 0, 0)
    assert office.bus.events == [("XF-1", 0)]


def test_a_changed_row_goes_out_again_under_its_next_revision_only(watched: Office) -> None:
    watched.has(fee_row(1), fee_row(2))
    watched.poll()
    with watched.engine.begin() as conn:
        changed = update(watched.table).where(watched.table.c.id == 1)
        conn.execute(changed.values(rev=1, overdue="0", changed_at=START + timedelta(seconds=5)))
    watched.poll()
    watched.poll()

    assert watched.bus.events == [("XF-1", 0), ("XF-2", 0), ("XF-1", 1)]


def test_more_rows_of_one_instant_than_a_batch_are_all_taken(watched: Office) -> None:
    watched.has(*(fee_row(number) for number in range(35)))

    watched.poll()
    watched.poll()

    assert sorted(watched.bus.events) == sorted((f"XF-{number}", 0) for number in range(35))


def test_what_no_poll_can_meet_again_is_forgotten(office: Office) -> None:
    office.has(*(fee_row(number) for number in range(1, 500)))
    office.poll()

    with sqlite3.connect(office.file) as db:
        assert db.execute("SELECT count(*) FROM seen").fetchone() == (101,)
    assert office.poll() == Polled(0, 0, 101)


@settings(max_examples=20)
@given(
    lives=st.lists(st.tuples(st.integers(0, 6), st.booleans()), max_size=5),
    ids=st.lists(st.integers(1, 40), min_size=1, max_size=40, unique=True),
)
def test_killed_between_send_and_cursor_at_any_point_each_row_is_once_in_effect(
    lives: list[tuple[int, bool]], ids: list[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("killed")
    url = f"sqlite:///{folder / 'office.db'}"
    killed = Office(url, folder, feed(url, batch=4))
    killed.has(*(fee_row(number) for number in ids))
    confirmed: list[Message] = []

    for left, arrives in lives:
        bus = FakeBus(left, arrives=arrives)
        with suppress(BusError):
            killed.poll(bus=bus)
        confirmed += bus.sent
    killed.poll()
    confirmed += killed.bus.sent

    killed.bus.sent = confirmed
    assert set(killed.bus.events) == {(f"XF-{number}", 0) for number in ids}
    bodies = {(event["event_id"], str(event["body"])) for event in killed.bus.records()}
    assert len(bodies) == len(ids)
    counted = {d["batch_id"]: d["accepted"] for d in killed.bus.records(DELIVERIES)}
    assert sum(counted.values()) == len(ids)
    killed.engine.dispose()


def test_a_batch_that_never_arrived_goes_out_again(office: Office) -> None:
    office.has(*(fee_row(number) for number in range(1, 26)))
    lost = FakeBus(1, arrives=False)

    with pytest.raises(BusError):
        office.poll(bus=lost)
    office.poll()

    assert len(lost.sent) == 10
    assert office.bus.events == [(f"XF-{number}", 0) for number in range(11, 26)]


def test_up_runs_the_feed_where_there_is_one() -> None:
    names = [name for name, _ in shipped_programs(1, database=True)]

    assert set(names) - {name for name, _ in shipped_programs(1)} == {"database"}


def test_a_table_or_column_that_is_not_there_is_named(office: Office) -> None:
    office.feed = feed(office.url, columns={"bill": "event_id"})
    with pytest.raises(ConfigError, match="bill"):
        office.poll()
    office.feed = feed(office.url, columns={})
    with pytest.raises(ConfigError, match="event_id"):
        office.poll()


def test_an_order_that_is_neither_number_nor_time_is_refused(office: Office) -> None:
    office.has(fee_row(1))
    office.feed = Feed("education", "outbox", "outbox", "bill_no", {"bill_no": "event_id"}, office.url)

    with pytest.raises(BadPositionError, match="str"):
        office.poll()


FILE = """
[feeds.fees]
department = "education"
table = "outbox"
mode = "outbox"
order = "id"
url_env = "FEES_URL"
[feeds.fees.columns]
bill_no = "event_id"
"""


def test_the_address_comes_from_the_environment_or_from_a_file_that_is_the_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "database.toml"
    path.write_text(FILE)
    assert read_feeds(path, {"FEES_URL": "sqlite://"})["fees"].url == "sqlite://"

    path.write_text(FILE.replace('url_env = "FEES_URL"', 'url = "sqlite://"'))
    path.chmod(0o644)
    with pytest.raises(ConfigError, match="chmod 600"):
        read_feeds(path, {})
    path.chmod(0o600)
    assert read_feeds(path, {})["fees"].columns == {"bill_no": "event_id"}


@pytest.mark.parametrize(
    ("wrong", "right", "said"),
    [
        ('"education"', '"weather"', "department"),
        ('mode = "outbox"', 'mode = "guess"', "mode"),
        ('order = "id"', "", "order"),
        ('order = "id"', 'order = "id"\nbatches = 3', "batches"),
        ('order = "id"', 'order = "id"\nbatch = 0', "batch"),
        ('"FEES_URL"', '"OTHER"', "url_env"),
        ("[feeds.fees]", "[feeds.fees", "database.toml"),
    ],
)
def test_a_mistake_in_the_file_is_named(tmp_path: Path, wrong: str, right: str, said: str) -> None:
    path = tmp_path / "database.toml"
    path.write_text(FILE.replace(wrong, right, 1))

    with pytest.raises(ConfigError, match=said):
        read_feeds(path, {"FEES_URL": "sqlite://"})
