"""What the benches put on household.events: a membership of every household, then facts of the bench rules' four kinds.

A few of a hundred households raise an alert. Of the facts 2 % revise an earlier one, 1 % repeat it, 0.5 % take it
back; a tick stands in the middle and makes the oldest counted facts be forgotten.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Iterator
from itertools import chain

import msgspec

from schemas.beijing import DAY_MS, day_of
from schemas.codec import encode
from schemas.fact import Fact, RoutedFact, Value, pack_routed
from schemas.kinds import kinds_by_code
from schemas.partition import partition_of
from schemas.topics import PARTITIONS

NOW = 1_780_000_000_000
"""When everything was published, ms: the log is the same in every run."""
TICK_DAYS_AHEAD = 450
_LATELY = 20_000
_BASE32 = "abcdefghijklmnopqrstuvwxyz234567"

Message = tuple[int, bytes, bytes]
"""Partition, key and value."""


def household_id(number: int) -> str:
    """Id of the nth household."""
    return f"H{number:09d}"


def person_id(number: int) -> str:
    """Id of the nth household's one person."""
    return "p_" + "".join(_BASE32[(number >> (5 * place)) & 31] for place in range(26))


def memberships(households: int) -> Iterator[Message]:
    """One membership a household; every fifth is a low-income one."""
    for number in range(households):
        row = {
            "household_id": household_id(number),
            "valid_from": 18_000,
            "valid_to": None,
            "township_code": f"2207220{number % 15:02d}",
            "village_code": f"2207220{number % 15:02d}001",
            "grid_code": f"2207220{number % 15:02d}001",
            "tags": ["lifted"] if number % 5 == 0 else [],
            "labour": "able",
        }
        record = {
            "person_id": person_id(number),
            "rows": [row],
            "known_at": NOW,
            "source_topic": "register.persons",
            "source_partition": 0,
            "source_offset": number,
        }
        key = household_id(number).encode()
        yield partition_of(key), key, encode("membership", record)


def _settlement(r: random.Random) -> list[Value]:
    paid = int(r.expovariate(1 / 80_000))
    return ["inpatient", paid * 3, paid, paid // 2, paid // 2, paid, True, day_of(NOW)]


def _inspection(r: random.Random) -> list[Value]:
    return [r.choices("ABCD", (60, 39, 0.8, 0.2))[0], "none", day_of(NOW)]


def _enrolment(r: random.Random) -> list[Value]:
    return [r.choice(("primary", "junior")), r.choices(("in_school", "dropout"), (99.8, 0.2))[0], 0]


def _fee(r: random.Random) -> list[Value]:
    return ["primary", 200_000, r.choices((0, 80_000), (9, 1))[0], 0]


_KINDS: tuple[tuple[str, float, Callable[[random.Random], list[Value]]], ...] = (
    ("health_insurance.settlement", 0.5, _settlement),
    ("housing.inspection", 0.15, _inspection),
    ("education.enrolment", 0.15, _enrolment),
    ("education.fee", 0.2, _fee),
)


def facts(events: int, households: int, seed: int = 1) -> Iterator[Message]:
    """Facts of random households in random order, and what departments say of them later."""
    r = random.Random(seed)
    kinds = [(kinds_by_code()[code].number, make) for code, _, make in _KINDS]
    weights = [weight for _, weight, _ in _KINDS]
    lately: deque[tuple[int, Fact]] = deque(maxlen=_LATELY)
    for number in range(events):
        if lately and r.random() < 0.035:
            household, fact = _said_again(r, *lately[r.randrange(len(lately))], number)
        else:
            household = r.randrange(households)
            kind, make = r.choices(kinds, weights)[0]
            fact = _fact(r, number, household, kind, make(r))
            lately.append((household, fact))
        routed = RoutedFact(fact, NOW, "events.bench", 0, number)
        key = household_id(household).encode()
        yield partition_of(key), key, encode("household_fact", {"fact": pack_routed(routed)})


def _fact(r: random.Random, number: int, household: int, kind: int, values: list[Value]) -> Fact:
    occurred = NOW - r.randrange(365 * DAY_MS)
    event = f"{kind >> 6}:B{number:011d}"
    return Fact(event, kind, 0, False, number.to_bytes(8, "big"), person_id(household), occurred, NOW, values)


def _said_again(r: random.Random, household: int, fact: Fact, number: int) -> tuple[int, Fact]:
    how = r.random() * 3.5
    if how < 1:
        return household, fact
    digest = number.to_bytes(8, "big")
    if how < 1.5:
        return household, msgspec.structs.replace(fact, revision=fact.revision + 1, retracted=True, digest=digest)
    values = [v * 2 if isinstance(v, int) and not isinstance(v, bool) else v for v in fact.values]
    return household, msgspec.structs.replace(fact, revision=fact.revision + 1, values=values, digest=digest)


def ticks() -> Iterator[Message]:
    """The tick in the middle, one a partition."""
    day = day_of(NOW) + TICK_DAYS_AHEAD
    message = encode("tick", {"day": day, "positions": {"health_insurance": day}, "written_at": NOW})
    for partition in range(PARTITIONS):
        yield partition, b"", message


def opening(households: int, events: int) -> Iterator[Message]:
    """Memberships, half of the facts, the tick, the other half."""
    half = events // 2
    return chain(memberships(households), facts(half, households, 1), ticks(), facts(events - half, households, 2))
