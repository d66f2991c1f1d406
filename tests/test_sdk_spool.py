"""The SDK's spool: for its owner's eyes, bounded, shared by processes, and in words where disk or file fail."""

from __future__ import annotations

import logging
import sqlite3
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import producers
from deploy.up.program import Deadline
from producers import RowRefusedError, SpoolDamagedError, SpoolError, SpoolFullError
from producers.sdk.errors import SettingError
from producers.sdk.turn import turn
from tests.rows import fee, numbered
from tests.sdk_wire import QUICK, Wire, arrived, names, publisher, refusing
from tests.source_tree import ROOT


def test_a_full_spool_says_what_waits_what_the_limit_is_and_what_to_do(wire: Wire, tmp_path: Path) -> None:
    wire.away = True
    limits = replace(QUICK, spool_rows=5, batch_rows=2, close_seconds=0)
    with publisher(wire, tmp_path, limits=limits) as sending:
        with pytest.raises(
            SpoolFullError, match=r"暂存已满：4 行待发.*上限 5 / .*请查明.*4 rows wait.*send again"
        ) as caught:
            sending.send_many(fee(number) for number in range(9))
        with pytest.raises(SpoolFullError):
            sending.send_many([fee(8), fee(9)])
        sending.send(fee(4))
        taken = caught.value.taken

    wire.away = False
    publisher(wire, tmp_path).close()

    assert taken == 4
    assert arrived(wire) == names(0, 1, 2, 3, 4)


def test_a_full_spool_that_empties_is_waited_for(wire: Wire, tmp_path: Path) -> None:
    limits = replace(QUICK, spool_rows=5, batch_rows=2, full_seconds=20, linger_seconds=60)
    with publisher(wire, tmp_path, limits=limits) as sending:
        sending.send_many(fee(number) for number in range(40))

    assert arrived(wire) == names(*range(40))


def test_the_limit_in_bytes_holds_as_well(wire: Wire, tmp_path: Path) -> None:
    wire.away = True
    with publisher(wire, tmp_path, limits=replace(QUICK, spool_bytes=350, close_seconds=0)) as sending:
        sending.send(fee(1))
        sending.send(fee(2))
        with pytest.raises(SpoolFullError):
            sending.send(fee(3))


def test_a_spool_is_one_departments(wire: Wire, tmp_path: Path) -> None:
    publisher(wire, tmp_path).close()

    with pytest.raises(SettingError, match=r"is of education: give housing a file of its own"):
        publisher(wire, tmp_path, department="housing")


def test_only_the_owner_reads_the_spool_and_nothing_of_delivered_rows_stays_in_it(wire: Wire, tmp_path: Path) -> None:
    number = numbered(7)
    with publisher(wire, tmp_path) as sending:
        sending.send(fee(7))
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in tmp_path.glob("education.spool*")}
        held = b"".join(file.read_bytes() for file in tmp_path.glob("education.spool*"))
        sending.flush()
        left = b"".join(file.read_bytes() for file in tmp_path.glob("education.spool*"))

    assert set(modes.values()) == {0o600}
    assert number.encode() in held
    assert number.encode() not in left


def test_a_spool_that_others_may_read_is_closed_to_them(wire: Wire, tmp_path: Path) -> None:
    publisher(wire, tmp_path).close()
    (tmp_path / "education.spool").chmod(0o644)
    publisher(wire, tmp_path).close()

    assert stat.S_IMODE((tmp_path / "education.spool").stat().st_mode) == 0o600


