"""What the page offers in which state of a case. The processor decides; this only hides what it would refuse."""

from __future__ import annotations

from collections.abc import Mapping

from consumers.inbox.alert import Alert
from consumers.inbox.deadline import WAITING
from schemas.actions import ACTIONS, COUNTY, PARTS, TOWNSHIP

ANSWERS = ("confirmed", "rejected", "not_mine", "already_covered")
"""Real, not real, not my household, already helped: in the order of the buttons."""
_ENDED = frozenset(("WITHDRAWN", "CLOSED", "REJECTED", "ALREADY_COVERED"))
_HELD = frozenset(("CONFIRMED", "REVIEWED", "INCLUDED", "PLANNED", "HELPING", "CLEAR_PROPOSED"))
_NEXT: Mapping[str, tuple[str, ...]] = {
    "LEAD": ("acknowledged",),
    "ALERTED": ("acknowledged",),
    "REOPENED": ("acknowledged",),
    "ACKED": ("verifying",),
    "CONFIRMED": ("reviewed", "included"),
    "REVIEWED": ("included",),
    "INCLUDED": ("planned",),
    "PLANNED": ("delivered",),
    "HELPING": ("delivered", "clear_proposed"),
    "CLEAR_PROPOSED": ("cleared", "returned"),
    "CLEARED_TRACKING": ("nation_marked", "closed"),
}


def answers(alert: Alert, role: str) -> tuple[str, ...]:
    """Whether it is so: the answers that may be given now."""
    return ANSWERS if role == TOWNSHIP and alert.status in WAITING else ()


def next_steps(alert: Alert, role: str) -> tuple[str, ...]:
    """Steps that lead on from the case's state, for this role."""
    steps = [step for step in _NEXT.get(alert.status, ()) if ACTIONS[step].role == role]
    if role == TOWNSHIP and alert.status in _HELD and not alert.policies_insufficient:
        steps.append("insufficient")
    if role == COUNTY and alert.fund_referral:
        steps.append("fund_paid")
    if role == COUNTY and alert.not_mine:
        steps.append("keep")
    if "closed" in steps and "close" not in alert.proposals:
        steps.remove("closed")  # the tracking year is not over
    if alert.nation_marked and "nation_marked" in steps:
        steps.remove("nation_marked")
    return tuple(steps)


def parts(alert: Alert, role: str) -> tuple[str, ...]:
    """The four parts, where they may be reported now."""
    if role != TOWNSHIP or alert.archived or alert.status in {"WITHDRAWN", "CLOSED"}:
        return ()
    return PARTS


def may_archive(alert: Alert, role: str) -> bool:
    """Whether the archive is complete and still open."""
    return bool(parts(alert, role)) and set(PARTS) <= set(alert.archive)


def is_over(alert: Alert) -> bool:
    """Whether nobody has to do anything about it."""
    return alert.status in _ENDED


def allowed(alert: Alert, role: str, action: str) -> bool:
    """Whether the page offers this action now."""
    if action == "archived":
        return may_archive(alert, role)
    return action in (*answers(alert, role), *next_steps(alert, role), *parts(alert, role))
