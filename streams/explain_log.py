"""Reads what an explanation needs: one partition of household.events, and the rule sets that were published."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing

from schemas.partition import partition_of
from schemas.topics import HOUSEHOLD_EVENTS, PARTITIONS
from streams.activation import read_published
from streams.explain import Answer, explained
from streams.explain_days import Arrived, Heard, heard_by
from streams.household_records import read_many
from streams.log_reader import read_all


def explain_household(servers: str, household_id: str, day: int | None) -> tuple[Answer, Heard]:
    """Explain a household by what had come by the end of a Beijing day; None: by all there is.

    Raises:
        KafkaError: the bus does not answer.

    """
    partition = partition_of(household_id.encode())
    with closing(_records(servers, household_id, partition)) as records:
        heard = heard_by(records, day)
    return explained(household_id, partition, heard, read_published(servers)), heard


def _records(servers: str, household_id: str, partition: int) -> Generator[Arrived]:
    """Every record of the household's partition; what concerns other households is not read, only when it came."""
    ends = {(HOUSEHOLD_EVENTS, number): 0 for number in range(PARTITIONS) if number != partition}
    concerned = (None, b"", household_id.encode())
    for record in read_all(servers, [HOUSEHOLD_EVENTS], ends):
        concerns = record.key in concerned
        item = read_many([record.value])[0] if concerns else None
        yield Arrived(record.offset, record.timestamp, item, len(record.value or b""))
