"""A file on its way to the bus: all rows confirmed before the run is ended, whatever the broker does meanwhile."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from producers.commands import COMMANDS
from producers.identity import person_id
from producers.message import Message
from producers.publish import Run, event_messages, publish_rows, register_messages
from schemas.beijing import day_number, start_of
from schemas.codec import Record, decode
from schemas.event_columns import event_columns
from schemas.faults import RowProblem
from schemas.partition import partition_of
from schemas.readers import Source, open_source
from schemas.topics import DELIVERIES, REGISTER_HOUSEHOLDS, REGISTER_PERSONS, events_topic
from tests.rows import KEY, fee, lines, member, numbered
from tests.source_tree import ROOT

STARTED = start_of(day_number(date(2026, 4, 3)))
publish, register = COMMANDS


def source(path: Path, rows: list[Record]) -> Source:
    return open_source(lines(path, rows), event_columns("education"))


RUN = Run("education", STARTED, "1a2b3c4d5e", covers_to=20_000)


class FakeBus:
    """Keeps what it was sent; `confirmed` counts how much of it was when asked."""

    def __init__(self) -> None:
        self.sent: list[Message] = []
        self.confirmed: list[int] = []

    def send(self, message: Message) -> None:
        self.sent.append(message)

    def confirm_all(self) -> None:
        self.confirmed.append(len(self.sent))


def test_the_run_ends_with_its_delivery_once_all_rows_are_confirmed(tmp_path: Path) -> None:
    bus = FakeBus()
    rows = [fee(1), fee(2, overdue="much"), fee(3)]

    outcome = publish_rows(source(tmp_path / "a.jsonl", rows), event_messages(RUN, KEY), RUN, bus)

    assert outcome.accepted == 2
    assert [(p.row, p.field, p.code) for p in outcome.rejected] == [(2, "overdue", "amount")]
    assert bus.confirmed == [2, 3]
    assert [m.topic for m in bus.sent] == [events_topic("education")] * 2 + [DELIVERIES]
    assert decode(bus.sent[-1].value)[1] == {
        "department": "education",
        "batch_id": "education-20260403000000-1a2b3c4d",
        "source": "file",
        "covers_to": 20_000,
        "delivered_at": STARTED,
        "accepted": 2,
        "rejected": 1,
        "content_sha256": "1a2b3c4d5e",
        "rejected_by": {"amount": 1},
    }


def test_an_empty_file_is_a_delivery_too(tmp_path: Path) -> None:
    bus = FakeBus()

    publish_rows(source(tmp_path / "a.jsonl", []), event_messages(RUN, KEY), RUN, bus)

    assert [m.topic for m in bus.sent] == [DELIVERIES]


def test_an_event_is_keyed_by_its_subject_and_says_its_batch_and_row(tmp_path: Path) -> None:
    bus = FakeBus()

    publish_rows(source(tmp_path / "a.jsonl", [fee(1)]), event_messages(RUN, KEY), RUN, bus)

    event = decode(bus.sent[0].value)[1]
    assert bus.sent[0].key == person_id(KEY, numbered(1)).encode()
    assert bus.sent[0].partition == partition_of(bus.sent[0].key)
    assert (event["batch_id"], event["row"], event["published_at"]) == (RUN.batch_id, 1, STARTED)


def test_a_row_that_stands_twice_is_one_event_sent_twice(tmp_path: Path) -> None:
    bus = FakeBus()

    outcome = publish_rows(source(tmp_path / "a.jsonl", [fee(1), fee(1)]), event_messages(RUN, KEY), RUN, bus)

    first, second = (decode(message.value)[1] for message in bus.sent[:2])
    assert outcome.accepted == 2
    assert {**first, "row": 2} == second
    assert bus.sent[0].key == bus.sent[1].key


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ({"id_number": "2.31222E+17"}, "存成了数字"),
        ({"occurred_at": 46095}, "存成了序号"),
        ({"occurred_at": "三月十四日"}, "时间不存在"),
        ({"due": "-1200"}, "金额应为"),
        ({"due": [[[[1]]]]}, "金额应为"),
        ({"event_id": {"a": [1]}}, "应为文字"),
        ({"id_number": "231222199001010011"}, "校验位"),
    ],
)
def test_a_bad_cell_costs_its_row_only_and_is_said_in_words(tmp_path: Path, cell: Record, said: str) -> None:
    bus = FakeBus()

    outcome = publish_rows(
        source(tmp_path / "a.jsonl", [fee(1), fee(2, **cell), fee(3)]), event_messages(RUN, KEY), RUN, bus
    )

    assert outcome.accepted == 2
    assert [(p.row, said in p.reason) for p in outcome.rejected] == [(2, True)]


def test_full_width_digits_are_digits(tmp_path: Path) -> None:
    bus = FakeBus()
    wide = str.maketrans("0123456789.-", "０１２３４５６７８９．－")
    row = fee(1)
    clumsy = {column: str(row[column]).translate(wide) for column in ("id_number", "occurred_at", "due", "overdue")}

    publish_rows(source(tmp_path / "a.jsonl", [row, fee(1, **clumsy)]), event_messages(RUN, KEY), RUN, bus)

    plain, wide_one = (decode(message.value)[1] for message in bus.sent[:2])
    assert wide_one == {**plain, "row": 2}


def test_a_register_row_goes_to_the_person_and_to_the_household() -> None:
    run = Run("register", STARTED, "00")

    result = register_messages(run, KEY)(member(1), 1)

    assert not isinstance(result, RowProblem)
    by_person, by_household = result
    person = person_id(KEY, numbered(1))
    assert (by_person.topic, by_person.partition) == (REGISTER_PERSONS, partition_of(person.encode()))
    assert (by_household.topic, by_household.partition) == (REGISTER_HOUSEHOLDS, partition_of(b"H0001"))
    assert by_person.value == by_household.value


def test_a_bad_register_row_is_a_problem_and_no_message() -> None:
    assert isinstance(register_messages(Run("register", STARTED, "00"), KEY)(member(1, tags=["poor"]), 1), RowProblem)


def invoke(command: object, *arguments: object) -> Result:
    assert command in COMMANDS
    return CliRunner().invoke(publish if command is publish else register, [str(a) for a in arguments])


def test_check_needs_no_bus_and_says_what_is_wrong_in_plain_words(tmp_path: Path) -> None:
    path = lines(tmp_path / "a.jsonl", [fee(1), fee(2, id_number="231222199001010011")])

    plain = invoke(publish, "education", path, "--check")
    as_json = invoke(publish, "education", path, "--check", "--json")

    assert plain.exit_code == as_json.exit_code == 1
    assert "可以接收 1 行，退回 1 行" in plain.output
    assert "第 2 行 id_number（身份证号）：身份证号校验位不符" in plain.output
    found = json.loads(as_json.stdout)
    assert found["accepted"] == 1
    assert {k: found["rejected"][0][k] for k in ("row", "field")} == {"row": 2, "field": "id_number"}
    assert "231222199001010011" not in plain.output + as_json.output


def at_a_terminal(*command: str) -> str:
    """What a command shows on standard error where that is a terminal."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        (sys.executable, "-m", *command), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=theirs
    ) as child:
        os.close(theirs)
        assert child.wait(60) == 0
    shown = os.read(ours, 1 << 16).decode()
    os.close(ours)
    return shown


