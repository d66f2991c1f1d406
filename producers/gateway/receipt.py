"""What a sender is told of its delivery: what was taken, why rows were not, and what became of those on the bus."""

from __future__ import annotations

from collections.abc import Iterable

from producers.gateway.submission import Submission
from producers.publish import REGISTER, Outcome
from producers.results.came_of import Verdicts
from schemas.beijing import instant
from schemas.conservation import Totals, became
from schemas.english import in_english
from schemas.faults import RowProblem

Receipt = dict[str, object]


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


def whole_receipt(found: Submission, totals: Totals, came_of: Verdicts | None) -> Receipt:
    """Receipt with what became of the accepted rows so far, and how many alerts name an event of them.

    `waiting` are rows of which the processors have not said anything yet; `repeated` are records that went out again
    after a crash, over and above the rows: the bus has counted them as duplicates. It adds up when nothing waits:
    rows = applied + duplicate + parked + rejected + dead_lettered. A dead letter that was replayed counts as what it
    became.
    """
    given = receipt_of(found)
    if found.sender == REGISTER:
        return given
    accepted = found.accepted or 0
    over = max(totals.seen - accepted, 0)
    replayed = min(over, totals.dead_lettered) if found.attempts == 1 else 0
    told = became(accepted, totals, replayed)
    at_most = accepted * (found.attempts - 1) + totals.dead_lettered
    parts = {name: count for name, count in told._asdict().items() if name != "surplus"}
    alerts = {} if came_of is None else {"came_of_it": came_of._asdict()}
    return {**given, "became": parts, "adds_up": told.adds_up and told.repeated <= at_most, **alerts}
