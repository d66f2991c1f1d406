"""What a township is told again, and what is held back: nobody hears twice of one cause in the cool-down. Pure.

ASSUMPTION (domain 10.11): 30 days, for one cause of one household in one township, unless the level rises.
Time is `known_at` of the versions, never a clock: whoever reads the log again decides the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from consumers.notify_changes import (
    HANDED_OVER,
    LEVELS,
    RAISED,
    REOPENED,
    RESTORED,
    TAKEN_OVER,
    WATCH,
    WITHDRAWN,
    Change,
    changes,
)
from consumers.store.alert_counts import NOWHERE
from consumers.store.told import Told, Word

_RED = LEVELS[0]
_RANKS = {level: rank for rank, level in enumerate(LEVELS)}
_ENDS = frozenset((WITHDRAWN, HANDED_OVER))


class Heeded(NamedTuple):
    """What is to be said of a version, and what townships know then.

    Attributes:
        say: changes to be told; RESTORED in the place of a repetition of what was taken back meanwhile.
        told: what changed in the memory of this household, by township.
        held: how many repetitions nobody is told of.

    """

    say: tuple[Change, ...]
    told: dict[str, Told]
    held: int


def heed(
    before: Mapping[str, Any] | None, after: Mapping[str, Any], told: Mapping[str, Told], cool_down: int
) -> Heeded:
    """Decide of one version.

    Args:
        before: the version seen last of this alert, decoded; None: none.
        after: the version that came.
        told: what townships were told of this household.
        cool_down: ms.

    """
    say: list[Change] = []
    learnt: dict[str, Told] = {}
    found = changes(before, after)
    for change in found:
        place = change.township or NOWHERE
        said, now = _one(change, before, after, told.get(place), cool_down)
        if said is not None:
            say.append(said)
        if now is not None:
            learnt[place] = now
    return Heeded(tuple(say), learnt, len(found) - len(say))


def _one(
    change: Change, before: Mapping[str, Any] | None, after: Mapping[str, Any], told: Told | None, cool_down: int
) -> tuple[Change | None, Told | None]:
    if change.kind in _ENDS:
        return change, told and told._replace(stands=False)
    if told is None or not _is_repetition(change, before, after, told, cool_down):
        return change, _heard(after, told, cool_down)
    if change.kind != RAISED and told.stands:
        return None, None
    causes = {rule: Word(level, told.causes[rule].at) for rule, level in _pushed(after).items() if rule in told.causes}
    return replace(change, kind=RESTORED), Told(after["level"], stands=True, causes=told.causes | causes)


def _is_repetition(
    change: Change, before: Mapping[str, Any] | None, after: Mapping[str, Any], told: Told, cool_down: int
) -> bool:
    """Whether all that a change is about was told before. Red, a relapse and a hand-over never are repetitions."""
    if after["level"] == _RED or change.kind == TAKEN_OVER or _is_higher(after["level"], told.level):
        return False
    if after["status"] == REOPENED and (before is None or before["status"] != REOPENED):
        return False
    stood = _pushed(before) if before is not None and change.kind != RAISED else {}
    news = {rule: lv for rule, lv in _pushed(after).items() if rule not in stood or _is_higher(lv, stood[rule])}
    return bool(news) and all(_was_told(told.causes.get(rule), lv, after, cool_down) for rule, lv in news.items())


def _was_told(word: Word | None, level: str, after: Mapping[str, Any], cool_down: int) -> bool:
    return word is not None and after["known_at"] - word.at < cool_down and not _is_higher(level, word.level)


def _heard(after: Mapping[str, Any], told: Told | None, cool_down: int) -> Told:
    """Whoever is told opens the page: all its causes are known then. What is older than the cool-down is forgotten."""
    known_at = after["known_at"]
    kept = {rule: word for rule, word in told.causes.items() if known_at - word.at < cool_down} if told else {}
    heard = {rule: Word(level, known_at) for rule, level in _pushed(after).items()}
    return Told(after["level"], stands=True, causes=kept | heard)


def _pushed(alert: Mapping[str, Any]) -> dict[str, str]:
    return {cause["rule"]: cause["level"] for cause in alert["causes"] if cause["level"] != WATCH}


def _is_higher(level: str, other: str) -> bool:
    """A word that only a later release knows counts as red."""
    return _RANKS.get(level, 0) < _RANKS.get(other, 0)
