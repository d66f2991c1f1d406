"""Rows of the domain's list (domain.md section 8) about places: one alert for a village, a township or a region."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

import pytest
from msgspec.structs import replace
from sqlalchemy import Engine

from consumers.roster import COUNTY
from consumers.store.database import open_store
from deploy.up.program import Deadline
from schemas.beijing import BEIJING, DAY_MS
from schemas.codec import decode
from schemas.fact import Fact
from streams.area_alert import area_alert_id
from streams.rule_set import shipped
from streams.signals import newer_signals
from tests.area_events import PLACES, water_test
from tests.area_world import AreaWorld
from tests.areas import Place
from tests.builders import Home, at, bill, day, fact, graded, row
from tests.families import HERE, THERE
from tests.inbox_programs import InboxPrograms, inbox_of
from tests.notifiers import told
from tests.offices import TestOffice
from tests.people import Row, json_lines
from tests.running_bus import RunningBus

K, WINDOW = 5, 30
"""Households with the same cause that are enough in a small township; days within which it becomes true in them."""
NOTIFIED_SECONDS = 60
COUNTY_CODE = "231299"
TOWNSHIPS = [f"{COUNTY_CODE}{number}" for number in range(101, 116)]
"""A county's fifteen."""


def test_y9_decides_one_failed_plant_serving_3_villages_is_3_village_alerts_and_no_households() -> None:
    world = AreaWorld().publish(water_test("q1", 0, PLACES, False))

    standing = [alert for alert in world.live().values() if alert["status"] == "ALERTED"]
    assert sorted((alert["place_code"], alert["kind"], alert["level"]) for alert in standing) == [
        (village, "area", "orange") for village in sorted(PLACES)
    ]
    assert {tuple(cause["evidence"]) for alert in standing for cause in alert["causes"]} == {("q1",)}
    assert {alert["households"] for alert in standing} == {0}
    assert world.publish(water_test("q2", 20, PLACES, True)).standing() == []


@pytest.mark.parametrize("per_capita", [3_000.0, 100_000.0])
def test_s8_decides_a_dropout_and_an_unsafe_house_always_alert_whatever_the_income(per_capita: float) -> None:
    income = fact("rural_revitalisation.income", "2023-01-10", "i1", year=2022, per_capita_net=per_capita)
    dropout = fact("education.enrolment", "2023-03-01", "s1", stage="junior", status="dropout", person="p_a")
    home = Home().lives("p_a", row()).take(income)

    assert home.copy().take(dropout).causes["R10"][0] == "red"
    assert home.copy().take(graded("D")).causes["R13"][0] == "red"
    assert home.copy().take(graded("C")).causes["R13"][0] == "orange"
    assert home.copy().take(bill(60_000, "2023-03-01")).causes["R04"][0] == "red"


def test_s8_decides_water_the_one_beside_the_three_always_alerts_its_village() -> None:
    world = AreaWorld().publish(water_test("q1", 0, PLACES[:1], False))

    assert world.standing() == [(PLACES[0], shipped().areas["R16"].title)]


def homes(number: int, said: Fact, township: str = HERE, first: int = 0) -> list[Home]:
    """Households of a township, each with a fact of its own; a tick half a year later finds it still so."""
    names = [f"H{first + place}" for place in range(number)]
    made = [Home(name).lives("p_a", row("2020-01-01", name, township=township)).take(said) for name in names]
    return [home.tick("2023-09-01", human_resources=day("2023-08-31")) for home in made]


def heard(*families: Home, township: str = HERE) -> Place:
    """A township that heard of these households what concerns it."""
    signals = [decode(message)[1] for home in families for _, message in newer_signals(None, home.household.signals)]
    return Place(township).take(*(signal for signal in signals if signal["township_code"] == township))


def classes_of(place: Place) -> dict[str, int]:
    """Class of each regional alert that stands, and of how many households it speaks."""
    alerts = {about: place.alert(about) for about in place.area.issued}
    return {about: alert["households"] for about, alert in alerts.items() if alert["status"] == "ALERTED"}


@pytest.mark.parametrize(
    ("said", "name", "title"),
    [
        (bill(30_000, "2023-03-01"), "monitoring", "防止返贫监测帮扶"),
        (fact("finance.microloan", "2023-03-01", state="overdue", overdue_days=45), "industry", "帮扶产业发展"),
        (fact("human_resources.employment", "2023-03-01", change="lost", person="p_a"), "employment", "稳岗就业"),
        (fact("emergency.household_loss", "2023-03-01", loss=6_000.0), "disaster", "自然灾害"),
        (fact("rural_revitalisation.self_report", "2023-03-01"), "opinion", "涉贫舆情"),
    ],
)
def test_x9_decides_k_alerts_of_a_type_in_a_township_are_one_regional_alert_of_the_right_class(
    said: Fact, name: str, title: str
) -> None:
    regional = shipped().regional
    assert regional is not None
    assert (regional.at_least, regional.days) == (K, WINDOW)
    assert classes_of(heard(*homes(K - 1, said))) == {}

    place = heard(*homes(K, said))

    assert classes_of(place) == {name: K}
    alert = place.alert(name)
    assert (alert["kind"], alert["title"]) == ("regional", f"区域性风险：{title}")
    mechanisms = [line.partition("：")[0] for line in alert["text"].splitlines()[1:]]
    assert mechanisms == ["1. 信息共享", "2. 风险会商", "3. 快速处置"]


