"""What people answer, on the running bus: it moves the alert, is told on it, follows the household, and reconciles."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaProducer

from consumers.roster import COUNTY
from consumers.store.area_alerts import list_area_alerts
from consumers.store.database import reading
from deploy.up.program import Deadline
from schemas.codec import Record, encode
from schemas.partition import partition_of
from schemas.topics import TOWNSHIP_ACTIONS
from tests.builders import at, deed
from tests.notifiers import Notifier, told
from tests.people import identity_number, json_lines, member
from tests.running_bus import RunningBus
from tests.test_end_to_end import alerts_of, dropout

pytestmark = pytest.mark.kafka

THERE, ELSEWHERE = "231222101", "231222102"


class Officer:
    """Sends what the inbox would."""

    def __init__(self, bus: RunningBus) -> None:
        self._producer = KafkaProducer(bootstrap_servers=bus.bootstrap_servers, acks="all")

    def does(self, code: str, alert: Record, action_id: str, **more: Any) -> None:
        page = {"alert_id": alert["alert_id"], "version_seen": alert["version"], "acted_at": at("2026-11-01")}
        action = deed(code, alert["household_id"], action_id=action_id, **({"township_code": THERE} | page | more))
        self.sends(alert["household_id"], encode("action", action))

    def sends(self, household_id: str, message: bytes) -> None:
        key = household_id.encode()
        self._producer.send(TOWNSHIP_ACTIONS, key=key, value=message, partition=partition_of(key)).get(30)

    def close(self) -> None:
        self._producer.close()


@pytest.fixture
def officer(bus: RunningBus) -> Iterator[Officer]:
    """Somebody with an inbox."""
    officer = Officer(bus)
    yield officer
    officer.close()


def raised(bus: RunningBus, folder: Path, person: int, household: str) -> Record:
    pupil = identity_number(person, "20120607")
    bus.json("register", json_lines(folder / "register.jsonl", [member(pupil, household)]))
    bus.json("publish", "education", json_lines(folder / "dropout.jsonl", [dropout(f"D-{household}", pupil)]))
    bus.settle()
    [alert] = alerts_of(bus, household)
    return alert


def test_an_answer_moves_the_alert_and_the_second_is_kept_as_a_conflict(
    bus: RunningBus, officer: Officer, tmp_path: Path
) -> None:
    alert = raised(bus, tmp_path, 51, "ACT-1")
    officer.does("confirmed", alert, "act-1")
    officer.does("rejected", alert, "act-2", actor="u_other")
    officer.does("confirmed", alert, "act-1")
    bus.settle()
    [answered] = alerts_of(bus, "ACT-1")

    told = [(done["action_id"], done["actor"], done["outcome"], done["why"]) for done in answered["actions"]]
    assert (answered["status"], answered["version"]) == ("CONFIRMED", alert["version"] + 2)
    assert told == [("act-1", "u_township", "accepted", None), ("act-2", "u_other", "conflict", "answered")]
    assert bus.json("reconcile")["differences"] == []


def test_a_household_that_moves_takes_its_case_to_the_other_township(
    bus: RunningBus, officer: Officer, tmp_path: Path
) -> None:
    alert = raised(bus, tmp_path, 52, "ACT-2")
    officer.does("visited", alert, "act-3")
    pupil = identity_number(52, "20120607")
    moved = member(pupil, "ACT-2", valid_from="2026-10-01", township_code=ELSEWHERE, village_code=f"{ELSEWHERE}001")
    bus.json("register", json_lines(tmp_path / "moved.jsonl", [moved | {"grid_code": f"{ELSEWHERE}00101"}]))
    bus.settle()
    [handed_over] = alerts_of(bus, "ACT-2")
    officer.does("rejected", handed_over, "act-4")
    officer.does("confirmed", handed_over, "act-5", township_code=ELSEWHERE)
    bus.settle()
    [answered] = alerts_of(bus, "ACT-2")

    assert (handed_over["status"], handed_over["archive"]) == ("VERIFYING", ["visited"])
    assert (handed_over["township_code"], handed_over["previous_township_code"]) == (ELSEWHERE, THERE)
    assert answered["status"] == "CONFIRMED"
    assert [done["outcome"] for done in answered["actions"]] == ["accepted", "refused", "accepted"]
    assert bus.json("reconcile")["differences"] == []


def test_after_a_rejection_the_next_case_stands_beside_the_one_that_ended(
    bus: RunningBus, officer: Officer, tmp_path: Path
) -> None:
    alert = raised(bus, tmp_path, 53, "ACT-3")
    officer.does("rejected", alert, "act-6")
    bus.settle()
    again = dropout("D-again", identity_number(53, "20120607")) | {"absent_days": 40}
    bus.json("publish", "education", json_lines(tmp_path / "again.jsonl", [again]))
    bus.settle()

    both = sorted(alerts_of(bus, "ACT-3"), key=lambda each: int(each["ordinal"]))
    assert [(each["ordinal"], each["status"]) for each in both] == [(1, "REJECTED"), (2, "ALERTED")]
    assert bus.json("reconcile")["differences"] == []


def test_a_move_and_a_person_in_two_households_are_told_to_who_must_know(bus: RunningBus, tmp_path: Path) -> None:
    raised(bus, tmp_path, 54, "ACT-5")
    pupil, twice = identity_number(54, "20120607"), identity_number(55)
    moved = member(pupil, "ACT-5", valid_from="2026-10-01", township_code=ELSEWHERE, village_code=f"{ELSEWHERE}001")
    claimed = [member(twice, "ACT-5"), member(twice, "ACT-6"), member(twice, "ACT-6", retracted=True)]
    rows = [moved | {"grid_code": f"{ELSEWHERE}00101"}, *claimed]
    bus.json("register", json_lines(tmp_path / "rows.jsonl", rows))
    bus.settle()
    [alert] = alerts_of(bus, "ACT-5")
    channels = '[{ channel = "inbox" }]'
    roster = "".join(f"[townships.{code}]\nchannels = {channels}\n" for code in (THERE, ELSEWHERE))
    notifier = Notifier("notify", bus.bootstrap_servers, tmp_path / "notify", roster)
    notifier.start_ready()

    version = alert["alert_id"], alert["version"]
    moves = {(*version, THERE, "handed_over"), (*version, ELSEWHERE, "taken_over")}
    assert Deadline(30).reached(lambda: moves <= set(told(notifier.store())))
    assert Deadline(30).reached(lambda: told_of_conflicts(notifier, "ACT-5") == ["area_raised", "area_settled"])
    notifier.end()


def told_of_conflicts(notifier: Notifier, household: str) -> list[str]:
    """Kinds of what the county was told of conflicts that left somebody in one household."""
    engine = notifier.store()
    with reading(engine) as conn:
        settled = list_area_alerts(conn, 99, is_open=False)
    known = {each.alert_id for each in settled if each.content["subjects"][1:] == [household]}
    return [kind for alert_id, _, whose, kind in told(engine) if alert_id in known and whose == COUNTY]


def test_an_action_that_nobody_could_answer_is_listed_in_words(bus: RunningBus, officer: Officer) -> None:
    unknown = {"alert_id": "a_unknown", "version": 1, "household_id": "ACT-4"}
    officer.sends("ACT-4", b"\xc3\x01 odd")
    officer.does("confirmed", unknown, "act-7")
    bus.settle()

    listed = {
        (each["department"], each["reason"]): each["what_to_do"] for each in bus.json_lines("dead-letters", "list")
    }
    assert ("actions", "not_avro") in listed
    assert "没有这个预警编号" in listed["household", "unknown_alert"]
