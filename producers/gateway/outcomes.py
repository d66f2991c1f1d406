"""What the processors say became of each batch, as the store has it: totals so far of every partition."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects.sqlite import insert

from producers.gateway.store import OUTCOMES, SUBMISSIONS
from schemas.conservation import Totals

_COUNTS = Totals._fields
_stored = OUTCOMES.c.applied + OUTCOMES.c.duplicate + OUTCOMES.c.parked + OUTCOMES.c.dead_lettered


def counts_of(conn: Connection, batch_id: str) -> Totals:
    """Sum of a batch's partitions."""
    sums = [func.coalesce(func.sum(OUTCOMES.c[name]), 0) for name in _COUNTS]
    return Totals(*conn.execute(select(*sums).where(OUTCOMES.c.batch_id == batch_id)).one())


def note(conn: Connection, outcomes: Iterable[Mapping[str, Any]]) -> None:
    """Replace the totals of our own batches, unless more was seen before; others' are left alone."""
    newest: dict[tuple[str, int], Totals] = {}
    for each in outcomes:
        key, totals = (each["batch_id"], each["partition"]), Totals(*(each[name] for name in _COUNTS))
        newest[key] = max(totals, newest.get(key, totals), key=lambda known: known.seen)
    ids = {batch_id for batch_id, _ in newest}
    ours = set(conn.scalars(select(SUBMISSIONS.c.batch_id).where(SUBMISSIONS.c.batch_id.in_(ids))))
    for (batch_id, partition), totals in newest.items():
        if batch_id in ours:
            counts = totals._asdict()
            given = insert(OUTCOMES).values(batch_id=batch_id, partition=partition, **counts)
            more = _stored <= totals.seen
            conn.execute(given.on_conflict_do_update(["batch_id", "partition"], set_=counts, where=more))
