"""The one alert of a household: what it says, and when there is a new version of it."""

from __future__ import annotations

import json
from collections.abc import Mapping

from schemas.codec import decode
from streams.case import MOST_EVIDENCE, alert_id_of
from streams.correlate import Moment, RuleSet, Source, fold_fact, reevaluate, shipped
from streams.household import Household, pack, unpack
from streams.wording import LEVELS
from tests.builders import GRID, TOWNSHIP, VILLAGE, Home, at, bill, day, fact, graded, routed, row

PLAN = {
    "suggested": ["M14"],
    "labour": "able",
    "given_help": [],
    "proposed_class": "sudden",
    "insurer_nudge": False,
    "without_follow_up": False,
}
UNTOUCHED = {
    "ordinal": 1,
    "basis_changed": False,
    "proposals": [],
    "not_mine": False,
    "measures": [],
    "planned": [],
    "household_class": None,
    "responsible_cadre": None,
    "archive": [],
    "archived": False,
    "tracking_until": None,
    "nation_marked": False,
    "persons": None,
    "policies_insufficient": False,
    "fund_referral": [],
    "fund_paid_fen": 0,
    "level_rule": "",
    "level_reason": "",
    "actions": [],
}
"""What an alert says of people as long as nobody has acted."""


def test_an_alert_says_where_the_household_is_and_what_it_rests_on() -> None:
    home = Home(tick_day=day("2023-06-01"), positions={"housing": 19_500, "education": 19_400})
    home.lives("p_a", row()).take(graded("D", "2023-05-01", "house-7", person="p_a"))

    alert = home.alert
    assert [(c["rule"], c["evidence"], c["evidence_count"]) for c in alert.pop("causes")] == [("R13", ["house-7"], 1)]
    assert alert.pop("text").startswith("红色预警：请立即入户核实。\n住建：2023年5月1日，住房安全鉴定为D级")
    assert alert == {
        "alert_id": alert_id_of("H1", 1),
        "household_id": "H1",
        "township_code": TOWNSHIP,
        "previous_township_code": None,
        "village_code": VILLAGE,
        "grid_code": GRID,
        "version": 1,
        "status": "ALERTED",
        "level": "red",
        "missing_help": ["M14"],
        **PLAN,
        "first_occurred_at": at("2023-05-01"),
        "raised_at": at("2023-05-01"),
        "as_of": {"education": 19_400, "housing": 19_500},
        "rule_set": shipped().hash,
        "known_at": at("2023-05-01"),
        "source_topic": "events.housing",
        "source_partition": 3,
        "source_offset": 2,
        **UNTOUCHED,
    }


def test_each_cause_says_which_department_saw_what_and_when() -> None:
    home = Home().take(graded("D", "2023-05-01", "house-7"), bill(27_000, "2023-06-01", "bill-1"))

    house, illness = home.alert["causes"][-1], home.alert["causes"][1]
    assert house == {
        "rule": "R13",
        "rule_version": 1,
        "cause": "house",
        "level": "red",
        "evidence": ["house-7"],
        "evidence_count": 1,
        "title": shipped().rules["R13"].title,
        "text": "住建：2023年5月1日，住房安全鉴定为D级（整体危险）。",
        "departments": ["housing"],
        "first_occurred_at": at("2023-05-01"),
        "last_occurred_at": at("2023-05-01"),
        "band": "",
    }
    assert (illness["departments"], illness["band"]) == (["health_insurance"], "超出不到10%")
    assert home.alert["text"].splitlines()[1:-1] == [c["text"] for c in sorted(home.alert["causes"], key=by_level)]


def by_level(cause: Mapping[str, str]) -> int:
    return LEVELS.index(cause["level"])


def test_the_alert_id_follows_from_household_and_ordinal() -> None:
    assert alert_id_of("H1", 1) == alert_id_of("H1", 1)
    assert len({alert_id_of("H1", 1), alert_id_of("H1", 2), alert_id_of("H2", 1), alert_id_of("H11", 1)}) == 4
    assert len(alert_id_of("H1", 1)) == 28
    assert alert_id_of("H1", 1).startswith("a_")


def test_a_repeat_or_an_older_revision_makes_no_version() -> None:
    first, second = graded("D"), graded("C", revision=1)
    home = Home().take(first, second)
    before = home.case

    home.take(second, first, first)

    assert home.case == before
    assert [alert["level"] for alert in home.alerts] == ["red", "orange"]


def test_a_fact_that_changes_nothing_said_makes_no_version() -> None:
    home = Home().take(graded("D")).take(bill(5, "2023-03-01"), fact("education.fee", "2023-03-01", overdue=0))

    assert home.case.version == 1


