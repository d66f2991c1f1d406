"""Declares the topics of schemas/topics.py on a cluster; safe to repeat.

TopicError      the cluster's topics do not fit; the message says what to do
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress

from kafka import KafkaAdminClient
from kafka.errors import KafkaError, TopicAlreadyExistsError

from schemas.topics import TOPICS, Topic

_DAY_MS = 86_400_000
_WAIT_MS = 30_000
# A compacted topic's newest segment is never compacted, and is read whole when a worker recovers.
_COMPACTED = {"segment.bytes": str(64 * 1024 * 1024), "min.cleanable.dirty.ratio": "0.3"}


class TopicError(Exception):
    """The cluster's topics do not fit; the message says what to do."""


def ensure_topics(
    bootstrap_servers: str, *, replication: int = 1, min_in_sync: int = 1, topics: Sequence[Topic] = TOPICS
) -> list[str]:
    """Create the topics that are missing and wait until they can be used; return their names.

    Raises:
        TopicError: a topic has another partition count, or the cluster refused.

    """
    try:
        with KafkaAdminClient(bootstrap_servers=bootstrap_servers, bootstrap_timeout_ms=_WAIT_MS) as admin:
            found = {t["name"]: len(t["partitions"]) for t in admin.describe_topics()}
            check_partitions(topics, found)
            missing = {t.name: _declaration(t, replication, min_in_sync) for t in topics if t.name not in found}
            if missing:
                _create(admin, missing)
            return list(missing)
    except KafkaError as error:
        raise TopicError(f"topics cannot be declared on {bootstrap_servers}: {error}") from error


def _create(admin: KafkaAdminClient, missing: Mapping[str, Mapping[str, object]]) -> None:
    with suppress(TopicAlreadyExistsError):  # somebody else declares them at the same moment, from the same list
        admin.create_topics(missing, raise_errors=True)
    admin.wait_for_topics(list(missing), timeout_ms=_WAIT_MS)


def check_partitions(topics: Sequence[Topic], found: Mapping[str, int]) -> None:
    """Compare declared topics with the partition counts found on a cluster.

    Raises:
        TopicError: a count differs.

    """
    wrong = [
        f"{t.name} has {found[t.name]}, not {t.partitions}"
        for t in topics
        if found.get(t.name, t.partitions) != t.partitions
    ]
    if wrong:
        raise TopicError(
            f"wrong partition count: {'; '.join(wrong)}. It cannot be changed under running data: each entity would "
            "part from its state. Use another cluster or data directory, or delete these topics if their data may go.",
        )


def _declaration(topic: Topic, replication: int, min_in_sync: int) -> dict[str, object]:
    kept_ms = -1 if topic.retention_days is None else topic.retention_days * _DAY_MS
    configs = {
        "cleanup.policy": topic.cleanup,
        "retention.ms": str(kept_ms),
        "max.message.bytes": str(topic.max_message_bytes),
        "min.insync.replicas": str(min_in_sync),
        **(_COMPACTED if topic.cleanup == "compact" else {}),
    }
    return {"num_partitions": topic.partitions, "replication_factor": replication, "configs": configs}
