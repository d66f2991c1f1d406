"""What must hold when all faults are over."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from kafka import KafkaAdminClient, KafkaProducer
from kafka.admin import ConfigResource, ConfigResourceType

from deploy.counts import counts_in, scrape_all
from deploy.up.program import Deadline
from schemas.codec import decode
from schemas.conservation import Books
from schemas.topics import ALERTS, AREA_ALERTS, OUTCOMES, PARTITIONS
from streams.lag import INPUTS
from streams.reconcile_command import reconcile_bus
from tests.chaos.cluster import Cluster
from tests.chaos.faults import CHANGELOGS
from tests.kafka_hands import decoded, lag, publish, records
from tests.made_up_load import Load

_SETTLE_SECONDS = 240.0
_COMPACT_SECONDS = 120.0
_NOBODY = b"e-nobody-nobody-"


def settle(cluster: Cluster) -> None:
    """Wait until everything is committed; workers that ended meanwhile are started again."""

    def done() -> bool:
        cluster.revive()
        return not any(lag(cluster.servers, group) for group in INPUTS)

    assert Deadline(_SETTLE_SECONDS).reached(done, every_s=0.5), {
        group: lag(cluster.servers, group) for group in INPUTS
    }


def compact(servers: str) -> tuple[int, int]:
    """Force compaction of all changelogs; rows before and after."""
    before = sum(len(records(servers, topic)) for topic in CHANGELOGS.values())
    eager = {"segment.ms": "100", "min.cleanable.dirty.ratio": "0.001", "delete.retention.ms": "100"}
    with KafkaAdminClient(bootstrap_servers=servers) as admin:
        topics = CHANGELOGS.values()
        admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, eager) for topic in topics])
    after = [before]

    def compacted() -> bool:
        _roll_segments(servers)
        after.append(sum(len(records(servers, topic)) for topic in CHANGELOGS.values()))
        return after[-1] < before and after[-1] >= after[-2] - 2 * PARTITIONS

    assert Deadline(_COMPACT_SECONDS).reached(compacted, every_s=8), f"{before} rows, {after}"
    return before, after[-1]


def _roll_segments(servers: str) -> None:
    """Only closed segments are compacted, and a record closes them: the tombstone of an entry that never was."""
    producer = KafkaProducer(bootstrap_servers=servers)
    for topic in CHANGELOGS.values():
        for number in range(PARTITIONS):
            producer.send(topic, key=_NOBODY, value=None, partition=number)
    producer.flush()
    producer.close()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found at the end.

    Attributes:
        areas: alerts of villages and townships that stand.

    """

    households: int
    facts: int
    alerts: int
    areas: int
    versions: int
    repeats: int


def check(cluster: Cluster, load: Load) -> Verdict:
    """Compare everything with what must be.

    Raises:
        AssertionError: something was lost, doubled or told in two ways.

    """
    report = reconcile_bus(cluster.servers)
    assert report.differences == [], report.differences[:5]
    assert report.lag == 0
    ports = [worker.port for worker in cluster.workers if worker.group == "assign"]
    expected = {word: load.outcomes[word] for word in ("applied", "duplicate", "parked", "dead_lettered")}
    assert counts_in(scrape_all(ports)) == expected
    told = Books()
    for place, outcome in enumerate(decoded(cluster.servers, OUTCOMES)):
        told.take("outcome", outcome, place)
    short = {batch: count for batch, count in load.batches.items() if told.totals(batch).seen != count}
    assert short == {}, f"of {len(load.batches)} batches these do not add up: {short}"
    alerts, versions, repeats = _check_versions(cluster.servers, ALERTS)
    _, of_areas, again = _check_versions(cluster.servers, AREA_ALERTS)
    return Verdict(report.households, report.facts, alerts, report.areas, versions + of_areas, repeats + again)


def _check_versions(servers: str, topic: str) -> tuple[int, int, int]:
    """Equal versions are equal bytes; a receiver that ignores what it has seen ends at the greatest version."""
    texts: dict[tuple[str, int], bytes] = {}
    seen: dict[str, int] = defaultdict(int)
    repeats = 0
    for record in records(servers, topic):
        alert = decode(record.value)[1]
        version = alert["alert_id"], alert["version"]
        assert texts.setdefault(version, record.value) == record.value, version
        if alert["version"] <= seen[alert["alert_id"]]:
            repeats += 1
        seen[alert["alert_id"]] = max(seen[alert["alert_id"]], alert["version"])
    return len(seen), len(texts), repeats


def afterwards(cluster: Cluster, load: Load) -> Verdict:
    """Check what fresh workers make of compacted changelogs, after one more event for each household."""
    settle(cluster)
    for worker in cluster.workers:
        assert worker.stop() == 0, worker.last_words()
    before, after = compact(cluster.servers)
    print(f"changelogs compacted from {before} rows to {after}", flush=True)
    cluster.fresh_workers()
    publish(cluster.servers, load.one_more_each())
    settle(cluster)
    return check(cluster, load)
