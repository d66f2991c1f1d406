"""How far an alert has come with people: told, acknowledged, verified; each stage is reached once. Pure.

A repeated version, a second notifier and a store that is rebuilt reach nothing again: what was reached is remembered.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from consumers.notify_changes import LEVELS
from consumers.store.alert_stages import Progress
from schemas.actions import ACCEPTED

RED = LEVELS[0]
UNSEEN = frozenset(("ALERTED", "REOPENED"))
"""States in which nobody has taken note of an alert."""

NOTIFIED, ACKNOWLEDGED, VERIFIED = "alert_notified", "notified_acknowledged", "acknowledged_verified"
STAGES = (NOTIFIED, ACKNOWLEDGED, VERIFIED)
_VERDICTS = frozenset(("confirmed", "rejected", "already_covered"))
_NOTED = _VERDICTS | {"acknowledged", "verifying", "visited"}
"""Actions by which somebody takes note: who goes there or answers straight away has taken note, too."""


class Reached(NamedTuple):
    """A stage that was reached; `until` is None where that is when the store has it. Instants in ms."""

    stage: str
    since: int
    until: int | None = None

    def seconds(self, now: int) -> float:
        """How long it took."""
        return max((now if self.until is None else self.until) - self.since, 0) / 1000


def told(known: Progress, published_at: int, now: int | None) -> Progress:
    """After a change was found of which somebody must be told; `now` where that is done, None where it is sent."""
    if known.published_at is None:
        known = known._replace(published_at=published_at)
    return known if known.notified_at is not None else known._replace(notified_at=now)


def answered(known: Progress, alert: Mapping[str, Any]) -> Progress:
    """After a version came: who took note, who answered, and whether it is red and unseen."""
    done = [action for action in alert["actions"] if action["outcome"] == ACCEPTED]
    noted = next((action["acted_at"] for action in done if action["action"] in _NOTED), None)
    verified = next((action["acted_at"] for action in done if action["action"] in _VERDICTS), None)
    return known._replace(
        acknowledged_at=noted if known.acknowledged_at is None else known.acknowledged_at,
        verified_at=verified if known.verified_at is None else known.verified_at,
        red_since=_red_since(known, alert),
    )


def reached(before: Progress, after: Progress) -> list[Reached]:
    """Stages reached between the two; of an alert that nobody was told of, none that begins with being told."""
    found = []
    if before.notified_at is None and after.notified_at is not None and after.published_at is not None:
        found.append(Reached(NOTIFIED, after.published_at))
    if before.acknowledged_at is None and after.acknowledged_at is not None and after.notified_at is not None:
        found.append(Reached(ACKNOWLEDGED, after.notified_at, after.acknowledged_at))
    if before.verified_at is None and after.verified_at is not None and after.acknowledged_at is not None:
        found.append(Reached(VERIFIED, after.acknowledged_at, after.verified_at))
    return found


def _red_since(known: Progress, alert: Mapping[str, Any]) -> int | None:
    if alert["level"] != RED or alert["status"] not in UNSEEN:
        return None
    return int(alert["known_at"]) if known.red_since is None else max(known.red_since, alert["raised_at"])
