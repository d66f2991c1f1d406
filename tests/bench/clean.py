"""Makes a program of ours begin again: its changelog, what it wrote and its group's offsets go."""

from __future__ import annotations

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from deploy.topics import ensure_topics
from schemas.topics import ALERTS, DEAD_LETTERS, HOUSEHOLDS_CHANGELOG
from tests.bench.waiting import wait_until

_MADE = (ALERTS, DEAD_LETTERS, HOUSEHOLDS_CHANGELOG)


def forget(servers: str, group: str) -> None:
    """Delete what the group made and declare it anew."""
    admin = AdminClient({"bootstrap.servers": servers})
    for future in admin.delete_topics(list(_MADE)).values():
        future.result()
    wait_until(lambda: not set(_MADE) & set(admin.list_topics(timeout=10).topics), 60)
    for future in admin.delete_consumer_groups([group]).values():
        try:
            future.result()
        except KafkaException:  # it was never there
            continue
    ensure_topics(servers)
