"""The path by which officials change a rule, as docs/rules.md writes it, walked command by command on a running bus."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from tests.explanations import by_rule
from tests.people import identity_number, json_lines, member
from tests.running_bus import RunningBus
from tests.source_tree import ROOT, text_of
from tests.test_end_to_end import alerts_of, inspection, workbook
from tests.test_rules_command import HOUSE, make_grade_d_orange

pytestmark = pytest.mark.kafka

COPY, CHECK, EXPLAIN, PUBLISH, ACTIVATE, EXPLAIN_AGAIN, LIST, TABLE = range(8)
"""Commands of the page, in their order."""
HOME, OWNER = "RUL-1", identity_number(81, "19600606")
SET = "编号"


def page_commands() -> list[str]:
    """Commands of the page's path, in its order."""
    path = text_of("docs/rules.md").partition("## 怎么改一条规则")[2].partition("\n## ")[0]
    return re.findall(r"`((?:cp|alertbus) [^`]+)`", path)


class Clerk:
    """Does what the page says, in a folder of its own."""

    def __init__(self, bus: RunningBus, folder: Path) -> None:
        self.bus, self.folder = bus, folder / "my-rules"

    def do(self, step: int, rule_set: str = "") -> CompletedProcess[str]:
        """A command of the page, with this household, folder and set."""
        said = page_commands()[step].replace("户编号", HOME).replace("my-rules", str(self.folder))
        program, *arguments = shlex.split(said.replace(SET, rule_set))
        if program == "cp":
            return subprocess.run((program, *arguments), cwd=ROOT, check=True, capture_output=True, text=True)
        return self.bus.run(*arguments)

    def answer(self, step: int) -> Any:
        return self.bus.json(*shlex.split(page_commands()[step].replace("户编号", HOME))[1:])

    def active(self) -> str:
        """The set that the page's list shows as the one in use."""
        lines = [line.split() for line in self.do(LIST).stdout.splitlines()]
        (active,) = [name for name, state, *_ in lines if state == "现用"]
        return active


def house_graded(bus: RunningBus, folder: Path, event_id: str, home: str, grade: str) -> None:
    bus.json("publish", "housing", workbook(folder / f"{event_id}.xlsx", [inspection(event_id, home, grade)]))
    bus.settle()


def test_grade_d_becomes_orange_and_red_again_by_the_path_of_the_page(bus: RunningBus, tmp_path: Path) -> None:
    bus.json("register", json_lines(tmp_path / "register.jsonl", [member(OWNER, HOME)]))
    house_graded(bus, tmp_path, "RH-1", HOME, "D")
    [red] = alerts_of(bus, HOME)
    clerk = Clerk(bus, tmp_path)

    clerk.do(COPY)
    make_grade_d_orange(clerk.folder)
    assert clerk.do(CHECK).returncode == 0
    before, table = clerk.answer(EXPLAIN), clerk.do(TABLE).stdout
    done = clerk.do(PUBLISH)
    new = re.findall(r"[0-9a-f]{64}", done.stdout)[0]
    unchanged = alerts_of(bus, HOME)
    assert clerk.do(ACTIVATE, new[:12]).returncode == 0
    bus.judged_anew()
    [orange], after = alerts_of(bus, HOME), clerk.answer(EXPLAIN_AGAIN)

    assert (red["level"], unchanged, orange["level"]) == ("red", [red], "orange")
    assert (orange["alert_id"], orange["rule_set"], clerk.active()) == (red["alert_id"], new, new)
    assert [line.split(" | ")[3] for line in table.splitlines() if line.startswith("| R13 ")] == ["橙色"]
    assert by_rule(before)["R13"]["level"] == "red"
    assert (by_rule(after)["R13"]["level"], by_rule(after)["R13"]["version"]) == ("orange", 2)

    clerk.do(ACTIVATE, red["rule_set"])
    bus.judged_anew()
    [again] = alerts_of(bus, HOME)
    assert (again["level"], again["version"], clerk.active()) == ("red", orange["version"] + 1, red["rule_set"])
    assert json.loads(bus.run("reconcile", "--json").stdout)["differences"] == []


def test_what_is_refused_leaves_the_running_set_and_the_next_house_is_judged_by_it(
    bus: RunningBus, tmp_path: Path
) -> None:
    clerk, home = Clerk(bus, tmp_path), "RUL-2"
    clerk.do(COPY)
    path = clerk.folder / HOUSE
    path.write_text(path.read_text(encoding="utf-8").replace('level = "red"', 'level = "rot"'), encoding="utf-8")
    before = clerk.active()

    refused = clerk.do(PUBLISH)
    unknown = clerk.do(ACTIVATE, "0" * 64)

    assert refused.returncode == unknown.returncode == 1
    assert all(word in refused.stdout for word in (HOUSE, "levels[1].level", "'rot'", "orange, red, watch, yellow"))
    assert before[:12] in unknown.stderr
    assert clerk.active() == before
    bus.json("register", json_lines(tmp_path / "register.jsonl", [member(identity_number(82, "19600607"), home)]))
    house_graded(bus, tmp_path, "RH-2", home, "D")
    assert [(alert["level"], alert["rule_set"]) for alert in alerts_of(bus, home)] == [("red", before)]
