"""What a sender is told of its delivery: what was taken, why rows were not, and what became of those on the bus."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from producers.gateway.submission import Submission
from producers.publish import REGISTER, Outcome
from schemas.beijing import instant
from schemas.english import in_english
from schemas.faults import RowProblem

Receipt = dict[str, object]


class Counts(NamedTuple):
    """First outcomes of a batch's events on all partitions, and how many of them wait for the register now."""

    applied: int = 0
    duplicate: int = 0
    parked: int = 0
    dead_lettered: int = 0
    parked_now: int = 0


def row_problem(found: RowProblem) -> dict[str, object]:
    """Why a row was not taken."""
    return {
        "row": found.row,
        "field": found.field,
        "rule": found.code,
        "reason": found.reason,
        "reason_en": in_english(found),
    }


def problems_of(found: Iterable[RowProblem]) -> list[dict[str, object]]:
    """All of them."""
    return [row_problem(each) for each in found]


def checked(outcome: Outcome) -> Receipt:
    """What would be taken."""
    rows = {"rows": outcome.accepted + len(outcome.rejected), "accepted": outcome.accepted}
    return {**rows, "rejected": len(outcome.rejected), "problems": problems_of(outcome.rejected)}


def receipt_of(found: Submission) -> Receipt:
    """Receipt as it is given when the bus has confirmed everything.

    `state` is `taken`, or `unfinished` where the gateway was ended before: then nothing was promised.
    """
    return {
        "receipt": found.batch_id,
        "department": found.sender,
        "state": "taken" if found.done_at is not None else "unfinished",
        "received_at": instant(found.started_at).isoformat(timespec="milliseconds"),
        "rows": (found.accepted or 0) + (found.rejected or 0),
        "accepted": found.accepted or 0,
        "rejected": found.rejected or 0,
        "problems": problems_of(found.refused()),
    }


def whole_receipt(found: Submission, counts: Counts) -> Receipt:
    """Receipt with what became of the accepted rows so far.

    `waiting` are rows of which the processors have not said anything yet; `repeated` are records that went out again
    after a crash, over and above the rows: the bus has counted them as duplicates. It adds up when nothing waits:
    rows = applied + duplicate + parked + rejected + dead_lettered.
    """
    given = receipt_of(found)
    if found.sender == REGISTER:
        return given
    accepted = found.accepted or 0
    seen = counts.applied + counts.duplicate + counts.parked + counts.dead_lettered
    repeated = max(seen - accepted, 0) if found.attempts > 1 else 0
    became = {
        "applied": counts.applied + counts.parked - counts.parked_now,
        "duplicate": counts.duplicate - min(repeated, counts.duplicate),
        "parked": counts.parked_now,
        "dead_lettered": counts.dead_lettered,
        "waiting": max(accepted - seen, 0),
        "repeated": repeated,
    }
    sent_at_most = accepted * found.attempts
    return {**given, "became": became, "adds_up": accepted <= seen <= sent_at_most}
