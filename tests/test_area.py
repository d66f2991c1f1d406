"""One alert per village or township for its own events; one per township and class for many households' causes."""

from __future__ import annotations

import pytest

from tests.areas import OTHER_VILLAGE, TOWNSHIP, VILLAGE, Place, census, checked, outage, signal, warned
from tests.builders import at, day, fact

MONITORING = "monitoring"


def homes(number: int, since: str = "2023-03-01", cause: str = "illness") -> list[dict[str, object]]:
    return [signal(f"H{n}", since, cause) for n in range(number)]


def test_a_long_outage_is_one_orange_alert_of_its_village() -> None:
    place = Place(VILLAGE).hear(outage())

    assert place.says() == [("R15", "orange", ["o1"])]
    alert = place.alert()
    assert (alert["kind"], alert["status"], alert["version"]) == ("area", "ALERTED", 1)
    assert (alert["township_code"], alert["village_code"], alert["place_code"]) == (TOWNSHIP, VILLAGE, VILLAGE)
    assert alert["text"].startswith("水务：2023年6月1日，本村有1次预计3天以上的停水。")


def test_several_troubles_of_one_village_are_one_alert_with_all_causes() -> None:
    cut = fact("transport.access", "2023-06-02", "a1", road_id="X1", village_codes=(VILLAGE,), blocked=True, est_days=4)
    sick = fact("health.epidemic_impact", "2023-06-03", "e1", affected_households=3)
    place = Place(VILLAGE).hear(outage(), checked(), cut, sick)

    assert [cause[0] for cause in place.says()] == ["R15", "R16", "R25", "R26"]
    assert list(place.area.issued) == [""]
    assert place.alert()["version"] == 4
    assert place.alert()["subjects"] == ["S1", "X1", "e1"]


def test_water_that_is_good_again_ends_the_alert_whichever_came_first() -> None:
    bad, good = checked("2023-06-01", "q1"), checked("2023-06-20", "q2", good=True)
    for order in ((bad, good), (good, bad)):
        place = Place(VILLAGE).hear(*order)
        assert place.says() == []
    assert Place(VILLAGE).hear(bad, good).alert()["status"] == "WITHDRAWN"
    other = checked("2023-06-20", "q2", good=True, facility="S2")
    assert Place(VILLAGE).hear(bad, other).says() == [("R16", "orange", ["q1"])]


def test_two_bad_tests_of_one_facility_are_both_evidence() -> None:
    place = Place(VILLAGE).hear(checked("2023-06-01", "q1"), checked("2023-06-20", "q2"))

    assert place.says() == [("R16", "orange", ["q1", "q2"])]
    assert place.alert()["subjects"] == ["S1"]


def test_a_correction_below_the_line_withdraws_and_a_revision_that_names_the_village_no_more_too() -> None:
    short, gone = outage(1, revision=1), outage(5, revision=1, village_codes=(OTHER_VILLAGE,))
    taken_back = outage(5, revision=1, retracted=True)

    assert Place(VILLAGE).hear(outage(), short).alert()["status"] == "WITHDRAWN"
    assert Place(VILLAGE).hear(outage()).hear(gone, named=False).alert()["status"] == "WITHDRAWN"
    assert Place(VILLAGE).hear(outage()).hear(taken_back, named=False).alert()["status"] == "WITHDRAWN"
    assert Place(VILLAGE).hear(gone, named=False).hear(outage()).issued() is None


def test_a_warning_is_the_townships_until_its_last_day_is_over() -> None:
    place = Place().hear(warned(2))
    assert place.says() == [("R19", "orange", ["w1"])]

    assert place.tick("2023-07-22").says() == [("R19", "orange", ["w1"])]
    assert place.tick("2023-07-23").says() == []
    assert place.alert()["status"] == "WITHDRAWN"


def test_a_warning_of_villages_is_their_townships_once() -> None:
    place = Place()
    for village in (VILLAGE, OTHER_VILLAGE):
        place.hear(warned(1, "2023-07-22", "w1", VILLAGE, OTHER_VILLAGE), place=village)

    assert place.says() == [("R19", "red", ["w1"])]
    assert place.alert()["version"] == 1
    assert Place(VILLAGE).hear(warned(1, "2023-07-22", "w1", VILLAGE)).says() == []


def test_an_outage_of_a_village_is_not_its_townships() -> None:
    assert Place().hear(outage(), place=VILLAGE).issued() is None


def test_a_warning_of_the_county_names_no_township() -> None:
    alert = Place("231222").hear(warned(1, "2023-07-22", "w1", "231222")).alert()

    assert (alert["township_code"], alert["village_code"], alert["place_code"]) == (None, None, "231222")


@pytest.mark.parametrize(("number", "raised"), [(4, False), (5, True)])
def test_five_households_with_one_cause_within_thirty_days_are_a_regional_alert(number: int, *, raised: bool) -> None:
    place = Place().take(*homes(number))

    assert (place.issued(MONITORING) is not None) == raised


