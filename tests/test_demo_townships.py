"""The demo's townships: a book of people who do not exist, a roster, and what must stand in the inboxes."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from consumers.book_rows import BOOK_COLUMNS, Entry, read_rows
from consumers.roster import COUNTY, read_roster
from deploy.demo.prometheus import prometheus
from deploy.demo.told import Told, area_changes_in, changes_in
from deploy.demo.township_side import Link, most_urgent, unopened, write_roster
from deploy.up.ports import HOST, free_port
from deploy.up.program import Deadline
from deploy.up.state import TARGETS_FILE
from producers.county import make_county
from producers.county_book import places
from schemas.readers import open_source
from tests.alerts import NEXT_TOWNSHIP, TOWNSHIP, alert, feed_late, village_alert

HOUSEHOLDS = 400


@cache
def book(seed: int = 1) -> bytes:
    return make_county(seed, HOUSEHOLDS, date(2026, 6, 30)).book


def rows() -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(book().decode("utf-8-sig"))))


def test_every_household_is_in_the_book_as_alertbus_households_load_takes_it(tmp_path: Path) -> None:
    file = tmp_path / "book.csv"
    file.write_bytes(book())

    entries = list(read_rows(open_source(file, BOOK_COLUMNS).rows()))

    assert all(isinstance(entry, Entry) for entry in entries)
    assert len(entries) == HOUSEHOLDS


def test_nobody_could_be_meant() -> None:
    assert all(row["户主"][1] == "某" for row in rows())
    assert all(row["住址"].startswith("虚构县") for row in rows())
    assert all(row["电话"].startswith("100") and len(row["电话"]) == 11 for row in rows())


def test_the_same_seed_gives_the_same_book_and_another_seed_another() -> None:
    again = make_county(1, HOUSEHOLDS, date(2026, 6, 30)).book

    assert again == book()
    assert book(7) != book()


def test_the_roster_lists_an_inbox_for_every_township_and_names_every_village(tmp_path: Path) -> None:
    write_roster(tmp_path)

    roster = read_roster((tmp_path / "roster.toml").read_text(encoding="utf-8"))

    assert roster.routes.keys() == {COUNTY, *places()}
    assert {route.address.channel for routes in roster.routes.values() for route in routes} == {"inbox"}
    assert roster.names.keys() == {*places(), *(village for _, villages in places().values() for village in villages)}


def test_a_change_in_the_log_is_to_be_told_once_however_often_its_version_stands_there() -> None:
    log = [alert(1, "orange"), alert(1, "orange"), alert(3, "red"), alert(2, "orange"), alert(3, "red")]

    assert changes_in(log) == Counter([Told("a_one", 1, TOWNSHIP, "raised"), Told("a_one", 3, TOWNSHIP, "level_up")])


def test_both_townships_of_a_move_are_to_be_told() -> None:
    log = [alert(1), alert(2, township_code=NEXT_TOWNSHIP, previous_township_code=TOWNSHIP)]

    assert changes_in(log)[Told("a_one", 2, TOWNSHIP, "handed_over")] == 1
    assert changes_in(log)[Told("a_one", 2, NEXT_TOWNSHIP, "taken_over")] == 1


def test_a_household_without_a_place_is_told_of_to_the_county() -> None:
    assert changes_in([alert(township_code=None)]) == Counter([Told("a_one", 1, COUNTY, "raised")])


def shown(township: str, level: str, status: str = "ALERTED") -> dict[str, Any]:
    return {"township_code": township, "level": level, "status": status}


def test_the_most_urgent_township_has_most_red_alerts_that_are_open() -> None:
    busy = [shown("231222101", "red"), *[shown("231222101", "yellow")] * 9]
    ended = [shown("231222102", "red", status) for status in ("WITHDRAWN", "REJECTED", "ALREADY_COVERED", "CLOSED")]
    urgent = [shown("231222103", "red"), shown("231222103", "red")]

    assert most_urgent([*busy, *ended, *urgent]) == "231222103"
    assert most_urgent([*busy, *ended]) == "231222101"


def test_of_equally_many_red_ones_the_orange_ones_decide() -> None:
    first = [shown("231222101", "red"), shown("231222101", "orange"), shown("231222101", "orange")]
    second = [shown("231222102", "red"), shown("231222102", "orange"), *[shown("231222102", "yellow")] * 5]

    assert most_urgent([*second, *first]) == "231222101"


def test_a_page_that_does_not_open_is_said() -> None:
    (said,) = unopened([Link("县级人员", f"http://{HOST}:{free_port()}/invitations/x")])

    assert said.startswith("县级人员: the page does not open")


def test_prometheus_watches_the_programs_of_the_demo_by_the_shipped_rules(tmp_path: Path) -> None:
    (tmp_path / TARGETS_FILE).write_text(json.dumps([{"targets": [f"{HOST}:1"], "labels": {"program": "notify"}}]))

    with prometheus(tmp_path) as address:

        def asked(what: str) -> Any:
            with urlopen(f"{address}/api/v1/{what}") as answer:
                return json.load(answer)["data"]

        assert Deadline(20).reached(lambda: bool(asked("targets")["activeTargets"]))
        assert [target["labels"]["program"] for target in asked("targets")["activeTargets"]] == ["notify"]
        assert asked("rules")["groups"]


def test_without_prometheus_the_demo_says_so_and_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with prometheus(tmp_path) as said:
        assert said.startswith("没有安装")


def test_a_late_feed_must_be_told_to_the_county_and_a_village_to_its_township_too() -> None:
    settled = {"status": "WITHDRAWN"}
    log = [feed_late(), feed_late(), village_alert(), feed_late(2), feed_late(3, **settled), feed_late(2)]

    assert area_changes_in(log, [TOWNSHIP, NEXT_TOWNSHIP]) == Counter(
        [
            Told("f_one", 1, COUNTY, "area_raised"),
            Told("f_one", 3, COUNTY, "area_settled"),
            Told("r_water", 1, COUNTY, "area_raised"),
            Told("r_water", 1, TOWNSHIP, "area_raised"),
        ]
    )
