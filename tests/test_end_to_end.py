"""The shortest story, as people do it: files in, through the commands; one alert per household out."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from kafka import KafkaProducer

from schemas.topics import events_topic
from tests.people import identity_number, json_lines, member
from tests.rows import days_ago
from tests.running_bus import RunningBus

pytestmark = pytest.mark.kafka

NOTHING_REFUSED: dict[str, list[object]] = {"rejected": []}


def bill(event_id: str, number: str, self_pay: str, days: int, **changes: object) -> dict[str, object]:
    return {
        "event_id": event_id,
        "kind": "settlement",
        "id_number": number,
        "occurred_at": days_ago(days),
        "visit_type": "inpatient",
        "total_fee": "20000.00",
        "basic_paid": "9000",
        "serious_paid": "0",
        "aid_paid": "0",
        "self_pay": self_pay,
        "in_county": "是",
        "discharged_on": days_ago(days),
        **changes,
    }


def csv_of_an_old_office_program(path: Path, rows: Sequence[Mapping[str, object]]) -> Path:
    with path.open("w", encoding="gb18030", newline="") as out:
        writer = csv.DictWriter(out, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def workbook(path: Path, rows: Sequence[Mapping[str, object]]) -> Path:
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, list(rows[0]))
        for place, row in enumerate(rows, start=1):
            sheet.write_row(place, 0, list(row.values()))
    return path


def inspection(event_id: str, household: str, grade: str) -> dict[str, object]:
    when = days_ago(40)
    what = {"event_id": event_id, "kind": "inspection", "household_id": household, "occurred_at": when}
    return {**what, "grade": grade, "hazard": "crack", "inspected_on": when}


def dropout(event_id: str, number: str) -> dict[str, object]:
    what = {"event_id": event_id, "kind": "enrolment", "id_number": number, "occurred_at": days_ago(5)}
    return {**what, "stage": "junior", "status": "dropout", "absent_days": 20}


def alerts_of(bus: RunningBus, household: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = bus.json_lines("alerts", "--household", household)
    return found


def send_trouble(bus: RunningBus, patient: str, household: str, folder: Path) -> None:
    """Two bills and a bad house, as three offices send them."""
    register = json_lines(folder / "register.jsonl", [member(patient, household, tags=["lifted"])])
    bills = [bill("B-1", patient, "6000.00", 60), bill("B-2", patient, "4000", 30)]
    bills_file = csv_of_an_old_office_program(folder / "bills.csv", bills)
    inspections = workbook(folder / "inspections.xlsx", [inspection("H-1", household, "C")])

    assert bus.json("register", register) == {"accepted": 1, **NOTHING_REFUSED}
    assert bus.json("publish", "health_insurance", bills_file) == {"accepted": 2, **NOTHING_REFUSED}
    assert bus.json("publish", "housing", inspections) == {"accepted": 1, **NOTHING_REFUSED}


def test_three_files_make_one_alert_and_a_correction_takes_it_back(bus: RunningBus, tmp_path: Path) -> None:
    patient, household = identity_number(1, "19650305"), "END-1"
    send_trouble(bus, patient, household, tmp_path)
    bus.settle()
    [alert] = alerts_of(bus, household)

    assert (alert["status"], alert["level"], alert["township_code"]) == ("ALERTED", "orange", "231222101")
    assert {cause["rule"]: cause["evidence"] for cause in alert["causes"]} == {
        "R04": ["B-1", "B-2"],
        "R13": ["H-1"],
        "C1": ["B-1", "B-2", "H-1"],
    }
    assert "医保" in alert["text"]
    assert "住建" in alert["text"]

    corrected = [bill("B-1", patient, "60.00", 60, revision=1), bill("B-2", patient, "40.00", 30, revision=1)]
    rated = [inspection("H-1", household, "B") | {"revision": 1}]
    bus.json("publish", "health_insurance", csv_of_an_old_office_program(tmp_path / "corrected.csv", corrected))
    bus.json("publish", "housing", workbook(tmp_path / "corrected.xlsx", rated))
    bus.settle()
    [withdrawn] = alerts_of(bus, household)

    assert (withdrawn["alert_id"], withdrawn["status"]) == (alert["alert_id"], "WITHDRAWN")
    assert withdrawn["version"] > alert["version"]


def test_a_person_who_is_registered_later_releases_what_was_parked(bus: RunningBus, tmp_path: Path) -> None:
    pupil, household = identity_number(2, "20110907"), "END-2"
    before = bus.json("status")["counts"]
    bus.json("publish", "education", json_lines(tmp_path / "dropout.jsonl", [dropout("D-1", pupil)]))
    bus.settle()
    parked = bus.json("status")["counts"]

    assert (parked["parked"], parked["applied"]) == (before["parked"] + 1, before["applied"])
    assert alerts_of(bus, household) == []

    bus.json("register", json_lines(tmp_path / "register.jsonl", [member(pupil, household)]))
    bus.settle()
    released = bus.json("status")["counts"]
    [alert] = alerts_of(bus, household)

    assert (released["parked"], released["applied"]) == (before["parked"], before["applied"] + 1)
    assert (alert["level"], [cause["rule"] for cause in alert["causes"]]) == ("red", ["R10"])


def test_a_file_that_is_sent_twice_changes_nothing(bus: RunningBus, tmp_path: Path) -> None:
    pupil, household = identity_number(3, "20120607"), "END-3"
    path = json_lines(tmp_path / "dropout.jsonl", [dropout("D-2", pupil)])
    bus.json("register", json_lines(tmp_path / "register.jsonl", [member(pupil, household)]))
    bus.json("publish", "education", path)
    bus.settle()
    once, before = alerts_of(bus, household), bus.json("status")["counts"]
    bus.json("publish", "education", path)
    bus.settle()

    assert alerts_of(bus, household) == once
    assert bus.json("status")["counts"]["duplicate"] == before["duplicate"] + 1


def test_a_bad_row_is_named_while_the_good_ones_go(bus: RunningBus, tmp_path: Path) -> None:
    good, bad = identity_number(4, "20120607"), identity_number(5, "20120607")[:-1] + "?"
    done = bus.run(
        "publish", "education", json_lines(tmp_path / "a.jsonl", [dropout("D-3", bad), dropout("D-4", good)])
    )

    assert done.returncode == 1
    assert "已接收 1 行，退回 1 行" in done.stdout
    assert "第 1 行 id_number（身份证号）：" in done.stdout
    assert bad not in done.stdout + done.stderr


def test_bytes_that_nobody_can_read_are_listed_in_words_and_stop_nothing(bus: RunningBus) -> None:
    producer = KafkaProducer(bootstrap_servers=bus.bootstrap_servers)
    producer.send(events_topic("housing"), key=b"END-6", value=b"<xml>?</xml>")
    producer.close()
    bus.settle()

    letter = bus.json_lines("dead-letters", "list", "--department", "housing")[-1]
    assert {"department": "housing", "reason": "not_avro", "field": None}.items() <= letter.items()
    assert letter.keys() >= {"id", "at"}
    assert "请用本系统的推送程序" in bus.run("dead-letters", "list").stdout


def test_a_tick_says_how_far_each_feed_has_come(bus: RunningBus, tmp_path: Path) -> None:
    pupil, household = identity_number(7, "20120607"), "END-7"
    bus.json("register", json_lines(tmp_path / "register.jsonl", [member(pupil, household)]))
    nothing_new = json_lines(tmp_path / "nothing.jsonl", [])
    bus.json("publish", "education", nothing_new, "--covers-to", days_ago(-1))
    assert bus.json("tick", "--at", days_ago(0)) == {"day": days_ago(0)}
    bus.json("publish", "education", json_lines(tmp_path / "dropout.jsonl", [dropout("D-7", pupil)]))
    bus.settle()
    [alert] = alerts_of(bus, household)

    assert alert["as_of"]["education"] == days_ago(-1)


def test_every_event_has_one_outcome_and_the_sources_agree_with_the_alerts(bus: RunningBus) -> None:
    bus.settle()
    status = bus.json("status")
    counts = dict(status["counts"])
    reconciled = bus.run("reconcile", "--json")

    assert counts.pop("published") == sum(counts.values()) > 0
    assert {program["name"]: program["state"] for program in status["programs"]} == {
        "broker": "ready",
        "assign-1": "ready",
        "correlate-1": "ready",
        "area-1": "ready",
    }
    assert (reconciled.returncode, reconciled.stderr) == (0, ""), reconciled.stdout
