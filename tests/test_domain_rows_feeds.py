"""Rows of the domain's list (domain.md section 8) about feeds: who sends, how late, and how long until anybody acts."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from consumers.roster import COUNTY
from deploy.cli import main
from deploy.counts import scrape
from deploy.up.program import Deadline
from schemas.cells import Row
from schemas.codec import Record
from schemas.feed_calendar import shipped_calendar
from schemas.topics import AREA_ALERTS
from streams.feed_alert import alert_id_of
from tests.builders import day
from tests.clerks import KINDS, row_of
from tests.inbox_programs import InboxPrograms, inbox_of
from tests.kafka_hands import decoded
from tests.live_broker import LiveBroker
from tests.notifiers import Notifier, told
from tests.people import identity_number, json_lines, member
from tests.rows import KEY, days_ago
from tests.running_bus import RunningBus
from tests.test_actions_bus import Officer
from tests.test_end_to_end import alerts_of, dropout

LATE = alert_id_of("health_insurance", day("2026-02-28"))


def test_n2_education_silent_in_month_2_is_not_late_and_health_insurance_silent_in_month_2_is() -> None:
    calendar, begun, end_of_march = shipped_calendar(), day("2026-02-01"), day("2026-03-31")

    assert calendar.late("education", None, end_of_march, begun) is None
    assert calendar.late("health_insurance", None, end_of_march, begun) is not None
    assert calendar.late("health_insurance", day("2026-02-28"), end_of_march, begun) is None


class OwnBus:
    """A broker of its own with the commands on it, and whoever tells the county."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._broker = LiveBroker(folder)
        self._broker.start()
        self.servers = self._broker.declared()
        (folder / "county.key").write_bytes(KEY + b"\n")
        self.notifier = Notifier("notify", self.servers, folder / "notify", "")

    def run(self, *arguments: str) -> Record:
        env = {"KAFKA_BOOTSTRAP_SERVERS": self.servers, "ALERTBUS_DATA_DIR": str(self.folder)}
        done = CliRunner().invoke(main, [*arguments, "--json"], env=env, catch_exceptions=False)
        assert done.exit_code == 0, done.output
        found: Record = json.loads(done.stdout)
        return found

    def late(self) -> dict[str, str]:
        """Newest state of each late feed, by department."""
        return {each["subjects"][0]: each["status"] for each in decoded(self.servers, AREA_ALERTS)}

    def close(self) -> None:
        self.notifier.end()
        self._broker.stop()


@pytest.fixture
def own(tmp_path: Path) -> Iterator[OwnBus]:
    """Return a bus on which no other test ticks."""
    bus = OwnBus(tmp_path)
    yield bus
    bus.close()


@pytest.mark.kafka
def test_n2_from_the_tick_to_the_countys_message_and_back_by_an_empty_delivery(own: OwnBus) -> None:
    own.notifier.start()
    own.run("tick", "--at", "2026-02-01")
    own.run("tick", "--at", "2026-03-31")
    late = own.late()
    empty = own.folder / "february.jsonl"
    empty.write_bytes(b"")
    heard = [(LATE, day("2026-03-31"), COUNTY, "area_raised"), (LATE, day("2026-04-01"), COUNTY, "area_settled")]

    assert ("education" in late, late["health_insurance"]) == (False, "ALERTED")
    assert Deadline(40).reached(lambda: heard[0] in told(own.notifier.store())), own.notifier.last_words()
    assert own.run("publish", "health_insurance", str(empty), "--covers-to", "2026-02-28")["accepted"] == 0
    own.run("tick", "--at", "2026-04-01")
    assert own.late() == late | {"health_insurance": "WITHDRAWN"}
    assert Deadline(20).reached(lambda: heard == [each for each in told(own.notifier.store()) if each[0] == LATE])


LANXI = (
    *("education", "water", "housing", "transport", "human_resources", "emergency"),
    *("civil_affairs", "health_insurance", "disability", "health", "agriculture"),
)
"""教体、水务、住建、交通、人社、应急、民政、医保、残联、卫健、农业农村."""


def sample(code: str, number: str, household: str) -> Row:
    """One row of a department's first kind, of three days ago, about a household of ours where it is about one."""
    row = row_of(next(kind for kind in KINDS if kind.department.code == code))
    ours: Row = {"id_number": number, "household_id": household}
    return (
        row
        | {key: cell for key, cell in ours.items() if key in row}
        | {
            "event_id": f"X1-{code}",
            "occurred_at": days_ago(3),
        }
    )


@pytest.mark.kafka
def test_x1_each_of_11_departments_sends_a_sample_and_it_is_consumed(bus: RunningBus, tmp_path: Path) -> None:
    number, household = identity_number(91, "19610403"), "X1-1"
    bus.json("register", json_lines(tmp_path / "register.jsonl", [member(number, household)]))
    bus.settle()
    before = bus.counts()

    for code in LANXI:
        path = json_lines(tmp_path / f"{code}.jsonl", [sample(code, number, household)])
        done = CliRunner().invoke(main, ["publish", code, str(path), "--json", "--data-dir", str(bus.data_dir)])
        assert json.loads(done.stdout) == {"accepted": 1, "rejected": []}, code

    consumed = before | {"applied": before["applied"] + len(LANXI)}
    assert Deadline(20).reached(lambda: bus.counts() == consumed), bus.counts()


@pytest.mark.kafka
def test_x1_an_unknown_department_is_rejected(bus: RunningBus, tmp_path: Path) -> None:
    before = bus.json("status")["counts"]
    refused = bus.run("publish", "tourism", json_lines(tmp_path / "rows.jsonl", [sample("housing", "x", "X1-1")]))

    assert refused.returncode == 2
    assert "tourism" in refused.stderr
    assert bus.json("status")["counts"] == before


STAGES = (
    *("occurred_published", "published_correlated", "published_alert"),
    *("alert_notified", "notified_acknowledged", "acknowledged_verified"),
)


@pytest.mark.kafka
def test_l6_from_what_happened_to_what_was_verified_each_step_of_the_lead_time_is_measured(
    bus: RunningBus, tmp_path: Path
) -> None:
    with inbox_of(bus, tmp_path) as township:
        before = measured(bus, township)
        pupil, household = identity_number(92, "20120607"), "L6-1"
        bus.json("register", json_lines(tmp_path / "register.jsonl", [member(pupil, household)]))
        bus.json("publish", "education", json_lines(tmp_path / "dropout.jsonl", [dropout("L6-1", pupil)]))
        bus.settle()
        [alert] = alerts_of(bus, household)
        assert Deadline(30).reached(lambda: measured(bus, township)["alert_notified"] > before["alert_notified"])
        officer = Officer(bus)
        for code in ("acknowledged", "confirmed"):
            officer.does(code, alert, f"l6-{code}", acted_at=time.time_ns() // 1_000_000)
        officer.close()

        assert Deadline(30).reached(lambda: all(measured(bus, township)[s] > before[s] for s in STAGES)), township.log()


def measured(bus: RunningBus, township: InboxPrograms) -> Counter[str]:
    """How often each stage was measured, by whichever program."""
    pages = [bus.metrics("assign-1"), bus.metrics("correlate-1"), scrape(township.metrics["notify"])]
    found = Counter[str]()
    for page in pages:
        for (name, labels), value in page.items():
            if name == "alertbus_stage_seconds_count":
                found[dict(labels)["stage"]] += int(value)
    return found
