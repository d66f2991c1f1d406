"""R24: a risk in the tracking year comes back one level higher, and says why."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

import pytest

from schemas.fact import Fact
from schemas.rule_table import RuleError
from streams.rule_set import CLEARING_FILE, RULES_FOLDER, RuleSet, rule_files
from tests.builders import Home, at, bill, fact, graded, row
from tests.cases import cleared, home, last, status

REASON = "跟踪期内风险再现，级别提高一级"


def absent(when: str, event_id: str = "away") -> Fact:
    """A pupil who is absent: yellow."""
    more = {"person": "p_a", "stage": "junior", "status": "absent_long", "absent_days": 5}
    return fact("education.enrolment", when, event_id, **more)  # type: ignore[arg-type]  # keywords of fact


def level(made: Home) -> tuple[str, str]:
    """Level of the alert, and the rule that lifts it."""
    return made.alert["level"], made.alert["level_rule"]


def test_r24_one_level_up_each_but_red_and_what_is_only_watched() -> None:
    yellow = cleared().take(absent("2023-09-01"))
    orange = cleared().take(bill(27_000, "2023-09-01", "b"))
    red = cleared().take(bill(60_000, "2023-09-01", "b"))
    uninsured = fact("health_insurance.enrolment", "2023-09-01", "i", year=2023, status="enrolled", person="p_a")
    watch = cleared().lives("p_a", row(tags=("lifted",))).take(uninsured)

    assert [level(made) for made in (yellow, orange, red)] == [("orange", "R24"), ("red", "R24"), ("red", "")]
    assert [(made.alert["causes"][0]["level"], status(made)) for made in (yellow, orange)] == [
        ("yellow", "REOPENED"),
        ("orange", "REOPENED"),
    ]
    assert (status(watch), watch.alert["causes"][0]["level"]) == ("CLEARED_TRACKING", "watch")
    assert watch.alert["level_rule"] == ""


def test_r24_the_reason_stands_on_the_alert_and_first_in_its_text() -> None:
    said = cleared().take(bill(27_000, "2023-09-01", "b")).alert

    assert said["level_reason"] == REASON
    assert said["text"].splitlines()[0] == f"{REASON}。红色预警：请立即入户核实。"
    assert cleared().take(bill(60_000, "2023-09-01", "b")).alert["text"].startswith("跟踪期内风险再现。红色预警")


@pytest.mark.parametrize(
    ("cleared_on", "happened", "lifted"),
    [
        ("2023-03-01", "2023-03-01", True),
        ("2023-03-01", "2024-02-29", True),  # a leap day is the last of the year
        ("2023-03-01", "2024-03-01", False),
        ("2024-02-29", "2025-02-28", True),
        ("2024-02-29", "2025-03-01", False),
        ("2022-06-15", "2023-06-14", True),
        ("2022-06-15", "2023-06-15", False),
        ("2023-03-01", "2023-02-28", False),  # before the household was cleared
    ],
)
def test_r24_holds_from_the_day_of_clearing_to_the_last_day_of_the_tracking_year(
    cleared_on: str, happened: str, *, lifted: bool
) -> None:
    made = cleared(cleared_on).take(bill(27_000, happened, "b"))

    assert status(made) == "REOPENED", "as long as nobody has closed the case, it is the same one"
    assert level(made) == (("red", "R24") if lifted else ("orange", ""))


def test_r24_days_are_those_of_beijing() -> None:
    on_the_last = cleared("2023-03-01").take(bill(27_000, "2024-02-29T23:59:59", "b"))
    after_it = cleared("2023-03-01").take(bill(27_000, "2024-03-01T00:00:00", "b"))

    assert (level(on_the_last), level(after_it)) == (("red", "R24"), ("orange", ""))


def test_r24_only_the_cause_that_came_back_in_the_year_goes_up() -> None:
    made = cleared("2023-03-01").take(absent("2023-09-01"), bill(27_000, "2024-06-01", "b"))

    assert level(made) == ("orange", ""), "the yellow one comes to orange, which is the other's level"
    assert level(made.take(bill(60_000, "2024-06-02", "c"))) == ("red", "")


def test_r24_a_relapse_that_becomes_known_after_closing_goes_up_too() -> None:
    made = cleared("2023-03-01").tick("2024-03-01").act("closed").take(bill(27_000, "2024-02-29", "b"))

    assert (status(made), level(made)) == ("REOPENED", ("red", "R24"))


def test_r24_the_level_stays_until_the_household_is_cleared_again() -> None:
    made = cleared("2023-03-01").take(bill(27_000, "2023-09-01", "b"))
    for step in ("acknowledged", "confirmed", "included", "planned", "delivered"):
        assert level(made.act(step)) == ("red", "R24")
    made.tick("2025-06-01").act("clear_proposed").act("cleared", acted_at=at("2025-06-01"))

    assert status(made) == "CLEARED_TRACKING"
    assert level(made.copy().take(graded("C", "2024-06-01", "c"))) == ("orange", ""), "before the new tracking year"
    assert level(made.take(graded("C", "2025-07-01", "c"))) == ("red", "R24")


def test_r24_an_answer_does_not_change_the_level_of_what_it_answers() -> None:
    made = cleared("2023-03-01").take(bill(27_000, "2023-09-01", "b")).act("rejected")

    assert (status(made), level(made), last(made)) == ("REJECTED", ("red", "R24"), ("accepted", None))


def test_r24_does_not_touch_a_case_that_was_never_cleared_or_the_one_after_it() -> None:
    assert level(home("confirmed")) == ("red", "")
    made = cleared("2023-03-01").tick("2024-03-01").act("closed").take(bill(27_000, "2024-03-02", "b"))
    assert (made.alert["ordinal"], level(made)) == (2, ("orange", ""))


def changed(folder: Path, old: str, new: str) -> RuleSet:
    """The shipped rules in a folder of their own, with another word in clearing.toml."""
    shutil.copytree(RULES_FOLDER, folder)
    text = CLEARING_FILE.read_text(encoding="utf-8")
    assert old in text
    (folder / CLEARING_FILE.name).write_text(text.replace(old, new), encoding="utf-8")
    return RuleSet.from_toml_folder(folder)


@pytest.mark.parametrize(("levels_up", "yellow"), [(0, ("yellow", "")), (2, ("red", "R24"))])
def test_r24_is_data_that_an_official_can_change(tmp_path: Path, levels_up: int, yellow: tuple[str, str]) -> None:
    rules = changed(tmp_path / "rules", "levels_up = 1", f"levels_up = {levels_up}")
    made = cleared()
    made.rules = rules

    assert level(made.take(absent("2023-09-01"))) == yellow
    assert rules.relapse is not None
    assert (rules.relapse.basis, rules.relapse.title) == ("assumption", "跟踪期内风险再现")
    assert rule_files(tmp_path / "rules").keys() == rule_files().keys(), "settings are no rules"


def test_a_mistake_in_what_is_said_of_a_relapse_names_file_and_key(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match=r"clearing: relapse\.levels_up: is a whole number, 0 or more"):
        changed(tmp_path / "a", "levels_up = 1", "levels_up = -1")
    with pytest.raises(RuleError, match=r"clearing: relapse\.levels: is not a key here"):
        changed(tmp_path / "b", "levels_up = 1", "levels_up = 1\nlevels = 1")


def test_a_set_that_says_nothing_of_a_relapse_leaves_levels_alone(tmp_path: Path) -> None:
    shutil.copytree(RULES_FOLDER, tmp_path / "rules")
    (tmp_path / "rules" / CLEARING_FILE.name).write_text("labour = false\n", encoding="utf-8")
    made = cleared()
    made.rules = RuleSet.from_toml_folder(tmp_path / "rules")

    assert "relapse" in tomllib.loads(CLEARING_FILE.read_text(encoding="utf-8"))
    assert level(made.take(bill(27_000, "2023-09-01", "b"))) == ("orange", "")
