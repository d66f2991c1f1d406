"""The tables in the database are those in code, on both databases, from whatever version they come."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, insert, inspect, make_url

import consumers.store
from consumers.store import database
from consumers.store.alert_lists import Count, count_alerts, count_not_mine
from consumers.store.alerts import ALERT, _row
from consumers.store.database import open_store, reading, writing
from consumers.store.monitored import Monitored, count_monitored
from consumers.store.tables import GROUPS, METADATA
from tests.alerts import alert

MIGRATIONS = Path(consumers.store.__file__).parent / "migrations"


def differences(engine: Engine) -> list[object]:
    """What would have to be changed in the database so that it were as code says."""
    with engine.connect() as conn:
        context = MigrationContext.configure(conn, opts={"compare_type": True, "compare_server_default": True})
        return list(compare_metadata(context, METADATA))


def test_the_migrations_bring_an_empty_database_to_exactly_the_tables_in_code(store: Engine) -> None:
    assert differences(store) == []


def test_a_table_that_lacks_a_column_is_noticed(store: Engine) -> None:
    with store.begin() as conn:
        conn.exec_driver_sql("ALTER TABLE note DROP COLUMN at")

    assert len(differences(store)) == 1


def test_every_group_of_tables_is_known() -> None:
    files = {path.stem for path in MIGRATIONS.parent.glob("*.py") if " = Table(" in path.read_text(encoding="utf-8")}

    assert {group.__name__.rpartition(".")[2] for group in GROUPS} == files


def test_the_migrations_are_one_row_without_a_fork() -> None:
    assert len(ScriptDirectory(str(MIGRATIONS)).get_heads()) == 1


def test_a_store_of_the_first_version_is_brought_on_with_what_is_in_it(store_url: str) -> None:
    old = database._engine(make_url(store_url), 5)
    with writing(old) as conn:
        database._migrate(conn, "0001")
        row: dict[str, object] = dict.fromkeys(("household_id", "level", "content"), "x")
        row |= dict.fromkeys(("version", "urgency", "raised_at", "known_at", "updated_at"), 1)
        rows = [{"alert_id": f"a_{n}", "township_code": "t" if n else None, "status": "S", **row} for n in range(3)]
        rows[2] |= {"content": '{"not_mine":true}'}
        conn.execute(insert(ALERT), [{"is_open": True, **each} for each in rows])
    engine = open_store(store_url)
    with reading(engine) as conn:
        found, disowned = count_alerts(conn, None), count_not_mine(conn)

    assert disowned == 1
    assert sorted(found, key=lambda count: count.alerts) == [Count(None, "x", "S", 1), Count("t", "x", "S", 2)]
    assert differences(engine) == []
    old.dispose()
    engine.dispose()


def test_households_that_were_included_before_there_was_a_table_of_them_are_counted(store_url: str) -> None:
    old = database._engine(make_url(store_url), 5)
    with writing(old) as conn:
        database._migrate(conn, "0005")
        said: list[dict[str, Any]] = [{"ordinal": 2, "status": "HELPING"}, {"ordinal": 1, "status": "CLOSED"}, {}]
        for number, more in enumerate(said):
            household = {"household_class": "sudden"} if more else {"household_id": "H-other"}
            each = alert(**{"alert_id": f"a_{number}", **household, **more})
            del each["persons"]  # the release before did not say
            conn.execute(insert(ALERT), _row(each, 5))
    engine = open_store(store_url)
    with reading(engine) as conn:
        assert count_monitored(conn) == [Monitored("sudden", "HELPING", 1, 0)]
    old.dispose()
    engine.dispose()


def test_opening_a_store_again_changes_nothing(store: Engine, store_url: str) -> None:
    before = {table: inspect(store).get_columns(table) for table in inspect(store).get_table_names()}
    again = open_store(store_url)

    assert {table: len(columns) for table, columns in before.items()} == {
        table: len(inspect(again).get_columns(table)) for table in inspect(again).get_table_names()
    }
    again.dispose()


def test_programs_that_start_at_once_migrate_once(store_url: str) -> None:
    with ThreadPoolExecutor(6) as pool:
        engines = list(pool.map(open_store, [store_url] * 6))

    assert differences(engines[0]) == []
    with reading(engines[0]) as conn:
        assert conn.exec_driver_sql("SELECT count(*) FROM alembic_version").scalar() == 1
    for engine in engines:
        engine.dispose()