def test_no_identity_number_is_in_logs_errors_or_addresses(
    wire: Wire, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    said: list[object] = []
    wire.instead = lambda _: refusing(500, "broken") if len(wire.requests) % 2 else None
    with publisher(wire, tmp_path) as sending:
        for row in (fee(1, stage=numbered(1)), fee(1, id_number=numbered(1) + "0"), fee(1, **{numbered(1): 1})):
            with pytest.raises(RowRefusedError) as caught:
                sending.send(row)
            said += [caught.value, repr(caught.value), caught.value.__cause__, caught.value.__context__]
        sending.send_many([fee(1), fee(2, occurred_at="2020-01-01")])
        sending.flush()
        said += [sending, repr(sending), sending.set_aside()[0].problem]
        with pytest.raises(SettingError) as wrong:
            sending.receipt(numbered(1))
        said.append(wrong.value)
    addresses = [str(request.url) for request in wire.requests]

    everything = "\n".join([caplog.text, *map(str, said), *addresses])
    assert [number for number in (numbered(1), numbered(2)) if number[:17] in everything] == []
    assert "hab_" not in everything
    assert "nothing is delivered for now" in caplog.text


def test_two_publishers_on_one_spool_take_turns_and_all_arrives_once(wire: Wire, tmp_path: Path) -> None:
    limits = replace(QUICK, batch_rows=3)
    with publisher(wire, tmp_path, limits=limits) as one, publisher(wire, tmp_path, limits=limits) as other:
        for number in range(30):
            (one if number % 2 else other).send(fee(number))
        one.flush()
        other.flush()

    assert arrived(wire) == names(*range(30))
    assert sqlite3.connect(tmp_path / "education.spool").execute("SELECT sum(accepted) FROM receipt").fetchone() == (
        30,
    )


def test_a_damaged_spool_is_refused_in_words_and_left_as_it_is(wire: Wire, tmp_path: Path) -> None:
    file = tmp_path / "education.spool"
    file.write_bytes(b"no database at all, " * 500)
    with pytest.raises(SpoolDamagedError, match=r"已损坏：请.*is damaged: keep it"):
        publisher(wire, tmp_path)
    assert file.read_bytes().startswith(b"no database")
    file.unlink()

    wire.away = True
    with publisher(wire, tmp_path, limits=replace(QUICK, close_seconds=0)) as sending:
        sending.send_many(fee(number) for number in range(400))
    content = bytearray(file.read_bytes())
    content[len(content) // 4 : len(content) * 3 // 4] = b"\xa5" * (len(content) * 3 // 4 - len(content) // 4)
    file.write_bytes(content)
    with pytest.raises(SpoolDamagedError):
        publisher(wire, tmp_path)


def test_a_full_disk_is_said_and_what_was_taken_before_arrives(wire: Wire, tmp_path: Path) -> None:
    wire.away = True
    with publisher(wire, tmp_path) as sending:
        sending.send(fee(0))
        pages = sending._spool._file._db.execute("PRAGMA page_count").fetchone()[0]
        sending._spool._file._db.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(SpoolError, match=r"磁盘已满.*请腾出空间.*make room, then send these rows again"):
            sending.send_many(fee(number) for number in range(1, 200))
        sending._spool._file._db.execute("PRAGMA max_page_count = 100000")
        sending.send(fee(200))
        wire.away = False

    assert arrived(wire) == names(0, 200)


def test_a_disk_that_is_full_when_the_receipt_comes_makes_nothing_count_twice(wire: Wire, tmp_path: Path) -> None:
    with publisher(wire, tmp_path) as sending:
        sending._spool._file._db.execute(
            "CREATE TEMP TRIGGER full BEFORE INSERT ON receipt BEGIN SELECT RAISE(ABORT, 'full'); END"
        )
        sending.send(fee(1))
        assert Deadline(10).reached(lambda: len(wire.requests) > 2)
        sending._spool._file._db.execute("DROP TRIGGER full")
        sending.flush()
        receipts = sending.receipts()

    assert arrived(wire) == names(1)
    assert len(receipts) == 1


def test_a_publisher_that_was_closed_says_so_and_may_be_closed_again(wire: Wire, tmp_path: Path) -> None:
    sending = publisher(wire, tmp_path)
    sending.close()
    sending.close()

    with pytest.raises(SpoolError, match=r"已关闭.*is closed"):
        sending.send(fee(1))


def test_a_folder_that_is_not_there_is_said(wire: Wire, tmp_path: Path) -> None:
    with pytest.raises(SpoolError, match=r"check folder and rights"):
        publisher(wire, tmp_path, spool=tmp_path / "none" / "spool")


def test_a_spool_of_another_release_is_left_alone(wire: Wire, tmp_path: Path) -> None:
    publisher(wire, tmp_path).close()
    with sqlite3.connect(tmp_path / "education.spool") as db:
        db.execute("PRAGMA user_version = 7")

    with pytest.raises(SettingError, match=r"another release"):
        publisher(wire, tmp_path)


def test_importing_the_package_loads_nothing_that_is_heavy() -> None:
    code = "import sys, producers; print(*{'httpx', 'kafka', 'sqlalchemy', 'fastavro', 'sqlite3'} & sys.modules.keys())"
    done = subprocess.run((sys.executable, "-c", code), capture_output=True, text=True, check=True, cwd=ROOT)

    assert done.stdout.strip() == ""
    assert {name: hasattr(producers, name) for name in producers.__all__} == dict.fromkeys(producers.__all__, True)


def test_it_is_one_publishers_turn_at_a_time(tmp_path: Path) -> None:
    spool = tmp_path / "a.spool"
    with turn(spool) as one, turn(spool) as other:
        both = one, other
    with turn(spool) as afterwards:
        assert (*both, afterwards) == (True, False, True)
