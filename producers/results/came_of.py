"""Which alerts came of which batch: an alert names events as its evidence, an event says its batch and row. Pure.

One department's events only. Records may come in any order and as often as they like: alerts first, for of the events
only those are kept that some alert names.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from schemas.actions import ACCEPTED
from schemas.fact import fact_of

CONFIRMED, REJECTED, COVERED = "confirmed", "rejected", "already_covered"
VERDICTS = (CONFIRMED, REJECTED, COVERED)
DATA_ERROR = "data_error"
_UNRAISED = frozenset(("LEAD", "WITHDRAWN"))


class Sent(NamedTuple):
    """A record of an event: when and where it stands, what it says, and what it came in.

    Attributes:
        said: revision, retracted, digest: of two the greater stands.

    """

    at: int
    partition: int
    offset: int
    said: tuple[int, bool, bytes]
    batch_id: str
    row: int | None


class Dispute(NamedTuple):
    """Somebody answered that a department's data is wrong, before the page of a version."""

    acted_at: int
    action_id: str
    version_seen: int


@dataclass(slots=True)
class Known:
    """What is known of an alert.

    Attributes:
        raised: it was more than a lead once.
        verdict: the last one, and the version that says so.
        shown: version -> the department's events that it names.

    """

    raised: bool = False
    verdict: tuple[int, str] = (-1, "")
    shown: dict[int, frozenset[str]] = field(default_factory=dict)
    disputes: set[Dispute] = field(default_factory=set)

    @property
    def named(self) -> frozenset[str]:
        """Events that any version names."""
        return frozenset().union(*self.shown.values())

    def seen(self, version: int) -> frozenset[str]:
        """Events on the page of a version."""
        shown = max((each for each in self.shown if each <= version), default=None)
        return frozenset() if shown is None else self.shown[shown]


class Verdicts(NamedTuple):
    """Alerts by what a township answered in the end; `unanswered` have no verdict, or were withdrawn."""

    alerts: int = 0
    confirmed: int = 0
    rejected: int = 0
    already_covered: int = 0
    unanswered: int = 0


@dataclass(slots=True)
class CameOf:
    """Alerts and events of one department."""

    department: str
    alerts: dict[str, Known] = field(default_factory=dict)
    events: dict[str, set[Sent]] = field(default_factory=dict)

    def take_alert(self, alert: Mapping[str, Any]) -> None:
        """Take in a version of an alert."""
        found = evidence_of(alert, self.department)
        known = self.alerts.setdefault(alert["alert_id"], Known())
        known.raised |= is_raised(alert)
        known.verdict = max(known.verdict, (alert["version"], verdict_of(alert)) if verdict_of(alert) else (-1, ""))
        known.shown[alert["version"]] = found
        known.disputes |= disputes_in(alert)
        for event_id in found:
            self.events.setdefault(event_id, set())

    def take_event(self, event: dict[str, Any], at: int, partition: int, offset: int) -> None:
        """Take in an event; one that no alert names changes nothing."""
        sent = self.events.get(event["event_id"])
        if sent is not None:
            said = fact_of(event, at).rank
            sent.add(Sent(at, partition, offset, said, event["batch_id"] or "", event["row"]))

    def batches_of(self, event_id: str) -> set[str]:
        """Batches that brought an event, or a new word of it; not those that only repeated one."""
        first: dict[tuple[int, bool, bytes], Sent] = {}
        for sent in sorted(self.events.get(event_id, ())):
            first.setdefault(sent.said, sent)
        return {sent.batch_id for sent in first.values() if not sent.said[1]}

    def by_batch(self) -> dict[str, set[str]]:
        """Batch -> raised alerts that came of it."""
        found: dict[str, set[str]] = {}
        for alert_id, known in self.alerts.items():
            if known.raised:
                for batch_id in set[str]().union(*map(self.batches_of, known.named)):
                    found.setdefault(batch_id, set()).add(alert_id)
        return found

    def verdicts(self, alert_ids: Iterable[str]) -> Verdicts:
        """Count raised alerts by their verdicts."""
        found = Counter(self.alerts[alert_id].verdict[1] for alert_id in alert_ids)
        return verdicts_of(found)


def verdicts_of(found: Counter[str]) -> Verdicts:
    """Counts by verdict, of which the empty one is none."""
    return Verdicts(found.total(), found[CONFIRMED], found[REJECTED], found[COVERED], found[""])


def evidence_of(alert: Mapping[str, Any], department: str) -> frozenset[str]:
    """Ids of events of this department that an alert may name: where several saw a cause, they are not told apart."""
    causes = (cause for cause in alert["causes"] if department in cause["departments"])
    return frozenset(event_id for cause in causes for event_id in cause["evidence"])


def is_raised(alert: Mapping[str, Any]) -> bool:
    """Whether a version is more than a lead."""
    return alert["status"] not in _UNRAISED


def verdict_of(alert: Mapping[str, Any]) -> str:
    """Last verdict that moved the case; empty where none did."""
    moved = [done["action"] for done in alert["actions"] if done["outcome"] == ACCEPTED and done["action"] in VERDICTS]
    return moved[-1] if moved else ""


def disputes_in(alert: Mapping[str, Any]) -> set[Dispute]:
    """Verdicts that a department's data is wrong."""
    return {
        Dispute(done["acted_at"], done["action_id"], done["version_seen"])
        for done in alert["actions"]
        if (done["action"], done["reason"], done["outcome"]) == (REJECTED, DATA_ERROR, ACCEPTED)
    }
