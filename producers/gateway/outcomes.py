"""What the processors say became of each batch, as the store has it: totals so far of every partition."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects.sqlite import insert

from producers.gateway.store import OUTCOMES, SUBMISSIONS
from schemas.conservation import Totals

_COUNTS = Totals._fields


def counts_of(conn: Connection, batch_id: str) -> Totals:
    """Sum of a batch's partitions."""
    sums = [func.coalesce(func.sum(OUTCOMES.c[name]), 0) for name in _COUNTS]
    return Totals(*conn.execute(select(*sums).where(OUTCOMES.c.batch_id == batch_id)).one())


def note(conn: Connection, outcomes: Iterable[Mapping[str, Any]]) -> None:
    """Replace the totals of our own batches; others' are left alone."""
    newest = {(each["batch_id"], each["partition"]): each for each in outcomes}
    ids = {batch_id for batch_id, _ in newest}
    ours = set(conn.scalars(select(SUBMISSIONS.c.batch_id).where(SUBMISSIONS.c.batch_id.in_(ids))))
    for (batch_id, partition), each in newest.items():
        if batch_id in ours:
            counts = {name: each[name] for name in _COUNTS}
            given = insert(OUTCOMES).values(batch_id=batch_id, partition=partition, **counts)
            conn.execute(given.on_conflict_do_update(index_elements=["batch_id", "partition"], set_=counts))
