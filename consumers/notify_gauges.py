"""Shows what the store has: alerts by level and state, red ones that nobody has seen, messages that wait.

Two notifiers show the same numbers: take the greatest of them, never their sum.
"""

from __future__ import annotations

from collections import Counter

from sqlalchemy import Connection

from consumers.funnel import alert_lines, steps
from consumers.metrics import FUNNEL, PENDING, RED_UNSEEN, RED_UNSEEN_OLDEST, STORED_ALERTS
from consumers.notify_changes import LEVELS
from consumers.notify_outgoing import pending
from consumers.store.alert_counts import alerts_by_state
from consumers.store.alert_stages import red_unseen
from consumers.store.funnel import disowned_by_state, sums
from schemas.actions import STATUSES

NO_LEVEL = "none"
"""Of alerts without a cause; an empty label would be none at all."""
_KNOWN = frozenset((level, status) for level in LEVELS for status in STATUSES)


def show_stored(conn: Connection, now: int) -> None:
    """Show what stands in the store at this moment (ms)."""
    PENDING.set(pending(conn))
    counted = alerts_by_state(conn)
    for level, status in _KNOWN | counted.keys():
        STORED_ALERTS.labels(level or NO_LEVEL, status).set(counted.get((level, status), 0))
    states = Counter[str]()
    for (_, status), number in counted.items():
        states[status] += number
    for step, number in steps(alert_lines(sums(conn), states, disowned_by_state(conn))).items():
        FUNNEL.labels(step).set(number)
    number, oldest = red_unseen(conn)
    RED_UNSEEN.set(number)
    RED_UNSEEN_OLDEST.set(max(now - oldest, 0) / 1000 if oldest is not None else 0)