@pytest.mark.parametrize(("last", "found"), [(WINDOW - 1, {"monitoring": K}), (WINDOW, {})])
def test_x9_counts_by_the_day_on_which_the_cause_became_true_not_by_arrival(last: int, found: dict[str, int]) -> None:
    started, families = at("2023-03-01"), []
    for number, after in enumerate([*range(K - 1), last]):
        for known_at in (at("2023-12-01"), at("2023-12-01") + number * 40 * DAY_MS):
            said = replace(bill(30_000, started + after * DAY_MS), known_at=known_at)
            families.append(homes(1, said, first=number)[0])

    assert classes_of(heard(*families[::2])) == found
    assert classes_of(heard(*families[1::2])) == found


def test_x9_a_move_counts_for_the_township_to_which_the_household_went() -> None:
    families = homes(K, bill(30_000, "2023-03-01"))
    neighbours = homes(K - 1, bill(30_000, "2023-03-02"), THERE, first=K)
    assert classes_of(heard(*families)) == {"monitoring": K}
    assert classes_of(heard(*families, *neighbours, township=THERE)) == {}

    moved = row("2023-06-01", "H0", township=THERE)
    families[0].lives("p_a", row("2020-01-01", "H0", township=HERE), moved)

    assert classes_of(heard(*families)) == {}
    assert classes_of(heard(*families, *neighbours, township=THERE)) == {"monitoring": K}


class TownshipSide(NamedTuple):
    """notify and the inbox on a running bus, and the store that they share."""

    bus: RunningBus
    programs: InboxPrograms
    store: Engine

    def publish(self, department: str, *rows: Row) -> float:
        """Publish rows of today as a department does; when that began."""
        began = time.monotonic()
        today = {"occurred_at": f"{datetime.now(BEIJING):%Y-%m-%d}"}
        self.programs.run(
            "publish", department, json_lines(self.programs.folder / "rows.jsonl", [today | row for row in rows])
        )
        return began

    def told_of(self, *codes: str) -> set[tuple[str, str]]:
        """Place whose alert it is, and whose inbox has a message that it was raised."""
        alerts = {area_alert_id(code, ""): code for code in codes}
        return {(alerts[i], whose) for i, _, whose, kind in told(self.store) if i in alerts and kind == "area_raised"}


@pytest.fixture(scope="module")
def side(bus: RunningBus, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TownshipSide]:
    folder = tmp_path_factory.mktemp("townships")
    listed = "".join(f'[townships.{code}]\nchannels = [{{channel = "inbox"}}]\n' for code in TOWNSHIPS)
    (folder / "roster.toml").write_text(listed, encoding="utf-8")
    with inbox_of(bus, folder) as programs:
        store = open_store(f"sqlite:///{folder / 'store.db'}")
        yield TownshipSide(bus, programs, store)
        store.dispose()


def warning(event_id: str, *regions: str) -> Row:
    """A red warning of floods, for two days."""
    what = {"kind": "warning", "event_id": event_id, "hazard": "flood", "level": 1, "region_codes": ";".join(regions)}
    start = datetime.now(BEIJING)
    return {**what, "valid_from": f"{start:%Y-%m-%d}", "valid_to": f"{start + timedelta(days=2):%Y-%m-%d}"}


@pytest.mark.kafka
@pytest.mark.parametrize("regions", [TOWNSHIPS[:14], [COUNTY_CODE]], ids=["of fourteen townships", "of a county"])
def test_n6_decides_a_warning_reaches_every_township_of_its_area_within_60_seconds(
    side: TownshipSide, regions: list[str]
) -> None:
    reached = TOWNSHIPS if regions == [COUNTY_CODE] else regions
    due = {(code, COUNTY) for code in regions} | {(code if code in regions else COUNTY_CODE, code) for code in reached}

    began = side.publish("emergency", warning(f"W-{len(regions)}", *regions))
    in_time = Deadline(NOTIFIED_SECONDS).reached(lambda: side.told_of(*regions) >= due, every_s=0.1)
    took = time.monotonic() - began

    assert in_time, due - side.told_of(*regions)
    assert side.told_of(*regions) == due
    assert took < NOTIFIED_SECONDS
    print(f"{len(reached)} townships and the county were told {took:.1f} s after the file was given to the command")


@pytest.mark.kafka
def test_y9_from_the_departments_file_to_the_page_and_the_messages_of_township_and_county(side: TownshipSide) -> None:
    villages = [f"{TOWNSHIPS[14]}{number}" for number in (201, 202, 203)]
    failed: Row = {"kind": "quality", "event_id": "Y9-1", "facility_id": "SC-7", "village_codes": ";".join(villages)}
    side.publish(
        "water", failed | {"pass": "否", "indicator": "microbe", "tested_on": f"{datetime.now(BEIJING):%Y-%m-%d}"}
    )
    due = {(village, whose) for village in villages for whose in (TOWNSHIPS[14], COUNTY)}
    assert Deadline(NOTIFIED_SECONDS).reached(lambda: side.told_of(*villages) == due), side.told_of(*villages)

    office = TestOffice(side.store)
    office.person("十五乡", TOWNSHIPS[14])
    office.person("一乡", TOWNSHIPS[0])
    office.person("县里", None)
    page = f"areas/{area_alert_id(villages[1], '')}"
    title = shipped().areas["R16"].title
    township = office.signed_in("十五乡")

    assert township.text("/areas").count(title) == 3
    assert title in township.text("/messages")
    assert "饮水工程维修" in township.text(f"/{page}")
    assert office.signed_in("一乡").get(f"/{page}").status_code == 404
    assert office.signed_in("县里").text("/county/area").count(title) == 3
