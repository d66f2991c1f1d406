"""How large rows are: a million households and their people are in memory at once (docs/benchmarks.md)."""

from __future__ import annotations

from msgspec.structs import replace

from schemas.fact import Fact
from streams.correlate import Moment, Source, fold_fact, fold_membership, shipped
from streams.household import Household, pack
from streams.subject import Held, SubjectRow, new_subject
from streams.subject import pack as pack_subject
from tests.bench.made_up_log import household_id, person_id
from tests.builders import bill, graded, membership, routed, row

KB = 1024
HOME = household_id(1)
PEOPLE = [person_id(number) for number in range(4)]
"""3.82 people a household on average (domain.md 7.1, Yeji), twelve facts among them."""


def facts() -> list[Fact]:
    said = [bill(237 * (1 + number % 3), f"2023-{1 + number:02d}-03", f"B{number:011d}") for number in range(9)]
    said += [graded("A", f"202{number}-05-01", f"H{number:011d}") for number in range(3)]
    return [replace(each, person=PEOPLE[place % len(PEOPLE)]) for place, each in enumerate(said)]


def test_a_household_of_four_people_and_twelve_facts_takes_at_most_one_kb() -> None:
    moment, home = Moment(shipped(), None, {}), Household()
    for offset, person in enumerate(PEOPLE):
        source = Source("register.persons", 0, 1_000_000 + offset, 0)
        fold_membership(HOME, home, membership(person, row(household_id=HOME, tags=["lifted"])), moment, source)
    for offset, each in enumerate(facts()):
        fold_fact(HOME, home, routed(each, offset), moment, Source("events.health_insurance", 0, offset, 0))

    assert (len(home.facts), len(home.people), home.findings) == (12, 4, {})
    assert len(pack(home)) <= KB


def test_a_person_of_such_a_household_takes_at_most_half_a_kb_in_assign() -> None:
    subject, lived = new_subject(), row(household_id=HOME, tags=["lifted"])
    codes = lived.township_code, lived.village_code, lived.grid_code
    subject.rows[f"{HOME}|{lived.valid_from}"] = SubjectRow(
        HOME, lived.valid_from, None, *codes, lived.tags, lived.labour, retracted=False, source_offset=1_000_000
    )
    for offset, each in enumerate(fact for fact in facts() if fact.person == PEOPLE[0]):
        subject.facts[each.id] = Held(replace(each, person=""), each.known_at, 3, 1_000_000 + offset, {}, [], [])
    subject.newest = facts()[-1].known_at

    assert len(subject.facts) == 3
    assert len(pack_subject(subject)) <= KB // 2
