"""Names, identity numbers and phones stay in the file they came in: none reaches bus, logs, metrics or state."""

from __future__ import annotations

import csv
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.request import urlopen

import pytest
import xlsxwriter
from kafka import KafkaConsumer, TopicPartition

from schemas.beijing import instant
from tests.people import Row, identity_number, json_lines, member
from tests.running_bus import RunningBus

pytestmark = pytest.mark.kafka

NAME = "欧阳金丝雀"
LATIN_NAME = "Ouyang Jinsique"
PHONE = "13904561237"
BORN = "19710819"
NUMBERS = [identity_number(order, BORN) for order in range(8)]
ALL_DIGITS = next(number for number in NUMBERS if number.isdigit())
HOUSEHOLD = "PRV-1"
MORE_COLUMNS = {"name": NAME, "姓名": NAME, "phone": PHONE, "联系电话": PHONE}
DAY = "2026-09-01"
INDEXES = (".index", ".timeindex")
"""The broker's files of offsets and times, 20 MiB of room for each partition while it runs."""


def short(number: str) -> str:
    """Number as it was before 1999: 15 digits."""
    return number[:6] + number[8:17]


def secrets() -> Iterator[bytes]:
    """Every form in which a canary might show."""
    for text in (NAME, LATIN_NAME, PHONE, f"{PHONE[:3]}-{PHONE[3:7]}-{PHONE[7:]}", *NUMBERS, *map(short, NUMBERS)):
        yield from {text.encode(code) for code in ("utf-8", "gb18030", "utf-16-le")}
        yield text.encode("unicode_escape")
    yield from (number[:17].encode() for number in NUMBERS)


def bill(number: int, **changes: object) -> Row:
    row: Row = {
        "event_id": f"PRV-B-{number}",
        "kind": "settlement",
        "id_number": NUMBERS[number],
        "occurred_at": DAY,
        "visit_type": "inpatient",
        "total_fee": "90000",
        "basic_paid": "0",
        "serious_paid": "0",
        "aid_paid": "0",
        "self_pay": "60000",
        "in_county": "是",
        "discharged_on": DAY,
    }
    return {**row, **changes}


def inspection(number: int, **changes: object) -> Row:
    what = {"event_id": f"PRV-H-{number}", "kind": "inspection", "id_number": NUMBERS[number], "occurred_at": DAY}
    return {**what, "grade": "D", "hazard": "crack", "inspected_on": DAY, **changes}


def columns_of(rows: list[Row]) -> list[str]:
    return list(dict.fromkeys(column for row in rows for column in row))


def gb_csv(path: Path, rows: list[Row]) -> Path:
    with path.open("w", encoding="gb18030", newline="") as out:
        writer = csv.DictWriter(out, fieldnames=columns_of(rows))
        writer.writeheader()
        writer.writerows(rows)
    return path


def workbook(path: Path, rows: list[Row]) -> Path:
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet(NAME)
        sheet.write_row(0, 0, columns_of(rows))
        for place, row in enumerate(rows, start=1):
            sheet.write_row(place, 0, [row.get(column, "") for column in columns_of(rows)])
    return path


def publish_canaries(bus: RunningBus, folder: Path) -> Iterator[tuple[int, int, str]]:
    """Send files full of canaries; how many rows were taken, how many refused, what was printed."""
    register = [
        member(NUMBERS[0], HOUSEHOLD, tags=["lifted"]),
        member(short(NUMBERS[1]), HOUSEHOLD),
        member(NUMBERS[2], HOUSEHOLD) | MORE_COLUMNS,
        member(NUMBERS[3], NUMBERS[3]),
        member(NUMBERS[3], short(NUMBERS[3])),
        member(NUMBERS[3], f"户主{NUMBERS[3]}"),
        member(NUMBERS[3], HOUSEHOLD, grid_code=ALL_DIGITS),
        member(NUMBERS[3], HOUSEHOLD, grid_code=short(ALL_DIGITS)),
        member(NUMBERS[3], HOUSEHOLD, tags=[NAME]),
        member(NUMBERS[3], HOUSEHOLD, village_code=PHONE),
    ]
    bills = [
        bill(0),
        bill(1, id_number=short(NUMBERS[1])),
        bill(4),
        bill(5, event_id=f"B{NUMBERS[5]}"),
        bill(5, event_id=NAME),
        bill(5, kind=NAME),
        bill(5, visit_type=NAME),
        bill(5, self_pay=PHONE),
        bill(5, occurred_at=LATIN_NAME),
        bill(5, region_code=NUMBERS[5]),
        bill(5) | MORE_COLUMNS,
    ]
    inspections = [inspection(6), inspection(7, household_id=NUMBERS[7]), inspection(7) | MORE_COLUMNS]
    yield run(bus, "register", json_lines(folder / f"{NAME}.jsonl", register))
    yield run(bus, "publish", "health_insurance", gb_csv(folder / f"{NUMBERS[0]}.csv", bills))
    yield run(bus, "publish", "housing", workbook(folder / f"{PHONE}.xlsx", inspections))


