"""The demo counts what it put in, and says so when anything does not come out."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from deploy.demo.bus import DemoError, fresh
from deploy.demo.compare import differences
from deploy.demo.found import Found, outcomes_by_department
from deploy.demo.play import Played, write_plan
from deploy.demo.summary import summary
from deploy.demo.told import Told
from producers.county import File, Plan, make_county


@cache
def county() -> Plan:
    return make_county(1, 400, date(2026, 6, 30))


def played() -> Played:
    truth = county().truth
    result = Played(files=49)
    for department, counts in truth.counts().items():
        result.accepted[department] = counts["published"]
        result.rejected[department] = counts["rejected"]
    return result


def alert(household: str, level: str, causes: tuple[str, ...], status: str = "ALERTED") -> dict[str, Any]:
    return {
        "alert_id": f"a-{household}",
        "household_id": household,
        "village_code": "231222101201",
        "version": 1,
        "status": status,
        "level": level,
        "causes": [{"cause": cause} for cause in causes],
        "text": "医保：近一年自付费用超过预警线。",
    }


def area_alert(place: str, kind: str, level: str, causes: tuple[str, ...]) -> dict[str, Any]:
    return {
        "alert_id": f"r-{place}-{kind}",
        "place_code": place,
        "kind": kind,
        "title": "停水3天以上",
        "version": 1,
        "status": "ALERTED",
        "level": level,
        "causes": [{"cause": cause} for cause in causes],
    }


def areas() -> list[dict[str, Any]]:
    """Alerts of the injected troubles of places."""
    return [area_alert(e.place, e.kind, e.level, e.causes) for e in county().truth.area_alerts()]


def raised() -> Counter[Told]:
    """What townships hear of the injected crises, and the county of the places."""
    pushed = [home for home, expected in county().truth.alerts().items() if expected.level != "watch"]
    told = [Told(f"a-{home}", 1, "231222101", "raised") for home in pushed]
    return Counter([*told, *(Told(str(each["alert_id"]), 1, "county", "area_raised") for each in areas())])


def found() -> Found:
    """Everything as it must be."""
    truth = county().truth
    parts = ("applied", "duplicate", "parked", "dead_lettered")
    return Found(
        {department: {part: counts[part] for part in parts} for department, counts in truth.counts().items()},
        [alert(home, e.level, e.causes) for home, e in truth.alerts().items()],
        truth.dead_letters,
        {"households": 400, "facts": 4000, "differences": []},
        raised(),
        raised(),
        None,
        areas=areas(),
    )


def lose_an_event(right: Found) -> Found:
    counts = {department: dict(c) for department, c in right.departments.items()}
    counts["housing"]["applied"] -= 1
    return replace(right, departments=counts)


def lose_an_alert(right: Found) -> Found:
    return replace(right, alerts=right.alerts[1:])


def raise_one_too_many(right: Found) -> Found:
    return replace(right, alerts=[*right.alerts, alert("H999999", "red", ("illness",))])


def change_a_level(right: Found) -> Found:
    first = right.alerts[0]
    return replace(right, alerts=[{**first, "level": "watch"}, *right.alerts[1:]])


def lose_an_area_alert(right: Found) -> Found:
    return replace(right, areas=right.areas[1:])


def warn_one_place_too_many(right: Found) -> Found:
    return told_of(
        replace(right, areas=[*right.areas, area_alert("231222199", "area", "orange", ("water",))]),
        "r-231222199-area",
        "area_raised",
    )


def call_a_place_worse(right: Found) -> Found:
    return replace(right, areas=[{**right.areas[0], "level": "watch"}, *right.areas[1:]])


def settle_a_place(right: Found) -> Found:
    return told_of(right, str(right.areas[0]["alert_id"]), "area_settled")


def miscall_a_dead_letter(right: Found) -> Found:
    return replace(right, dead_letters={**right.dead_letters, "empty": 1})


def differ_from_reconcile(right: Found) -> Found:
    return replace(right, reconcile={**right.reconcile, "differences": [{"household_id": "H000001"}]})


def lose_a_message(right: Found) -> Found:
    return replace(right, told=right.told - Counter([next(iter(right.told))]))


def put_a_message_twice(right: Found) -> Found:
    return replace(right, told=right.told + Counter([next(iter(right.told))]))


def tell_another_township(right: Found) -> Found:
    (first, *others) = right.told
    return replace(right, told=Counter([first._replace(township="231222115"), *others]))


def call_off_a_crisis(right: Found) -> Found:
    return told_of(right, next(iter(right.told)).alert_id, "withdrawn")


def tell_of_nothing(right: Found) -> Found:
    return told_of(right, "a-H999999", "raised")


def lose_an_alert_in_the_funnel(right: Found) -> Found:
    return replace(right, funnel={"alerts": 3, "alerts.waiting": 1, "alerts.watch": 1})


def told_of(right: Found, alert_id: str, kind: str) -> Found:
    """Townships were told, and by the log rightly so; but the truth knows nothing of it."""
    more = Counter([Told(alert_id, 9, "231222101", kind)])
    return replace(right, to_tell=right.to_tell + more, told=right.told + more)


def test_nothing_differs_where_everything_is_accounted_for() -> None:
    withdrawn = alert("H000001", "red", ("house",), status="WITHDRAWN")
    right = found()
    right = replace(right, alerts=[*right.alerts, withdrawn])
    right = told_of(told_of(right, "a-H000001", "raised"), "a-H000001", "withdrawn")

    assert differences(county().truth, played(), right) == []


@pytest.mark.parametrize(
    "spoil",
    [
        lose_an_event,
        lose_an_alert,
        raise_one_too_many,
        change_a_level,
        lose_an_area_alert,
        warn_one_place_too_many,
        call_a_place_worse,
        settle_a_place,
        miscall_a_dead_letter,
        differ_from_reconcile,
        lose_a_message,
        put_a_message_twice,
        tell_another_township,
        call_off_a_crisis,
        tell_of_nothing,
        lose_an_alert_in_the_funnel,
    ],
)
def test_whatever_does_not_come_out_is_said(spoil: Callable[[Found], Found]) -> None:
    assert differences(county().truth, played(), spoil(found()))


def test_a_row_that_was_not_refused_is_said() -> None:
    wrong = played()
    wrong.rejected["education"] -= 1

    assert differences(county().truth, wrong, found()) == [
        f"education.rejected: {wrong.rejected['education']}, expected {wrong.rejected['education'] + 1}"
    ]


def test_the_summary_names_departments_outcomes_levels_and_three_alerts() -> None:
    text = summary(county().truth, played(), found(), 0.0)

    for word in (
        "区域性风险【橙色】",
        "医保：接收",
        "住建：已归户",
        "待登记",
        "按级别：红色",
        "按原因：",
        "差异 0 处",
        "第 1 版",
        "新预警",
    ):
        assert word in text
    assert text.count("第 1 版") == 3
    assert "合计 0" not in text


def test_what_was_released_is_applied_and_only_what_waits_is_parked() -> None:
    department = ("department", "housing")
    metrics = {
        ("alertbus_events_total", (department, ("outcome", "applied"), ("partition", "0"))): 5.0,
        ("alertbus_events_total", (department, ("outcome", "parked"), ("partition", "0"))): 3.0,
        ("alertbus_released_events_total", (department, ("partition", "0"))): 2.0,
        ("alertbus_parked_events", (department, ("partition", "0"))): 1.0,
        ("alertbus_lag_records", (("group", "assign"),)): 9.0,
    }

    assert outcomes_by_department(metrics)["housing"] == {
        "applied": 7,
        "duplicate": 0,
        "parked": 1,
        "dead_lettered": 0,
    }


def test_the_truth_and_all_files_are_written_before_anything_runs(tmp_path: Path) -> None:
    write_plan(county(), tmp_path)

    truth = json.loads((tmp_path / "truth.json").read_text(encoding="utf-8"))
    assert truth["departments"] == county().truth.counts()
    assert {path.name for path in (tmp_path / "files").iterdir()} == {
        "household-book.csv",
        *(step.name for step in county().steps if isinstance(step, File)),
    }


def test_a_directory_that_is_not_the_demos_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "precious.txt").write_text("x", encoding="utf-8")

    with pytest.raises(DemoError, match="不会删除"):
        fresh(tmp_path)

    assert (tmp_path / "precious.txt").exists()


def test_a_demos_directory_is_emptied(tmp_path: Path) -> None:
    write_plan(county(), tmp_path)

    fresh(tmp_path)

    assert list(tmp_path.iterdir()) == []
