"""What a partition's changelog says of its inputs: how far they were counted, and what became of each record.

Written in the same record batch as the state it speaks of, so that the two never differ (docs/decisions/0003).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from schemas.codec import SchemaError, decode, encode
from schemas.failstop import NeedsAPersonError
from streams.changelog import LEDGER, pack_row
from streams.state_table import Partition, Row

_AHEAD = (
    "the ledger of {topic} partition {partition} has counted up to offset {offset}, but the topic ends at {end}: "
    "it was made anew or cut. Restore the topic, or empty the changelog {changelog} and reset the group to start over."
)
_DAMAGED = "the ledger of partition {partition} cannot be read: delete the changelog partition and reset the group"


@dataclass(slots=True)
class Ledger:
    """How far one input partition was counted.

    Attributes:
        offset: last input offset counted, -1 for none.
        totals: label parts joined by `|` -> records, since the topic began.
        epoch: of the takeover by this owner; written beside the record, for the merge.
        rule_set: active set, empty before the first activation.
        tick: day of the last tick; `positions` its feed positions.
        activated_offset: of the record that activated the set, -1 before the first; `activated_at` its timestamp, ms.
        reevaluated: offset of the last activation by whose set every household was judged anew.

    """

    input: str
    partition: int
    offset: int = -1
    epoch: int = 0
    totals: Counter[str] = field(default_factory=Counter)
    rule_set: str = ""
    tick: int | None = None
    positions: dict[str, int] = field(default_factory=dict)
    activated_offset: int = -1
    activated_at: int = 0
    reevaluated: int = -1

    def row(self) -> Row:
        """Changelog key and row."""
        record = {
            "input": self.input,
            "partition": self.partition,
            "offset": self.offset,
            "totals": self.totals,
            "rule_set": self.rule_set,
            "tick": self.tick,
            "positions": self.positions,
            "activated_offset": self.activated_offset,
            "activated_at": self.activated_at,
            "reevaluated": self.reevaluated,
        }
        return LEDGER + self.input.encode(), pack_row(self.offset, self.epoch, encode("ledger", record))

    def check(self, end: int, changelog: str) -> None:
        """Refuse a ledger that is ahead of its log.

        Raises:
            NeedsAPersonError: the topic was made anew or cut.

        """
        if self.offset >= end:
            message = _AHEAD.format(
                topic=self.input, partition=self.partition, offset=self.offset, end=end, changelog=changelog
            )
            raise NeedsAPersonError(message)


def ledgers_of(partition: Partition, inputs: tuple[str, ...]) -> dict[str, Ledger]:
    """Ledgers of a recovered partition, one per input; new ones where there are none.

    Raises:
        NeedsAPersonError: a ledger cannot be read.

    """
    ledgers = {}
    for topic in inputs:
        body = partition.body(LEDGER + topic.encode())
        ledgers[topic] = Ledger(topic, partition.number) if body is None else _read(body, partition)
        ledgers[topic].epoch = partition.epoch
    return ledgers


def _read(body: bytes, partition: Partition) -> Ledger:
    try:
        record: dict[str, Any] = decode(body)[1]
    except SchemaError as error:
        raise NeedsAPersonError(_DAMAGED.format(partition=partition.number)) from error
    record["totals"] = Counter(record["totals"])
    return Ledger(**record)