@pytest.mark.parametrize(("last", "raised"), [("2023-03-30", True), ("2023-03-31", False)])
def test_thirty_days_are_counted_by_when_the_causes_became_true(last: str, *, raised: bool) -> None:
    place = Place().take(*homes(4), signal("H9", last))

    assert (place.issued(MONITORING) is not None) == raised


def test_a_regional_alert_says_class_households_line_and_the_three_steps() -> None:
    alert = Place().take(*homes(5), signal("H9", "2023-03-20", known_at=at("2023-08-01"))).alert(MONITORING)

    assert (alert["kind"], alert["level"], alert["title"]) == ("regional", "orange", "区域性风险：防止返贫监测帮扶")
    assert (alert["households"], alert["causes"][0]["evidence"]) == (6, [*(f"H{n}" for n in range(5)), "H9"])
    assert alert["text"].splitlines()[0] == ("2023年3月1日至3月20日，本乡镇有6户出现同类情况：因病支出（预警线5户）。")
    assert [line[:7] for line in alert["text"].splitlines()[1:]] == ["1. 信息共享", "2. 风险会商", "3. 快速处置"]


def test_different_causes_are_not_added_up() -> None:
    place = Place().take(*homes(4), *homes(4, cause="house"))
    assert place.issued(MONITORING) is None

    place.take(signal("H8", "2023-03-02", "house"))
    assert [cause["cause"] for cause in place.alert(MONITORING)["causes"]] == ["house"]


def test_two_causes_of_one_class_are_one_alert() -> None:
    place = Place().take(*homes(5), *homes(6, cause="house"))

    alert = place.alert(MONITORING)
    assert [(cause["cause"], cause["evidence_count"]) for cause in alert["causes"]] == [("house", 6), ("illness", 5)]
    assert alert["households"] == 6


def test_classes_are_lanxis_and_jobs_lost_are_counted_apart() -> None:
    place = Place().take(*homes(5, cause="income/employment"), *homes(4, cause="income"), *homes(5, cause="production"))

    assert sorted(place.area.issued) == ["employment", "industry"]


def test_a_withdrawal_lowers_the_count_and_a_household_that_moved_away_counts_no_more() -> None:
    place = Place().take(*homes(6))
    place.take(signal("H0", None, version=2))
    assert place.alert(MONITORING)["households"] == 5

    place.take(signal("H1", None, version=2))
    assert place.alert(MONITORING)["status"] == "WITHDRAWN"
    assert place.take(signal("H1", "2023-03-02", version=3)).alert(MONITORING)["status"] == "ALERTED"
    assert [place.alert(MONITORING)["version"], place.alert(MONITORING)["title"]] == [5, "区域性风险：防止返贫监测帮扶"]


def test_an_older_signal_that_comes_late_changes_nothing() -> None:
    place = Place().take(*homes(5), signal("H0", None, version=3))
    place.take(signal("H0", "2023-03-01", version=2))

    assert place.alert(MONITORING)["status"] == "WITHDRAWN"


@pytest.mark.parametrize(("households", "line"), [(0, 5), (1000, 5), (1001, 6), (2400, 12)])
def test_the_line_is_half_a_percent_of_the_townships_households_five_at_least(households: int, line: int) -> None:
    place = Place().take(census(households), *homes(line - 1))
    assert place.issued(MONITORING) is None

    assert place.take(signal("H99", "2023-03-02")).alert(MONITORING)["households"] == line


def test_the_census_adds_up_partitions_and_an_older_one_changes_nothing() -> None:
    place = Place().take(*homes(6), census(900, 1, 5), census(500, 2, 5))
    assert place.alert(MONITORING)["status"] == "WITHDRAWN"  # 7 of 1400

    place.take(census(100, 1, 9), census(900, 1, 6))
    assert place.alert(MONITORING)["status"] == "ALERTED"


def test_a_regional_alert_ends_half_a_year_after_its_last_day() -> None:
    place = Place().take(*homes(5))

    assert place.tick(day("2023-03-01") + 180).alert(MONITORING)["status"] == "ALERTED"
    assert place.tick(day("2023-03-01") + 181).alert(MONITORING)["status"] == "WITHDRAWN"


def test_what_is_older_than_800_days_is_forgotten_but_not_what_an_alert_rests_on() -> None:
    place = Place(VILLAGE).hear(outage(), outage(1, event_id="o2", facility_id="S2")).tick(day("2023-06-01") + 801)
    assert list(place.area.facts) == ["7:o1"]

    township = Place().take(*homes(5)).tick(day("2023-03-01") + 801)
    assert township.area.signals == {"illness": {}}
    assert township.area.issued[MONITORING].status == "WITHDRAWN"


def test_another_rule_set_judges_a_place_before_its_next_record() -> None:
    place = Place(rules=None).take(*homes(5))
    assert place.area.issued == {}

    place.rules = Place().rules
    place.take(census(10))
    assert place.alert(MONITORING)["status"] == "ALERTED"
