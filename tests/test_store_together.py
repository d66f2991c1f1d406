"""Several programs on one store, and a store that is locked or gone: nothing twice, nothing lost, said plainly."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import TypeVar

import pytest
from sqlalchemy import URL, Engine, func, select

from consumers.store.accounts import NameTakenError, accept, add_account, invite, note_failure
from consumers.store.alert_lists import Count, alert_of, count_alerts, versions_of
from consumers.store.alerts import apply_alert, apply_alerts
from consumers.store.database import (
    StoreAddressError,
    StoreBusyError,
    StoreGoneError,
    StoreNewerError,
    open_store,
    reading,
    writing,
)
from consumers.store.deliveries import Delivery, claim, plan, sent
from consumers.store.outbox import Outgoing, put_action
from consumers.store.positions import advance, positions
from consumers.store.tasks import MESSAGE, Message, put_messages
from tests.alerts import TOWNSHIP, alert
from tests.live_postgres import LivePostgres

NOW = 1_790_000_500_000
WRITERS = 4
Result = TypeVar("Result")


@pytest.fixture
def own_postgres() -> Iterator[LivePostgres]:
    """Server that a test may take away."""
    live = LivePostgres()
    live.start()
    yield live
    live.remove()


def at_once(work: Callable[[int], Result]) -> list[Result]:
    """What WRITERS threads come to that begin in the same moment."""
    begin = Barrier(WRITERS)

    def one(number: int) -> Result:
        begin.wait(30)
        return work(number)

    with ThreadPoolExecutor(WRITERS) as pool:
        return list(pool.map(one, range(WRITERS)))


def test_of_writers_that_apply_the_same_versions_one_is_told_of_each(store: Engine) -> None:
    versions = [alert(version, alert_id=f"a_{name}") for version in (1, 2, 3) for name in range(20)]

    def work(number: int) -> list[tuple[str, int, int]]:
        told = []
        for start in range(0, len(versions), 10):
            batch = versions[start : start + 10][:: 1 if number % 2 else -1]
            with writing(store) as conn:
                seen = apply_alerts(conn, batch, NOW)
                put_messages(
                    conn, [Message(v["alert_id"], v["version"], TOWNSHIP, "raised", "red", None, 1) for v in batch]
                )
            told += [(v["alert_id"], v["version"], s.version) for v, s in zip(batch, seen, strict=True) if s]
        return told

    told = [each for found in at_once(work) for each in found]

    assert sorted(told) == sorted((v["alert_id"], v["version"], v["version"] - 1) for v in versions)
    with reading(store) as conn:
        assert conn.execute(select(func.count()).select_from(MESSAGE)).scalar() == len(versions)
        assert [v.version for v in versions_of(conn, "a_7")] == [1, 2, 3]
        assert count_alerts(conn, None) == [Count(TOWNSHIP, "red", "ALERTED", 20)]


def test_two_notifiers_never_hold_the_same_delivery(store: Engine) -> None:
    with writing(store) as conn:
        plan(conn, [Delivery(f"a_{number}", 1, "t1", "webhook", "raised", NOW) for number in range(100)])

    def work(_number: int) -> list[str]:
        mine: list[str] = []
        while True:
            with writing(store) as conn:
                claimed = claim(conn, NOW, 60_000, 7)
                assert all(sent(conn, each, NOW) for each in claimed[1:])
            if not claimed:
                return mine
            mine += [each.alert_id for each in claimed]

    taken = [alert_id for found in at_once(work) for alert_id in found]

    assert sorted(taken) == sorted(f"a_{number}" for number in range(100))


def test_of_two_taps_one_counts_and_of_two_browsers_one_accepts_an_invitation(store: Engine) -> None:
    with writing(store) as conn:
        account = add_account(conn, "张三", "township", TOWNSHIP, NOW)
        token = invite(conn, account.id, NOW + 1)

    def work(number: int) -> tuple[bool, bool, int, bool]:
        with writing(store) as conn:
            put = put_action(conn, Outgoing("c_1", "H", b"x", NOW))
            accepted = accept(conn, token, f"hash {number}", NOW) is not None
            failures = note_failure(conn, account.id, None)
        try:
            with writing(store) as conn:
                add_account(conn, "李四", "county", None, NOW)
        except NameTakenError:
            return put, accepted, failures, False
        return put, accepted, failures, True

    puts, accepted, failures, added = zip(*at_once(work), strict=True)

    assert (sum(puts), sum(accepted), sum(added)) == (1, 1, 1)
    assert sorted(failures) == [1, 2, 3, 4]


def test_a_reader_sees_what_stood_when_it_began_and_holds_up_no_writer(store: Engine) -> None:
    with writing(store) as conn:
        apply_alert(conn, alert(1), NOW)
    with writing(store) as writer:
        apply_alert(writer, alert(2), NOW)
        advance(writer, "alerts", 0, 2)
        with reading(store) as reader:
            found = alert_of(reader, "a_one", None)
            assert found
            assert (found.version, positions(reader, "alerts")) == (1, {})


def test_a_locked_store_says_busy_and_nothing_was_changed(store: Engine, store_url: str) -> None:
    impatient = open_store(store_url, lock_seconds=0.2)
    with writing(store) as conn:
        apply_alert(conn, alert(1), NOW)
        with pytest.raises(StoreBusyError), writing(impatient) as other:
            apply_alert(other, alert(1), NOW)
    with writing(impatient) as other:
        assert apply_alert(other, alert(1), NOW) is None
        assert apply_alert(other, alert(2), NOW)
    impatient.dispose()


def test_what_fails_half_way_leaves_nothing(store: Engine) -> None:
    def fail_half_way() -> None:
        with writing(store) as conn:
            apply_alert(conn, alert(1), NOW)
            advance(conn, "alerts", 0, 1 // 0)

    with pytest.raises(ZeroDivisionError):
        fail_half_way()
    with reading(store) as conn:
        assert alert_of(conn, "a_one", None) is None


def test_a_file_that_is_no_database_is_named_as_gone(tmp_path: Path) -> None:
    file = tmp_path / "store.db"
    file.write_bytes(b"this is no database, whatever its name says" * 100)

    with pytest.raises(StoreGoneError, match="not a database"):
        open_store(f"sqlite:///{file}")
    with pytest.raises(StoreGoneError):
        open_store(f"sqlite:///{tmp_path}")


def test_a_disk_that_is_full_says_so_and_nothing_was_changed(tmp_path: Path) -> None:
    engine = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    with writing(engine) as conn:
        apply_alert(conn, alert(1), NOW)
        conn.exec_driver_sql("PRAGMA max_page_count = 40")
    with pytest.raises(StoreGoneError, match="full"), writing(engine) as conn:
        apply_alerts(conn, [alert(2, text="长" * 500_000)], NOW)
    with reading(engine) as conn:
        found = alert_of(conn, "a_one", None)
        assert found
        assert found.version == 1
    engine.dispose()


def test_a_file_that_was_taken_away_is_not_written_into_and_found_again(tmp_path: Path) -> None:
    file = tmp_path / "a store%20?#.db"
    engine = open_store(URL.create("sqlite", database=str(file)).render_as_string())
    with writing(engine) as conn:
        apply_alert(conn, alert(1), NOW)
    (tmp_path / "aside").mkdir()
    for part in tmp_path.glob("*.db*"):
        part.rename(tmp_path / "aside" / part.name)
    with pytest.raises(StoreGoneError), writing(engine) as conn:
        apply_alert(conn, alert(2), NOW)
    assert not file.exists()
    for part in (tmp_path / "aside").iterdir():
        part.rename(tmp_path / part.name)
    with writing(engine) as conn:
        seen = apply_alert(conn, alert(2), NOW)

    assert seen
    assert seen.version == 1
    engine.dispose()


def test_a_store_of_a_newer_release_is_left_alone(store: Engine, store_url: str) -> None:
    with writing(store) as conn:
        conn.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(StoreNewerError, match="newer release"):
        open_store(store_url)


@pytest.mark.parametrize("url", ["mysql://somewhere/x", "sqlite://", "postgres"])
def test_another_kind_of_database_is_refused(url: str) -> None:
    with pytest.raises(StoreAddressError, match="must begin with"):
        open_store(url)


def test_the_store_file_is_nobody_elses(tmp_path: Path) -> None:
    engine = open_store(f"sqlite:///{tmp_path / 'deep' / 'store.db'}")
    with writing(engine) as conn:
        apply_alert(conn, alert(1), NOW)
        modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "deep").iterdir()}

    assert modes == {"store.db": 0o600, "store.db-wal": 0o600, "store.db-shm": 0o600}
    engine.dispose()


def test_a_server_that_dies_is_named_as_gone_and_found_again(own_postgres: LivePostgres) -> None:
    url = own_postgres.new_database()
    engine = open_store(url)
    with writing(engine) as conn:
        apply_alert(conn, alert(1), NOW)

    def lose_the_server_half_way() -> None:
        with writing(engine) as conn:
            apply_alert(conn, alert(2), NOW)
            own_postgres.kill()
            apply_alert(conn, alert(3), NOW)

    with pytest.raises(StoreGoneError):
        lose_the_server_half_way()
    with pytest.raises(StoreGoneError), reading(engine) as conn:
        alert_of(conn, "a_one", None)
    with pytest.raises(StoreGoneError):
        open_store(url)
    own_postgres.start()
    with writing(engine) as conn:
        seen = apply_alert(conn, alert(2), NOW)

    assert seen
    assert seen.version == 1
    engine.dispose()