def test_a_terminal_sees_how_far_it_is_and_a_pipe_sees_nothing(tmp_path: Path) -> None:
    path = lines(tmp_path / "a.jsonl", [fee(number) for number in range(9)])

    assert "9/9" in at_a_terminal("deploy.cli", "publish", "education", str(path), "--check")
    assert invoke(publish, "education", path, "--check").stderr == ""


def test_a_register_file_is_checked_without_a_bus(tmp_path: Path) -> None:
    result = invoke(register, lines(tmp_path / "a.jsonl", [member(1)]), "--check", "--json")

    assert (result.exit_code, json.loads(result.stdout)) == (0, {"accepted": 1, "rejected": []})


@pytest.mark.parametrize(("name", "content"), [("a.txt", "x"), ("a.csv", "x,y\n1,2\n"), ("a.xlsx", "x")])
def test_an_unusable_file_ends_with_2_and_words(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")

    result = invoke(publish, "education", tmp_path / name, "--check")

    assert result.exit_code == 2
    assert "未发送" in result.stderr


def test_no_bus_ends_with_2_and_says_how_to_start_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KAFKA_BOOTSTRAP_SERVERS", raising=False)

    result = invoke(publish, "education", lines(tmp_path / "a.jsonl", [fee(1)]), "--data-dir", tmp_path)

    assert result.exit_code == 2
    assert "alertbus up" in result.stderr


def test_an_unknown_department_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    result = invoke(publish, "weather", lines(tmp_path / "a.jsonl", []), "--check")

    assert result.exit_code == 2
    assert "health_insurance" in result.output
