"""The household book: encrypted under its own key, read only with a log, and in no file, log or output in the clear."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from consumers.book_load import key_for_loading, load_book, new_key
from consumers.store.book import (
    HOUSEHOLD_BOOK,
    BookRead,
    Family,
    check_key,
    households_in_book,
    put_families,
    read_family,
    reads_of,
)
from consumers.store.book_key import BookKey, NoKeyError, WrongKeyError, create_book_key, read_book_key
from consumers.store.database import open_store, reading, writing
from schemas.readers import NumberedRow
from tests.live_postgres import LivePostgres
from tests.people import identity_number
from tests.source_tree import ROOT
from tests.test_book_rows import CHINESE, written

NOW = 1_790_000_500_000
NAME, ADDRESS, PHONE = "司徒玉簪花", "杏树台村酱缸胡同十七号", "13604347719"  # no other test writes these
FAMILY = Family(NAME, ADDRESS, PHONE)
IDENTITY = identity_number(7, "19710819")


@pytest.fixture
def key(tmp_path: Path) -> BookKey:
    create_book_key(tmp_path / "book.key")
    return read_book_key(tmp_path / "book.key")


def secrets() -> Iterator[bytes]:
    """Every form in which a canary might show."""
    for text in (NAME, ADDRESS, PHONE, IDENTITY):
        yield from (text.encode(), text.encode("gb18030"), text.encode("utf-16-le"), text.encode("utf-16-be"))
        yield json.dumps(text)[1:-1].encode()


def test_a_key_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "book.key"
    create_book_key(file)
    first = file.read_bytes()
    create_book_key(file)

    assert file.read_bytes() == first
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["book.key"]


@pytest.mark.parametrize("content", [b"", b"short", b"A" * 44, b"\xff" * 32, b"QUJD" * 12])
def test_a_file_that_is_no_key_is_named(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "book.key"
    file.write_bytes(content)

    with pytest.raises(WrongKeyError, match="不是住户簿密钥"):
        read_book_key(file)


def test_what_is_read_is_what_was_written_and_the_newest(store: Engine, key: BookKey) -> None:
    with writing(store) as conn:
        put_families(conn, key, [("H-1", Family("旧", "", "")), ("H-2", Family("别人", "", ""))], NOW)
        put_families(conn, key, [("H-1", FAMILY)], NOW)
        put_families(conn, key, [], NOW)

        assert read_family(conn, key, "H-1", "u_1", NOW) == FAMILY
        assert read_family(conn, key, "H-3", "u_1", NOW) is None
        assert households_in_book(conn) == 2


def test_every_reading_is_noted_even_of_a_household_that_is_not_there(store: Engine, key: BookKey) -> None:
    with writing(store) as conn:
        put_families(conn, key, [("H-1", FAMILY)], NOW)
        read_family(conn, key, "H-1", "u_1", NOW + 1)
        read_family(conn, key, "H-1", "u_2", NOW + 2)
        read_family(conn, key, "H-9", "u_2", NOW + 3)

        assert reads_of(conn, "H-1") == [BookRead("u_1", "H-1", NOW + 1), BookRead("u_2", "H-1", NOW + 2)]
        assert reads_of(conn, "H-9") == [BookRead("u_2", "H-9", NOW + 3)]


def test_another_key_opens_nothing_and_says_so(store: Engine, key: BookKey) -> None:
    other = BookKey(bytes(32))
    with writing(store) as conn:
        check_key(conn, other)
        put_families(conn, key, [("H-1", FAMILY)], NOW)
        check_key(conn, key)
        with pytest.raises(WrongKeyError, match="请从备份恢复"):
            check_key(conn, other)
        with pytest.raises(WrongKeyError, match="请从备份恢复"):
            read_family(conn, other, "H-1", "u_1", NOW)


def test_an_entry_opens_for_its_own_household_only_and_not_after_a_change(store: Engine, key: BookKey) -> None:
    with writing(store) as conn:
        put_families(conn, key, [("H-1", FAMILY)], NOW)
        locked = conn.execute(select(HOUSEHOLD_BOOK.c.locked)).scalar_one()
        changed = locked[:-1] + bytes([locked[-1] ^ 1])
        conn.execute(HOUSEHOLD_BOOK.insert().values(household_id="H-2", locked=locked, updated_at=NOW))
        conn.execute(HOUSEHOLD_BOOK.insert().values(household_id="H-3", locked=changed, updated_at=NOW))
        for household in ("H-2", "H-3"):
            with pytest.raises(WrongKeyError):
                read_family(conn, key, household, "u_1", NOW)


def test_the_same_words_never_look_the_same_twice(key: BookKey) -> None:
    assert key.lock("H-1", b"x") != key.lock("H-1", b"x")


def test_a_key_is_made_only_while_the_book_is_empty(store: Engine, tmp_path: Path) -> None:
    file = tmp_path / "book.key"
    made = key_for_loading(store, file)
    load_book(store, made, [(1, {"household_id": "H-1", "head": NAME})], NOW)
    file.rename(tmp_path / "aside")
    with pytest.raises(NoKeyError, match="请从备份恢复"):
        key_for_loading(store, file)
    create_book_key(file)
    with pytest.raises(WrongKeyError):
        key_for_loading(store, file)
    (tmp_path / "aside").replace(file)
    with writing(store) as conn:
        found = read_family(conn, key_for_loading(store, file), "H-1", "u_1", NOW)

    assert found == Family(NAME, "", "")


def test_a_book_whose_key_is_lost_begins_anew_and_the_record_of_readings_stays(store: Engine, tmp_path: Path) -> None:
    file = tmp_path / "book.key"
    first = key_for_loading(store, file)
    load_book(store, first, [(1, {"household_id": "H-1", "head": NAME})], NOW)
    with writing(store) as conn:
        read_family(conn, first, "H-1", "u_1", NOW)
    second = new_key(store, file)
    load_book(store, second, [(1, {"household_id": "H-2", "head": NAME})], NOW)
    with writing(store) as conn:
        assert read_family(conn, second, "H-1", "u_1", NOW + 1) is None
        assert read_family(conn, second, "H-2", "u_1", NOW)
        assert [read.at for read in reads_of(conn, "H-1")] == [NOW, NOW + 1]

    assert {path.name for path in tmp_path.glob("book.key*")} == {"book.key", "book.key.old"}
    assert (tmp_path / "book.key.old").read_bytes() != file.read_bytes()


def test_a_long_file_is_loaded_whole_with_what_was_refused(store: Engine, key: BookKey) -> None:
    rows: list[NumberedRow] = [
        (number, {"household_id": f"H-{number}", "head": "" if number % 500 == 0 else "户主"})
        for number in range(1, 2502)
    ]
    loaded = load_book(store, key, rows, NOW)

    assert (loaded.accepted, [each.row for each in loaded.rejected]) == (2496, [500, 1000, 1500, 2000, 2500])
    assert (loaded.without_address, loaded.without_phone) == (2496, 2496)
    with reading(store) as conn:
        assert households_in_book(conn) == 2496


def alertbus(folder: Path, url: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = (str(Path(sys.executable).parent / "alertbus"), *map(str, arguments))
    environment = {**os.environ, "ALERTBUS_DATA_DIR": str(folder / "data"), "ALERTBUS_DATABASE_URL": url}
    return subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)


def test_the_command_says_what_was_taken_and_what_to_correct(tmp_path: Path, store_url: str) -> None:
    file = written(tmp_path / "a.csv", CHINESE, [("H-1", NAME, ADDRESS, PHONE), ("H-2", "", "", "")], "gb18030")
    done = alertbus(tmp_path, store_url, "households", "load", file)
    as_json = alertbus(tmp_path, store_url, "households", "load", file, "--json")

    assert done.stdout.splitlines() == ["已接收 1 行，退回 1 行", "第 2 行 head：必填项为空：请填写"]
    assert (done.returncode, as_json.returncode) == (1, 1)
    assert json.loads(as_json.stdout) == {
        "accepted": 1,
        "rejected": [{"row": 2, "field": "head", "reason": "必填项为空：请填写", "code": "missing"}],
    }


def test_the_command_loads_nothing_without_the_key_of_the_book(tmp_path: Path, store_url: str) -> None:
    file = written(tmp_path / "a.xlsx", CHINESE, [("H-1", NAME, ADDRESS, PHONE)])
    assert alertbus(tmp_path, store_url, "households", "load", file).returncode == 0
    (tmp_path / "data" / "book.key").write_text("A" * 43 + "=\n", encoding="ascii")
    done = alertbus(tmp_path, store_url, "households", "load", file)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "未完成：住户簿不是用这个密钥写的：请从备份恢复 book.key 后重试\n"


def _content_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:  # a server's scratch file that is gone by now
        return b""


def test_names_addresses_and_phones_stand_nowhere_in_the_clear(
    tmp_path: Path, store_url: str, request: pytest.FixtureRequest
) -> None:
    family = ("H-1", NAME, ADDRESS, PHONE)
    wrong = [("H-2", NAME, IDENTITY, PHONE), (IDENTITY, NAME, ADDRESS, PHONE), ("H-3", NAME, ADDRESS, ADDRESS)]
    again = [("H-1", NAME + NAME, ADDRESS, PHONE), ("H-4", NAME, ADDRESS * 60, PHONE)]
    file = written(tmp_path / f"{NAME}.csv", CHINESE, [family, *wrong, *again])
    outputs = [alertbus(tmp_path, store_url, "households", "load", file, *more) for more in ((), ("--json",))]
    engine = open_store(store_url)
    with writing(engine) as conn:
        family_read = read_family(conn, read_book_key(tmp_path / "data" / "book.key"), "H-1", "u_1", NOW)
    with reading(engine) as conn:
        conn.exec_driver_sql("SELECT count(*) FROM household_book")
        folders = [tmp_path]
        if engine.dialect.name == "postgresql":
            server: LivePostgres = request.getfixturevalue("postgres")
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as own:
                own.exec_driver_sql("CHECKPOINT")
            folders.append(server.folder)
        files = [path for folder in folders for path in folder.rglob("*") if path.is_file() and path != file]
        everything = {str(path): _content_of(path) for path in files}
    everything["output"] = "".join(done.stdout + done.stderr for done in outputs).encode()
    engine.dispose()
    found = [(where, secret) for where, content in everything.items() for secret in secrets() if secret in content]

    assert found == []
    assert [done.returncode for done in outputs] == [1, 1]
    assert family_read == FAMILY
    assert any(b"household_book" in content and b"H-1" in content for content in everything.values())  # it can be found
