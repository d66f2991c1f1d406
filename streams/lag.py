"""How far the processors are behind: the ends of their input against what they committed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kafka import KafkaAdminClient, TopicPartition
from kafka.admin import OffsetSpec
from kafka.errors import CoordinatorNotAvailableError
from kafka.structs import OffsetAndMetadata, OffsetAndTimestamp

from schemas.topics import (
    EVENT_TOPICS,
    HOUSEHOLD_EVENTS,
    REGISTER_HOUSEHOLDS,
    REGISTER_PERSONS,
    TOWNSHIP_ACTIONS,
    TOWNSHIP_EVENTS,
)

Inputs = Mapping[str, tuple[str, ...]]
"""Topics by consumer group."""

INPUTS: Inputs = {
    "assign": (*EVENT_TOPICS, REGISTER_PERSONS, REGISTER_HOUSEHOLDS, TOWNSHIP_ACTIONS),
    "correlate": (HOUSEHOLD_EVENTS,),
    "area": (TOWNSHIP_EVENTS,),
}
"""What the processors read; each after those that write its input."""

Offsets = Mapping[tuple[str, int], int]
"""By topic and partition."""

_WAIT_MS = 5_000


@dataclass(frozen=True, slots=True)
class Positions:
    """What a cluster says at one moment; committed offsets are read before the ends, so lag is never negative."""

    first: Offsets
    end: Offsets
    committed: Mapping[str, Offsets]


def read_positions(bootstrap_servers: str, inputs: Inputs = INPUTS) -> Positions:
    """Ask the cluster about these groups and their topics.

    Raises:
        KafkaError: it does not answer, or lacks the topics.

    """
    with KafkaAdminClient(bootstrap_servers=bootstrap_servers, bootstrap_timeout_ms=_WAIT_MS) as admin:
        wanted = sorted({topic for topics in inputs.values() for topic in topics})
        partitions = [
            TopicPartition(found["name"], p["partition_index"])
            for found in admin.describe_topics(wanted)
            for p in found["partitions"]
        ]
        groups = {group: _committed(admin, group) for group in inputs}
        first = admin.list_partition_offsets(dict.fromkeys(partitions, OffsetSpec.EARLIEST))
        end = admin.list_partition_offsets(dict.fromkeys(partitions, OffsetSpec.LATEST))
    return Positions(
        _by_partition(first),
        _by_partition(end),
        {group: _by_partition(offsets) for group, offsets in groups.items()},
    )


def _committed(admin: KafkaAdminClient, group: str) -> Mapping[TopicPartition, OffsetAndMetadata]:
    try:
        offsets: dict[str, dict[TopicPartition, OffsetAndMetadata]] = admin.list_group_offsets({group: None})
    except CoordinatorNotAvailableError:  # the cluster has never seen a group
        return {}
    return offsets.get(group, {})


def _by_partition(
    offsets: Mapping[TopicPartition, OffsetAndTimestamp | OffsetAndMetadata],
) -> dict[tuple[str, int], int]:
    return {(tp.topic, tp.partition): found.offset for tp, found in offsets.items() if found.offset >= 0}


def lag_of(positions: Positions, inputs: Inputs = INPUTS) -> dict[str, dict[str, int]]:
    """Records still to be read, by group and `topic-partition`; without a committed offset that is all there are."""
    return {
        group: {
            f"{topic}-{partition}": _behind(positions, group, (topic, partition))
            for topic, partition in sorted(positions.end)
            if topic in topics
        }
        for group, topics in inputs.items()
    }


def _behind(positions: Positions, group: str, partition: tuple[str, int]) -> int:
    done = positions.committed.get(group, {}).get(partition, positions.first.get(partition, 0))
    return max(positions.end[partition] - done, 0)


def published_in(positions: Positions) -> int:
    """Events on the bus since its topics were made: the sum of their ends."""
    return sum(end for (topic, _), end in positions.end.items() if topic in EVENT_TOPICS)