def run(bus: RunningBus, *arguments: str | Path) -> tuple[int, int, str]:
    done = bus.run(*arguments)
    words = done.stdout.split()
    assert words[0] == "已接收", done.stdout + done.stderr
    return int(words[1]), done.stdout.count("\n第 "), done.stdout + done.stderr


def topics_bytes(bus: RunningBus) -> Mapping[str, bytes]:
    """Everything that stands on each topic: keys, values and headers of every record."""
    consumer = KafkaConsumer(bootstrap_servers=bus.bootstrap_servers, auto_offset_reset="earliest", group_id=None)
    partitions = [
        TopicPartition(topic, number) for topic in consumer.topics() for number in consumer.partitions_for_topic(topic)
    ]
    consumer.assign(partitions)
    ends = consumer.end_offsets(partitions)
    found: dict[str, list[bytes]] = {tp.topic: [] for tp in partitions}
    while any(consumer.position(tp) < ends[tp] for tp in partitions):
        for tp, records in consumer.poll(500).items():
            for record in records:
                found[tp.topic] += [record.key or b"", record.value or b"", repr(record.headers).encode()]
    consumer.close()
    return {topic: b"\n".join(parts) for topic, parts in found.items()}


def pages_and_files(bus: RunningBus) -> Iterator[tuple[str, bytes]]:
    """Everything else that the bus leaves behind: metrics, logs, state, the broker's own files, the county's key."""
    for program, address in bus.addresses["metrics"].items():
        with urlopen(address) as page:
            yield f"metrics of {program}", page.read()
    files = (path for path in bus.data_dir.rglob("*") if path.is_file() and path.suffix not in INDEXES)
    for path in (*bus.outputs, *files):
        yield str(path.relative_to(bus.data_dir.parent)), path.read_bytes()


def told_to_departments(bus: RunningBus) -> list[str]:
    """What is said to the departments of their rows, this month."""
    month = ("--month", f"{instant(time.time_ns() // 1_000_000):%Y-%m}")
    asked = [(what, code, *month) for what in ("deliveries", "scorecard") for code in ("housing", "health_insurance")]
    said = [bus.run(*each, *more).stdout for each in asked for more in ((), ("--json",))]
    assert all(said)
    return said


def test_no_name_number_or_phone_leaves_the_file_it_stands_in(bus: RunningBus, tmp_path: Path) -> None:
    (people, bills, houses) = publish_canaries(bus, tmp_path)
    bus.settle()
    everything = {**topics_bytes(bus), **dict(pages_and_files(bus))}
    printed = [words for *_, words in (people, bills, houses)] + told_to_departments(bus)
    everything["what the commands printed"] = "".join(printed).encode()
    leaks = [(where, secret) for where, content in everything.items() for secret in secrets() if secret in content]

    assert leaks == []
    assert b"PRV-H-6" in everything["events.housing"], "what is there is found"
    assert (people[:2], bills[:2], houses[:2]) == ((2, 8), (3, 8), (1, 2))
    assert {"alerts", "household.events", "register.persons", "bus.json", "metrics of assign-1"} <= {
        where.rpartition("/")[2] for where in everything
    }
    assert [alert["level"] for alert in bus.json_lines("alerts", "--household", HOUSEHOLD)] == ["red"]
