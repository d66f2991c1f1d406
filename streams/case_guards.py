"""Whether an action may move a case, and if not, why: a code of schemas.actions.REFUSALS. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple

from schemas.actions import (
    ACTIONS,
    AMOUNT,
    CLASS,
    HOUSEHOLD_CLASSES,
    MEASURE,
    MEASURES,
    PARTS,
    TOWNSHIP,
    fen_of,
)
from streams.case_states import MOVES, VERDICTS
from streams.finding import Handled

ANSWERED = "answered"
Action = Mapping[str, Any]
"""A decoded `action`."""


class Situation(NamedTuple):
    """How a case stands when an action comes.

    Attributes:
        version: of its alert.
        township: responsible now, None where the register does not know.
        measures: codes of all help there is.
        may_clear: code of what forbids to clear the household, None where nothing does.
        tracked: whether the tracking year is over.
        disowned: whether it is on the county's list as nobody's.
        referred: codes of last resorts to which the household may be referred.
        shown: marks (streams.basis) of what stands on its page.

    """

    status: str
    version: int
    township: str | None
    measures: Collection[str]
    may_not_clear: str | None
    tracked: bool
    disowned: bool
    referred: Collection[str] = ()
    shown: frozenset[bytes] = frozenset()


def refusal_of(action: Action, handled: Handled, now: Situation) -> str | None:
    """Why an action changes nothing, None where it counts; `answered` where somebody else was first."""
    for why, refused in _CHECKS.items():
        if refused(action, handled, now):
            return why
    if action["action"] == "cleared":
        return now.may_not_clear
    return None


def _wrong_role(action: Action, handled: Handled, now: Situation) -> bool:
    del handled, now
    return bool(ACTIONS[action["action"]].role != action["role"])


def _wrong_township(action: Action, handled: Handled, now: Situation) -> bool:
    del handled
    return action["role"] == TOWNSHIP and now.township not in (None, action["township_code"])


def _unknown_version(action: Action, handled: Handled, now: Situation) -> bool:
    del handled
    return not 1 <= action["version_seen"] <= now.version


def _answered(action: Action, handled: Handled, now: Situation) -> bool:
    """Somebody answered this alert before: on a page before that answer, or again where it is settled."""
    if not handled.answered or action["action"] not in {*VERDICTS, "not_mine"}:
        return False
    return action["version_seen"] < handled.answered or now.status not in MOVES[action["action"]]


def _out_of_turn(action: Action, handled: Handled, now: Situation) -> bool:
    if action["action"] == "keep" and not now.disowned:
        return True
    if action["action"] == "nation_marked" and handled.nation_marked:
        return True
    if action["action"] == "insufficient" and handled.insufficient:
        return True
    return now.status not in MOVES[action["action"]]


def _bad_reason(action: Action, handled: Handled, now: Situation) -> bool:
    del handled, now
    reasons = ACTIONS[action["action"]].reasons
    return bool(reasons) and action["reason"] not in reasons


def _bad_details(action: Action, handled: Handled, now: Situation) -> bool:
    del handled
    details: Mapping[str, str] = action["details"]
    needed = ACTIONS[action["action"]].details
    if not all(details.get(name, "").strip() for name in needed):
        return True
    codes = [code for name in (MEASURES, MEASURE) if name in needed for code in details[name].split()]
    if MEASURE in needed and len(codes) != 1:
        return True
    if AMOUNT in needed and not fen_of(details[AMOUNT]):
        return True
    return not set(codes) <= set(now.measures) or (CLASS in needed and details[CLASS] not in HOUSEHOLD_CLASSES)


def _not_referred(action: Action, handled: Handled, now: Situation) -> bool:
    del handled
    return action["action"] == "fund_paid" and action["details"][MEASURE].strip() not in now.referred


def _archive_incomplete(action: Action, handled: Handled, now: Situation) -> bool:
    del now
    return action["action"] == "archived" and not set(PARTS) <= set(handled.archive)


def _still_tracking(action: Action, handled: Handled, now: Situation) -> bool:
    del handled
    return action["action"] == "closed" and not now.tracked


_CHECKS: Mapping[str, Callable[[Action, Handled, Situation], bool]] = {
    "wrong_role": _wrong_role,
    "wrong_township": _wrong_township,
    "unknown_version": _unknown_version,
    "bad_reason": _bad_reason,
    ANSWERED: _answered,
    "out_of_turn": _out_of_turn,
    "bad_details": _bad_details,
    "not_referred": _not_referred,
    "archive_incomplete": _archive_incomplete,
    "still_tracking": _still_tracking,
}
"""In the order in which they are told."""
