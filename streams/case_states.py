"""States of a case (domain.md 4.0) and who may move it where: state x action -> state.

A case rests where nothing stands that somebody would have to look at: WITHDRAWN before it was ever cleared,
CLEARED_TRACKING or CLOSED after. LEAD, ALERTED, REOPENED and the states of rest follow from the facts; all others from
what people did, so that facts in any order come to the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

LEAD, ALERTED, WITHDRAWN, REOPENED = "LEAD", "ALERTED", "WITHDRAWN", "REOPENED"
ACKED, VERIFYING, CONFIRMED, REJECTED, ALREADY_COVERED = (
    "ACKED",
    "VERIFYING",
    "CONFIRMED",
    "REJECTED",
    "ALREADY_COVERED",
)
REVIEWED, INCLUDED, PLANNED, HELPING, CLEAR_PROPOSED = ("REVIEWED", "INCLUDED", "PLANNED", "HELPING", "CLEAR_PROPOSED")
CLEARED_TRACKING, CLOSED = "CLEARED_TRACKING", "CLOSED"

TO_ANSWER = frozenset({LEAD, ALERTED, ACKED, VERIFYING, REOPENED})
"""Somebody must say whether it is real."""
HELD = frozenset({CONFIRMED, REVIEWED, INCLUDED, PLANNED, HELPING, CLEAR_PROPOSED})
"""Confirmed: nothing is withdrawn any more."""
ENDED = frozenset({REJECTED, ALREADY_COVERED, CLOSED})
"""What comes after belongs to the household's next case."""
STATES = TO_ANSWER | HELD | ENDED | {WITHDRAWN, CLEARED_TRACKING}
UNDER_WAY = frozenset({ACKED, VERIFYING})
"""Of TO_ANSWER those to which people moved it."""

VERDICTS = frozenset({"confirmed", "rejected", "already_covered"})
ENDING = frozenset({"rejected", "already_covered", "closed"})
"""Actions that may end a case."""

_OPEN = TO_ANSWER | HELD | {CLEARED_TRACKING}
_NOT_CLOSED = STATES - {CLOSED}
_UNTOUCHED = frozenset({LEAD, ALERTED, REOPENED})


def _to(state: str, *sources: str) -> Mapping[str, str]:
    return MappingProxyType(dict.fromkeys(sources, state))


def _stays(sources: frozenset[str]) -> Mapping[str, str]:
    return MappingProxyType({state: state for state in sources})


MOVES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "acknowledged": _to(ACKED, *_UNTOUCHED),
        "verifying": _to(VERIFYING, *_UNTOUCHED, ACKED),
        "confirmed": _to(CONFIRMED, *TO_ANSWER),
        "rejected": _to(REJECTED, *TO_ANSWER),
        "already_covered": _to(ALREADY_COVERED, *TO_ANSWER),
        "not_mine": _stays(_OPEN),
        "keep": _stays(_OPEN),
        "visited": MappingProxyType({**_stays(_NOT_CLOSED), **_to(VERIFYING, *_UNTOUCHED, ACKED)}),
        "analysed": _stays(_NOT_CLOSED),
        "consulted": _stays(_NOT_CLOSED),
        "fed_back": _stays(_NOT_CLOSED),
        "archived": _stays(_NOT_CLOSED),
        "reviewed": _to(REVIEWED, CONFIRMED),
        "included": _to(INCLUDED, CONFIRMED, REVIEWED),
        "planned": _to(PLANNED, INCLUDED),
        "delivered": _to(HELPING, PLANNED, HELPING),
        "insufficient": _stays(HELD),
        "fund_paid": _stays(HELD),
        "clear_proposed": _to(CLEAR_PROPOSED, HELPING),
        "cleared": _to(CLEARED_TRACKING, CLEAR_PROPOSED),
        "returned": _to(HELPING, CLEAR_PROPOSED),
        "nation_marked": _stays(frozenset({CLEARED_TRACKING})),
        "closed": _to(CLOSED, CLEARED_TRACKING),
    }
)
"""Action -> state in which it may be done -> state after it. Roles are in schemas.actions, guards in case_guards."""
