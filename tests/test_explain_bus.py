"""`alertbus explain` beside a running bus: of a household that is flagged, and of one that narrowly is not."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from streams.explain import Answer
from streams.rule_set import RULES_FOLDER
from tests.explanations import by_rule
from tests.people import identity_number, json_lines, member
from tests.rows import days_ago
from tests.running_bus import RunningBus
from tests.test_end_to_end import alerts_of, bill, csv_of_an_old_office_program
from tests.test_rules_command import make_grade_d_orange

pytestmark = pytest.mark.kafka

FLAGGED, NARROWLY_NOT, LATER = "EXP-1", "EXP-2", "EXP-3"
NUMBERS = {home: identity_number(70 + place, "19650305") for place, home in enumerate((FLAGGED, NARROWLY_NOT, LATER))}
TITLE = "一年内医疗自付费用过高"


def register(bus: RunningBus, folder: Path, *households: str) -> None:
    rows = [member(NUMBERS[household], household, tags=["lifted"]) for household in households]
    bus.json("register", json_lines(folder / "register.jsonl", rows))


def send_bills(bus: RunningBus, folder: Path, name: str, **yuan: str) -> None:
    rows = [bill(f"{name}-{household}", NUMBERS[household], paid, 20) for household, paid in yuan.items()]
    bus.json("publish", "health_insurance", csv_of_an_old_office_program(folder / f"{name}.csv", rows))
    bus.settle()


def changed_rules(folder: Path) -> Path:
    """Rules by which another grade is orange."""
    shutil.copytree(RULES_FOLDER, folder / "rules")
    make_grade_d_orange(folder / "rules")
    return folder / "rules"


def judge_by(bus: RunningBus, rules: Path | str) -> None:
    """Activate a folder's set, or one that was published before."""
    rule_set = bus.json("rules", "publish", rules)["rule_set"] if isinstance(rules, Path) else rules
    bus.json("rules", "activate", rule_set)
    bus.judged_anew()


def of_bills(answer: Answer) -> Answer:
    return next(rule for rule in answer["rules"] if rule["title"] == TITLE)


def test_flagged_or_narrowly_not_a_household_is_explained(bus: RunningBus, tmp_path: Path) -> None:
    register(bus, tmp_path, FLAGGED, NARROWLY_NOT)
    send_bills(bus, tmp_path, "XB", **{FLAGGED: "20000.00", NARROWLY_NOT: "9999.99"})
    flagged, not_flagged = (bus.json("explain", household) for household in (FLAGGED, NARROWLY_NOT))

    assert (of_bills(flagged)["fired"], of_bills(flagged)["level"]) == (True, "red")
    newest = max(flagged["versions"], key=lambda version: version["version"])
    assert [(newest["alert_id"], newest["version"])] == [(a["alert_id"], a["version"]) for a in alerts_of(bus, FLAGGED)]
    assert not_flagged["versions"] == alerts_of(bus, NARROWLY_NOT) == []
    assert (of_bills(not_flagged)["fired"], of_bills(not_flagged)["near_miss"]) == (False, True)
    assert of_bills(not_flagged)["figures"][0]["missing"] == "0.01"


def test_a_day_that_is_over_is_explained_in_the_same_bytes_for_ever(bus: RunningBus, tmp_path: Path) -> None:
    register(bus, tmp_path, LATER)
    send_bills(bus, tmp_path, "XC", **{LATER: "9999.99"})
    today, page = days_ago(0), tmp_path / "page.html"
    saved = bus.run("explain", LATER, "--at", today, "--json")
    text = bus.run("explain", LATER, "--at", today, "--html", page).stdout

    for shown in (text, page.read_text(encoding="utf-8")):
        assert hashlib.sha256(saved.stdout.encode()).hexdigest() in shown
        assert NUMBERS[LATER] not in shown
    assert "is not over" in saved.stderr

    bus.json("tick", "--at", days_ago(-1))  # tomorrow: no test on this bus may tick today any more
    send_bills(bus, tmp_path, "XD", **{LATER: "30000.00"})
    [alert] = alerts_of(bus, LATER)
    judge_by(bus, changed_rules(tmp_path))
    again = bus.run("explain", LATER, "--at", today, "--json")
    now = bus.json("explain", LATER)
    judge_by(bus, alert["rule_set"])

    assert again.stdout == saved.stdout
    assert again.stderr == ""
    assert bus.run("explain", LATER, "--at", today).stdout == text
    assert of_bills(now)["fired"]
    assert by_rule(now)["R13"]["version"] == by_rule(json.loads(saved.stdout))["R13"]["version"] + 1


def test_a_household_that_nobody_ever_named_is_said_to_be_unknown(bus: RunningBus) -> None:
    done = bus.run("explain", "EXP-NOBODY")

    assert done.returncode == 0
    assert "没有收到本户的任何记录" in done.stdout