def test_raised_again_is_the_same_alert_with_a_new_time() -> None:
    home = Home().take(graded("D", "2023-05-01"), graded("A", "2023-06-01", "e2"), graded("C", "2023-07-01", "e3"))

    raised, withdrawn, again = home.alerts
    assert raised["alert_id"] == withdrawn["alert_id"] == again["alert_id"]
    assert [alert["version"] for alert in home.alerts] == [1, 2, 3]
    assert [alert["raised_at"] for alert in home.alerts] == [at("2023-05-01"), at("2023-05-01"), at("2023-07-01")]
    assert (again["status"], again["level"]) == ("ALERTED", "orange")
    assert home.case.raised == {"R13|red": 1, "R13|orange": 1}


def test_the_time_it_was_raised_outlives_new_causes() -> None:
    home = Home().take(graded("D", "2023-05-01"), bill(26_000, "2023-06-01"))

    assert home.alert["raised_at"] == at("2023-05-01")
    assert home.alert["known_at"] == at("2023-06-01")


def test_each_time_a_cause_newly_stands_is_counted_once() -> None:
    home = Home().take(bill(26_000, "2023-06-01", "a"), bill(1, "2023-06-02", "b"))
    assert home.case.raised == {"R04|orange": 1}

    home.take(bill(26_000, "2023-06-01", "a", retracted=True), bill(26_000, "2023-06-03", "c"))

    assert home.case.raised == {"R04|orange": 2}

    home.act("rejected").take(bill(26_000, "2023-06-04", "d"))

    assert home.alert["ordinal"] == 2
    assert home.case.raised == {"R04|orange": 2, "R04|red": 1}


def test_a_move_to_another_township_is_a_version_that_names_the_one_before() -> None:
    home = Home().take(graded("D")).lives("p_a", row())
    first = home.alert

    home.lives("p_a", row(), row("2024-01-01", township="220302002"))

    moved = home.alert
    assert (first["township_code"], first["previous_township_code"]) == (TOWNSHIP, None)
    assert (moved["township_code"], moved["previous_township_code"]) == ("220302002", TOWNSHIP)
    home.take(bill(26_000, "2023-06-01"))
    assert home.alert["previous_township_code"] == TOWNSHIP


def test_an_alert_lists_200_events_and_counts_the_rest() -> None:
    home = Home().take(*(bill(1000, at("2023-01-01") + n, f"e{n:03}") for n in range(203)))

    cause = home.alert["causes"][0]
    assert cause["evidence"] == [f"e{n:03}" for n in range(MOST_EVIDENCE)]
    assert cause["evidence_count"] == 203


def test_another_rule_set_is_a_step_of_its_own_before_the_record() -> None:
    home = Home().take(graded("C"), bill(26_000, "2023-03-01"))
    home.rules = RuleSet.from_content(shipped().content.replace('"other":26000', '"other":30000'))

    home.take(bill(4000, "2023-03-02", "e2"))

    assert [len(alert["causes"]) for alert in home.alerts] == [1, 3, 3]
    assert home.alert["version"] == 4  # 3 withdrew R04 under the new set, 4 raised it again
    assert home.household.rule_set == home.rules.mark != shipped().mark


def test_a_set_that_says_the_same_makes_no_version() -> None:
    home = Home().take(graded("C"))
    home.rules = RuleSet.from_content(shipped().content.replace('"other":26000', '"other":27000'))

    opened = unpack(home.stored)
    reevaluate("H1", opened, home.moment, Source("rules", 0, 0, 0))

    assert opened.case == home.case
    assert opened.rule_set == home.rules.mark


def test_a_rule_that_is_gone_takes_its_cause_along() -> None:
    home = Home().take(graded("C"), bill(26_000, "2023-03-01"))
    home.rules = RuleSet.from_content(without_rule(shipped().content, "R04"))

    opened = unpack(home.stored)
    reevaluate("H1", opened, home.moment, Source("rules", 0, 0, 0))

    assert sorted(opened.findings) == ["C1", "R13"]


def without_rule(content: str, rule_id: str) -> str:
    values = json.loads(content)
    values["rules"] = [rule for rule in values["rules"] if rule["id"] != rule_id]
    values["rules"] = [rule for rule in values["rules"] if rule["condition"].get("parts") != [rule_id, "R17"]]
    for rule in values["rules"]:
        if rule_id in (parts := rule["condition"].get("parts", [])):
            parts.remove(rule_id)
    return json.dumps(values)


def test_the_same_version_is_the_same_bytes_whatever_the_batching() -> None:
    facts = [bill(9000 * n, "2023-01-01", f"e{n}") for n in range(1, 6)] + [graded("C"), graded("D", revision=1)]
    one_by_one = Home().take(*facts)

    together, messages = Household(), []
    for offset, said in enumerate(facts, 1):
        topic = one_by_one.alerts[-1]["source_topic"] if said.department == "housing" else "events.health_insurance"
        source = Source(topic, 3, offset, said.known_at)
        fold_fact("H1", together, routed(said, offset), Moment(shipped(), None, {}), source)
        if together.case is not None and together.case.alert not in messages:
            messages.append(together.case.alert)

    assert messages == one_by_one.messages
    assert pack(together) == one_by_one.stored


def test_the_message_is_the_alert_schemas() -> None:
    assert decode(Home().take(graded("D")).case.alert)[0] == "alert"
