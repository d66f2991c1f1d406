"""A delivery over HTTP as the store has it: begun before its first row goes out, done when the bus has confirmed all.

Sent again under its idempotency key after a crash it has the same batch id and the same time: the same records.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, select, update

from producers.gateway.evidence import keep_sent
from producers.gateway.store import SUBMISSIONS
from producers.publish import Outcome, Run
from schemas.faults import RowProblem

KEPT_MS = 830 * 86_400_000
"""As long as the bus keeps the events."""


class Submission(NamedTuple):
    """A row of the store.

    Attributes:
        idempotency: hash of the sender and its idempotency key; None without one.
        content: SHA-256 of the body.
        attempts: how often its rows began to go out; above 1 after a crash.
        done_at: when the bus had confirmed all; None until then. Milliseconds, as `started_at`.
        problems: JSON list of refused rows.

    """

    batch_id: str
    sender: str
    idempotency: bytes | None
    content: bytes
    started_at: int
    covers_to: int | None
    attempts: int
    done_at: int | None
    accepted: int | None
    rejected: int | None
    problems: str | None

    @property
    def run(self) -> Run:
        """The run over its rows."""
        return Run(self.sender, self.started_at, self.content.hex(), self.covers_to, source="batch", mark=self.mark)

    @property
    def mark(self) -> str:
        """What tells it apart from others of the same second."""
        return self.batch_id.rpartition("-")[2]

    def refused(self) -> list[RowProblem]:
        """Rows that were refused."""
        return [RowProblem(p[0], p[1], p[2], p[3], tuple(p[4])) for p in json.loads(self.problems or "[]")]


class OtherContentError(Exception):
    """An idempotency key that was used for another body, or another `covers_to`."""


def idempotency_of(sender: str, key: str) -> bytes:
    """What is stored of a sender's idempotency key."""
    return hashlib.sha256(f"{sender}\n{key}".encode()).digest()


def begin(conn: Connection, run: Run, idempotency: bytes | None) -> Submission:
    """Note that a run's rows are about to go out; what was begun, or done, under its key before goes on instead.

    Raises:
        OtherContentError: the key was used for something else.

    """
    content = bytes.fromhex(run.sha256)
    if idempotency is not None:
        found = _find(conn, idempotency)
        if found is not None and (found.content, found.covers_to) != (content, run.covers_to):
            raise OtherContentError
        if found is not None:
            return _once_more(conn, found)
    begun = Submission(
        run.batch_id, run.sender, idempotency, content, run.started_at, run.covers_to, 1, None, None, None, None
    )
    conn.execute(insert(SUBMISSIONS).values(begun._asdict()))
    return begun


def _find(conn: Connection, idempotency: bytes) -> Submission | None:
    row = conn.execute(select(SUBMISSIONS).where(SUBMISSIONS.c.idempotency == idempotency)).one_or_none()
    return Submission(*row) if row else None


def _once_more(conn: Connection, found: Submission) -> Submission:
    if found.done_at is not None:
        return found
    again = found._replace(attempts=found.attempts + 1)
    conn.execute(update(SUBMISSIONS).where(SUBMISSIONS.c.batch_id == found.batch_id).values(attempts=again.attempts))
    return again


def finish(conn: Connection, begun: Submission, outcome: Outcome, events: Iterable[int], now: int) -> Submission:
    """Note what became of the rows, and marks of their events: the bus has confirmed all that were accepted."""
    problems = json.dumps([list(problem) for problem in outcome.rejected], ensure_ascii=False)
    done = begun._replace(done_at=now, accepted=outcome.accepted, rejected=len(outcome.rejected), problems=problems)
    conn.execute(update(SUBMISSIONS).where(SUBMISSIONS.c.batch_id == begun.batch_id).values(done._asdict()))
    keep_sent(conn, begun.batch_id, events)
    return done


def submission_of(conn: Connection, batch_id: str) -> Submission | None:
    """Submission of a batch id."""
    row = conn.execute(select(SUBMISSIONS).where(SUBMISSIONS.c.batch_id == batch_id)).one_or_none()
    return Submission(*row) if row else None


def forget_old(conn: Connection, now: int) -> int:
    """Remove what the bus no longer has either; how many."""
    return conn.execute(delete(SUBMISSIONS).where(SUBMISSIONS.c.started_at < now - KEPT_MS)).rowcount
