"""What people must be told when an alert goes from one version to a later one. Pure.

Pushed: raised, level up, new cause, withdrawal, hand-over. The rest updates silently; a watch is listed, never pushed.
Versions may skip: what changed is counted from the version that this township side saw last.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from consumers.store.tasks import ALERT_KINDS

RAISED, LEVEL_UP, NEW_CAUSE, WITHDRAWN, HANDED_OVER, TAKEN_OVER, RESTORED = ALERT_KINDS
LEVELS = ("red", "orange", "yellow", "watch")
"""Highest first."""

WATCH = LEVELS[-1]
_ENDED = frozenset(("REJECTED", "ALREADY_COVERED", "CLOSED"))
_WITHDRAWN, REOPENED = "WITHDRAWN", "REOPENED"
_LISTED_ONLY = frozenset(("LEAD", _WITHDRAWN))
_UNANSWERED, _AT_REST = frozenset((REOPENED, "ACKED", "VERIFYING")), frozenset(("CLEARED_TRACKING", "CLOSED"))
"""From one to the other only a correction leads: the risk that came back was none."""


@dataclass(frozen=True, slots=True)
class Change:
    """Something that a township must be told.

    Attributes:
        kind: one of ALERT_KINDS; RESTORED only says consumers/quiet.py.
        township: 9-digit code of who must be told; None: the household's place is not known.
        level_before: where the level changed for them.
        village: 12-digit code, None where it is not known.

    """

    kind: str
    township: str | None
    level: str
    level_before: str | None
    village: str | None


def changes(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> tuple[Change, ...]:
    """Changes between two decoded versions of one alert; `before` is None where nothing was seen of it."""
    if before is None or not _is_told(before):
        return (_to_owner(RAISED, after, before),) if _is_pushed(after) else ()
    if after["status"] in _LISTED_ONLY or (before["status"] in _UNANSWERED and after["status"] in _AT_REST):
        return (_to_former(WITHDRAWN, before, after["level"]),)
    if after["status"] in _ENDED:
        return ()
    if after["township_code"] != before["township_code"]:
        return _moved(before, after)
    kind = _kind(before, after) if _is_pushed(after) else None
    return (_to_owner(kind, after, before),) if kind else ()


def _is_told(alert: Mapping[str, Any]) -> bool:
    """Whether somebody has this alert in hand; of one that ended nobody needs to hear more."""
    return alert["status"] not in _LISTED_ONLY and alert["status"] not in _ENDED


def _is_pushed(alert: Mapping[str, Any]) -> bool:
    return _is_told(alert) and alert["level"] in LEVELS[:-1]


def _kind(before: Mapping[str, Any], after: Mapping[str, Any]) -> str | None:
    if LEVELS.index(after["level"]) < LEVELS.index(before["level"] or WATCH):
        return LEVEL_UP
    if after["status"] == REOPENED != before["status"] or _pushed_causes(after) - _pushed_causes(before):
        return NEW_CAUSE
    return None


def _pushed_causes(alert: Mapping[str, Any]) -> set[str]:
    return {cause["rule"] for cause in alert["causes"] if cause["level"] != WATCH}


def _moved(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Change, ...]:
    """To whom it goes comes first: where both are one and the same, that is what they are told."""
    handed_over = _to_former(HANDED_OVER, before, before["level"])
    return (_to_owner(TAKEN_OVER, after, None), handed_over) if _is_pushed(after) else (handed_over,)


def _to_owner(kind: str, after: Mapping[str, Any], before: Mapping[str, Any] | None) -> Change:
    known = before is not None and before["status"] != _WITHDRAWN
    level_before = before["level"] if before is not None and known and before["level"] != after["level"] else None
    return Change(kind, after["township_code"], after["level"], level_before, after["village_code"])


def _to_former(kind: str, before: Mapping[str, Any], level: str) -> Change:
    level_before = before["level"] if level != before["level"] else None
    return Change(kind, before["township_code"], level, level_before, before["village_code"])
