"""Register rows and departments' events as the on-ramp puts them on the bus, one person a household."""

from __future__ import annotations

from collections.abc import Iterator

from schemas.codec import encode
from schemas.partition import partition_of
from schemas.topics import REGISTER_HOUSEHOLDS, REGISTER_PERSONS, events_topic
from tests.bench.made_up_log import household_id, person_id

DAY = 20_000
Message = tuple[str, int, bytes, bytes]
"""Topic, partition, key and value."""


def register_rows(numbers: range, now: int) -> Iterator[Message]:
    """Both records of each household's one row; `now` in ms."""
    for number in numbers:
        household, person = household_id(number), person_id(number)
        row = {
            "person_id": person,
            "household_id": household,
            "valid_from": 18_000,
            "valid_to": None,
            "township_code": "220722001",
            "village_code": "220722001001",
            "grid_code": "220722001001",
            "tags": [],
            "labour": "able",
            "retracted": False,
            "published_at": now,
            "batch_id": "bench",
            "row": number + 1,
        }
        value = encode("register_row", row)
        yield REGISTER_PERSONS, partition_of(person.encode()), f"{person}|{household}|18000".encode(), value
        yield REGISTER_HOUSEHOLDS, partition_of(household.encode()), f"{household}|18000|{person}".encode(), value


def bill(number: int, household: int, now: int) -> Message:
    """A small bill, which raises nothing; `number` makes its id."""
    body = {
        "visit_type": "inpatient",
        "total_fee_fen": 9_000,
        "basic_paid_fen": 4_000,
        "serious_paid_fen": 0,
        "aid_paid_fen": 0,
        "self_pay_fen": 5_000,
        "in_county": True,
        "discharged_on": DAY,
    }
    return _event("health_insurance", "settlement", f"bill-{number}", household, now, body)


def unsafe_house(household: int, now: int) -> Message:
    """A house of grade D, which raises a red alert at once."""
    body = {"grade": "D", "hazard": "crack", "inspected_on": DAY}
    return _event("housing", "inspection", f"house-{household}", household, now, body)


def _event(department: str, kind: str, event_id: str, household: int, now: int, body: dict[str, object]) -> Message:
    person = person_id(household)
    event = {
        "event_id": event_id,
        "revision": 0,
        "retracted": False,
        "department": department,
        "kind": kind,
        "region_code": "220722",
        "person_id": person,
        "household_id": None,
        "occurred_at": now - 86_400_000,
        "published_at": now,
        "batch_id": "bench",
        "row": 1,
        "data_class": "ordinary",
        "body": body,
    }
    key = person.encode()
    return events_topic(department), partition_of(key), key, encode(department, event)
