"""Rows of the domain's list (domain.md section 8) about feeds: who sends, how late, and how long until anybody acts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from consumers.roster import COUNTY
from deploy.cli import main
from deploy.up.program import Deadline
from schemas.codec import Record
from schemas.feed_calendar import shipped_calendar
from schemas.topics import AREA_ALERTS
from streams.feed_alert import alert_id_of
from tests.builders import day
from tests.kafka_hands import decoded
from tests.live_broker import LiveBroker
from tests.notifiers import Notifier, told
from tests.rows import KEY

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
