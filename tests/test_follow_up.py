"""N10: every relocated household is to have at least one measure; those without are listed, alert or none."""

from __future__ import annotations

from streams.correlate import shipped
from streams.follow_up import FollowUp, follow_up
from streams.follow_up_command import as_object, in_words
from tests.builders import TOWNSHIP, VILLAGE, Home, day, fact, graded, row
from tests.test_recount import history

TODAY = day("2024-06-01")
MOVED = ("relocated",)
PEOPLE = {
    "p_none": [row(household_id="H1", tags=MOVED)],
    "p_aided": [row(household_id="H2", tags=MOVED)],
    "p_helped": [row(household_id="H3", tags=MOVED)],
    "p_other": [row(household_id="H4", tags=("lifted",))],
    "p_gone": [row(household_id="H5", tags=MOVED, valid_to="2024-05-31")],
    "p_stopped": [row(household_id="H6", tags=MOVED)],
}
DIBAO = "civil_affairs.dibao_change"
FACTS = [
    fact("education.aid", "2024-03-01", "a1", person="p_aided", granted=True),
    fact(DIBAO, "2024-03-01", "d1", person="p_stopped", action="granted"),
    fact(DIBAO, "2024-05-01", "d2", person="p_stopped", action="stopped"),
]


def delivered(household_id: str) -> Home:
    made = Home(household_id, tick_day=TODAY).lives("p_helped", row(household_id=household_id, tags=MOVED))
    made.take(graded("D"))
    for step in ("confirmed", "included", "planned"):
        made.act(step)
    return made.act("delivered", details={"measure": "M20"})


def found() -> FollowUp:
    live = {"H3": delivered("H3").alert}
    return follow_up(history(FACTS, PEOPLE), live, shipped(), TODAY)


def test_n10_decides_a_relocated_household_with_0_active_measures_is_listed_though_it_has_no_alert() -> None:
    assert (found().households, [home for home, _ in found().without]) == (4, ["H1", "H6"])


def test_the_list_says_where_they_are_and_of_how_many() -> None:
    said = as_object(found())

    assert said["listed"][0] == {
        "household_id": "H1",
        "township_code": TOWNSHIP,
        "village_code": VILLAGE,
        "grid_code": f"{VILLAGE}001",
    }
    assert in_words(said)[0] == "易地搬迁户4户，其中2户没有任何帮扶措施的记录，请至少落实一项。"
    assert in_words(said)[1].startswith("户 H1  村 ")
