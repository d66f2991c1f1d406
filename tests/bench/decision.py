"""The decision as a peer takes it: message by message, by the same functions of `streams`.

A peer's stored state of a household is the day of the last tick folded into it, then its table row. Peers have no index
of what is due: they fold a tick into a household before its next record, which comes to the same alerts.
"""

from __future__ import annotations

from schemas.codec import decode
from schemas.fact import unpack_routed
from streams.correlate import Moment, Source, fold_fact, fold_membership, fold_tick
from streams.household import Household, due_day, pack, unpack
from tests.bench.four_rules import four

_DAY_BYTES = 4


class Decision:
    """What holds per partition, and how one message changes one household."""

    def __init__(self) -> None:
        """Nothing holds before the activation has come."""
        self._moments: dict[int, tuple[Moment, Source | None]] = {}

    def stands_alone(self, key: bytes | None) -> bool:
        """Whether a message concerns a whole partition, not a household."""
        return not key

    def turn(self, partition: int, offset: int, timestamp: int, value: bytes) -> None:
        """Take a message for a whole partition: an activation or a tick."""
        name, content = decode(value)
        moment, ticked = self._moments.get(partition, (Moment(None, None, {}), None))
        if name == "activation":
            moment = Moment(four(), moment.tick, moment.positions)
        elif name == "tick":
            moment = Moment(moment.rules, content["day"], content["positions"])
            ticked = Source("household.events", partition, offset, timestamp)
        self._moments[partition] = moment, ticked

    def take(self, partition: int, key: bytes, value: bytes, stored: bytes | None) -> tuple[bytes, bytes | None]:
        """Fold one message into one household: what is to be stored, and the alert where it has a new version."""
        household_id = key.decode()
        moment, ticked = self._moments[partition]
        household = Household() if stored is None else unpack(stored[_DAY_BYTES:])
        folded = 0 if stored is None else int.from_bytes(stored[:_DAY_BYTES], "big")
        version = household.case.version if household.case else 0
        day = moment.tick or 0
        if ticked and folded < day and 0 < due_day(household) <= day:
            fold_tick(household_id, household, moment, ticked)
        _fold(household_id, household, value, moment)
        case = household.case
        alert = case.alert if case is not None and case.version != version else None
        return day.to_bytes(_DAY_BYTES, "big") + pack(household), alert


def _fold(household_id: str, household: Household, value: bytes, moment: Moment) -> None:
    name, content = decode(value)
    if name == "household_fact":
        routed = unpack_routed(content["fact"])
        source = Source(routed.source_topic, routed.source_partition, routed.source_offset, routed.fact.known_at)
        fold_fact(household_id, household, routed, moment, source)
    elif name == "membership":
        source = Source(
            content["source_topic"], content["source_partition"], content["source_offset"], content["known_at"]
        )
        fold_membership(household_id, household, content, moment, source)
