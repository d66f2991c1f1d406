"""What must hold when the sources have ended: each row that was handed over counts once, and nothing is stuck."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass

from deploy.counts import counts_in, scrape_all
from deploy.up.program import Deadline
from schemas.fact import unpack_routed
from streams.reconcile_command import reconcile_bus
from tests.chaos.cluster import Cluster
from tests.chaos.onramp_sources import School, System
from tests.kafka_hands import decoded
from tests.live_department import Department
from tests.live_feed import LiveFeed
from tests.live_gateway import LiveGateway
from tests.sdk_sender import PREFIX, taken_rows

_RECEIPT_SECONDS = 180


@dataclass(frozen=True, slots=True)
class Sides:
    """All who took part.

    Attributes:
        keys: of the HTTP system and of the SDK's program.

    """

    cluster: Cluster
    gateway: LiveGateway
    feed: LiveFeed
    department: Department
    school: School
    system: System
    keys: tuple[str, str]


def offered(sides: Sides) -> set[str]:
    """Ids of all rows that were handed over for good, by the sources' own books."""
    books = {"DB": range(1, sides.school.rows + 1), "GW": range(sides.system.rows)}
    books[PREFIX] = range(taken_rows(sides.department.taken))
    return {f"{prefix}-{number}" for prefix, numbers in books.items() for number in numbers}


def check(sides: Sides) -> dict[str, int]:
    """Recompute everything from the topics, and compare it with the sources' books; the figures found.

    Raises:
        AssertionError: something was lost, doubled or is stuck.

    """
    expected = offered(sides)
    figures = {"rows handed over": len(expected), "of them by two on-ramps": sides.system.copies}
    figures |= _on_the_bus(sides, expected)
    figures |= _stuck(sides)
    figures |= _receipts(sides)
    report = reconcile_bus(sides.cluster.servers)
    assert report.differences == [], report.differences[:5]
    assert report.facts == len(expected), (report.facts, len(expected))
    return {**figures, "facts by reconcile": report.facts, "differences by reconcile": len(report.differences)}


def _on_the_bus(sides: Sides, expected: set[str]) -> dict[str, int]:
    """Source topics, what households were told, and the processors' own counts."""
    servers = sides.cluster.servers
    events = [e for topic in ("events.education", "events.housing") for e in decoded(servers, topic)]
    published = Counter((str(event["event_id"]), event["revision"]) for event in events)
    assert {name for name, _ in published} == expected, _apart({name for name, _ in published}, expected)
    assert len(published) == len(expected)
    facts = [unpack_routed(r["fact"]).fact for r in decoded(servers, "household.events") if r.keys() == {"fact"}]
    told = Counter((fact.id.partition(":")[2], fact.revision) for fact in facts)
    assert told.keys() == published.keys(), _apart({n for n, _ in told}, expected)
    counts = counts_in(scrape_all([worker.port for worker in sides.cluster.workers if worker.group == "assign"]))
    assert counts["applied"] == len(expected), counts
    assert (counts["parked"], counts["dead_lettered"]) == (0, 0), counts
    assert counts["duplicate"] == sum(published.values()) - len(expected), counts
    return {
        "records on events.*": sum(published.values()),
        "distinct (event, revision)": len(published),
        "facts on household.events, distinct": len(told),
        "applied": counts["applied"],
        "duplicate": counts["duplicate"],
    }


def _apart(found: set[str], expected: set[str]) -> str:
    return f"lost {sorted(expected - found)[:5]}, from nowhere {sorted(found - expected)[:5]}"


def _stuck(sides: Sides) -> dict[str, int]:
    """What still lies in spool, outbox or the gateway's books."""
    waits, refused = sides.department.held()
    with closing(sqlite3.connect(sides.gateway.folder / "gateway.db")) as db:
        begun = db.execute("SELECT count(*) FROM submission WHERE done_at IS NULL").fetchone()[0]
        again = db.execute("SELECT count(*) FROM submission WHERE attempts > 1").fetchone()[0]
    with closing(sqlite3.connect(sides.feed.folder / "database.db")) as db:
        rejected = db.execute("SELECT count(*) FROM rejected").fetchone()[0]
    behind = sides.school.rows - sides.feed.come()[0]
    stuck = {"in the spool": waits, "set aside": refused, "not taken from the outbox": behind}
    stuck |= {"refused by the feed": rejected, "deliveries begun and not done": begun}
    assert not any(stuck.values()), stuck
    return {**stuck, "deliveries begun again after a kill": again}


def _receipts(sides: Sides) -> dict[str, int]:
    """Every receipt adds up, and together they say what the SDK's and the system's books say."""
    by_http, by_sdk = sides.keys
    found = [sides.gateway.settled_receipt(at, by_http, _RECEIPT_SECONDS) for at in sides.system.receipts]
    http_rows = sum(receipt["accepted"] for receipt in found)
    assert http_rows == sides.system.rows + sides.system.copies
    noted = sides.department.receipts()
    of_sdk = [sides.gateway.settled_receipt(f"/v1/receipts/{name}", by_sdk, _RECEIPT_SECONDS) for name, *_ in noted]
    assert [r for r in (*found, *of_sdk) if not r["adds_up"] or r["rejected"]] == []
    fresh = sum(r["became"]["applied"] for r in of_sdk)
    assert fresh == taken_rows(sides.department.taken), "each row of the SDK was new once"
    return {"receipts, all add up": len(found) + len(of_sdk), "rows on the SDK's receipts": sum(r[1] for r in noted)}


def quiet(sides: Sides, seconds: float) -> None:
    """Wait until spool and outbox are empty."""

    def empty() -> bool:
        return sides.department.held()[0] == 0 and sides.feed.come() == (sides.school.rows, True)

    assert Deadline(seconds).reached(empty, every_s=0.3), (sides.department.held(), sides.feed.come())
