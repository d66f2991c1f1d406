"""The store locked or gone, the bus away, kills between sending and noting: the page says so and nothing is lost."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from urllib.parse import quote

import pytest
from kafka.errors import KafkaTimeoutError
from sqlalchemy import Engine, create_engine, make_url

from consumers.inbox.publisher import Publisher
from consumers.store.database import open_store, reading
from consumers.store.notes import notes_of
from consumers.store.outbox import unsent
from deploy.up.program import Deadline
from schemas.codec import decode
from schemas.topics import TOWNSHIP_ACTIONS
from tests.alerts import alert
from tests.live_postgres import LivePostgres
from tests.offices import TestOffice, visible
from tests.test_inbox import browser_fields

VISIT = {"on": "2026-09-21", "met": "head", "found": "as_alerted", "note": "写了很久的说明"}


class Bus:
    """Stands where kafka-python's producer stands; `away` after so many records.

    Attributes:
        taken: (topic, key, value) of what it acknowledged.

    """

    def __init__(self, away_after: int | None = None) -> None:
        self.taken: list[tuple[str, bytes, bytes]] = []
        self.away_after = away_after

    def send(self, topic: str, *, key: bytes, value: bytes) -> Confirmed:
        if self.away_after is not None and len(self.taken) >= self.away_after:
            return Confirmed(KafkaTimeoutError())
        self.taken.append((topic, key, value))
        return Confirmed(None)

    def flush(self, timeout: float) -> None: ...

    def close(self, timeout: float) -> None: ...

    def actions(self) -> list[str]:
        return [decode(value)[1]["action_id"] for _, _, value in self.taken]


class Confirmed:
    def __init__(self, error: Exception | None) -> None:
        self.error = error

    def get(self, timeout: float) -> None:
        assert timeout > 0
        if self.error:
            raise self.error


@pytest.fixture
def office(store: Engine) -> TestOffice:
    built = TestOffice(store)
    built.person("东升张三")
    return built


@pytest.fixture
def impatient(tmp_path: Path) -> Iterator[tuple[TestOffice, Path]]:
    """Return an office on a SQLite file that waits for nobody."""
    file = tmp_path / "store.db"
    engine = open_store(f"sqlite:///{file}", lock_seconds=0.1)
    built = TestOffice(engine)
    built.person("东升张三")
    built.arrive(alert(status="VERIFYING"))
    yield built, file
    engine.dispose()


@pytest.mark.parametrize(
    "odd", ["\0", "a\0b", "😀" * 50, "\u202e\ufeff", "%00", "'; DROP TABLE alert; --", "{{7*7}}", "\r\n\r\n"]
)
def test_odd_text_anywhere_breaks_nothing(office: TestOffice, odd: str) -> None:
    office.person("县里李四", None)
    office.arrive(alert(status="VERIFYING"))
    officer, county = office.signed_in("东升张三"), office.signed_in("县里李四")
    asked = ("tab", "after", "township", "level", "next", "version", "stand")
    pages = (
        "/tasks",
        "/county/alerts",
        "/sign-in",
        "/alerts/a_one/progress",
        f"/alerts/{quote(odd)}",
        f"/invitations/{quote(odd)}",
    )

    for browser in (officer, county):
        for path in pages:
            assert browser.client.get(path, params=dict.fromkeys(asked, odd)).status_code in {200, 204, 303, 404}
    assert office.browser().sign_in(odd, odd, then=odd, kept=odd).status_code == 401
    form = officer.form("a_one", "analysed")
    for name in ("version", "action", "account", "reason", "labour", "causes"):
        assert officer.client.post("/alerts/a_one", data=form | {name: odd}).status_code == 409
    assert officer.answer("a_one", "analysed", causes="illness", labour="able", note=odd).status_code == 303


def answer_three(office: TestOffice) -> None:
    office.arrive(alert(), alert(alert_id="a_two"), alert(alert_id="a_three"))
    for alert_id in ("a_one", "a_two", "a_three"):
        office.signed_in("东升张三").answer(alert_id, "confirmed")


def test_a_locked_store_keeps_the_form_on_the_page_to_be_sent_again(impatient: tuple[TestOffice, Path]) -> None:
    office, file = impatient
    browser = office.signed_in("东升张三")
    form = browser.form("a_one", "visited") | VISIT
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    away = browser.client.post("/alerts/a_one", data=form)
    other.execute("ROLLBACK")
    other.close()

    assert away.status_code == 503
    assert "还没有存进去" in visible(away.text)
    assert "写了很久的说明" in away.text
    again = browser_fields(away.text, "visited") | VISIT
    assert browser.client.post("/alerts/a_one", data=again).status_code == 303
    with reading(office.engine) as conn:
        assert [note.text for note in notes_of(conn, "a_one")] == ["写了很久的说明"]
    assert len(office.sent()) == 1


def test_postgresql_locked_and_away_keeps_the_form_and_takes_it_when_it_is_back(postgres: LivePostgres) -> None:
    url = make_url(postgres.new_database())
    engine = open_store(url.render_as_string(hide_password=False), lock_seconds=0.1)
    office = TestOffice(engine)
    office.person("东升张三")
    office.arrive(alert(status="VERIFYING"))
    browser = office.signed_in("东升张三")
    form = browser.form("a_one", "visited") | VISIT
    with engine.connect() as other:
        other.exec_driver_sql("LOCK TABLE outbox IN ACCESS EXCLUSIVE MODE")
        locked = browser.client.post("/alerts/a_one", data=form)
        other.rollback()
    server = create_engine(url.set(drivername="postgresql+psycopg", database="postgres"), isolation_level="AUTOCOMMIT")
    with server.connect() as conn:
        conn.exec_driver_sql(f"ALTER DATABASE {url.database} ALLOW_CONNECTIONS false")
        others = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s"
        conn.exec_driver_sql(others, (url.database,))
        gone = browser.client.post("/alerts/a_one", data=form)
        read = browser.get("/alerts/a_one")
        conn.exec_driver_sql(f"ALTER DATABASE {url.database} ALLOW_CONNECTIONS true")

    assert [answer.status_code for answer in (locked, gone, read)] == [503, 503, 503]
    assert all("写了很久的说明" in answer.text for answer in (locked, gone))
    assert browser.client.post("/alerts/a_one", data=browser_fields(gone.text, "visited") | VISIT).status_code == 303
    assert len(office.sent()) == 1
    for each in (engine, server):
        each.dispose()


def test_a_store_that_is_gone_is_said_in_words_on_every_page(impatient: tuple[TestOffice, Path]) -> None:
    office, file = impatient
    browser = office.signed_in("东升张三")
    office.engine.dispose()
    for each in file.parent.glob("store.db*"):
        each.unlink()
    file.mkdir()

    for path in ("/tasks", "/alerts/a_one", "/messages"):
        page = browser.get(path)
        assert page.status_code == 503
        assert "暂时不能用" in page.text


def test_a_password_does_not_stand_on_the_page_that_says_the_store_is_away(impatient: tuple[TestOffice, Path]) -> None:
    office, file = impatient
    browser = office.browser()
    browser.get("/sign-in")
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    away = browser.sign_in("东升张三")
    other.close()

    assert away.status_code == 503
    assert "9527" not in away.text


def test_answers_go_out_in_their_order_once_and_by_household(office: TestOffice) -> None:
    answer_three(office)
    expected, bus = [action["action_id"] for action in office.sent()], Bus()
    publisher = Publisher(office.engine, lambda: bus)

    assert publisher.send_some() == 3
    assert publisher.send_some() == 0
    assert bus.actions() == expected
    assert {(topic, key) for topic, key, _ in bus.taken} == {(TOWNSHIP_ACTIONS, b"H-SECRET-1")}


def test_what_the_bus_did_not_take_waits_and_goes_out_later(office: TestOffice) -> None:
    answer_three(office)
    expected, bus = [action["action_id"] for action in office.sent()], Bus(away_after=1)
    publisher = Publisher(office.engine, lambda: bus)

    with pytest.raises(KafkaTimeoutError):
        publisher.send_some()
    with reading(office.engine) as conn:
        assert [outgoing.action_id for outgoing in unsent(conn, 10)] == expected[1:]
    bus.away_after = None
    publisher.send_some()

    assert bus.actions() == expected


def test_the_publisher_goes_on_by_itself_when_the_bus_is_back(office: TestOffice) -> None:
    answer_three(office)
    bus, refused = Bus(), [KafkaTimeoutError()]

    def connect() -> Bus:
        if refused:
            raise refused.pop()
        return bus

    publisher = Publisher(office.engine, connect)
    thread = Thread(target=publisher.run)
    thread.start()

    assert Deadline(20).reached(lambda: not office.sent())
    publisher.stop()
    thread.join(10)
    assert len(bus.taken) == 3
