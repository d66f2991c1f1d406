"""Where the live alerts differ from what the sources say, household by household. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from streams.case import WITHDRAWN

COMPARED = ("alert_id", "status", "level", "causes", "missing_help", "township_code", "actions")
OF_A_CAUSE = ("rule", "rule_version", "cause", "level", "evidence", "evidence_count")


@dataclass(frozen=True, slots=True)
class Difference:
    """What the live alert says otherwise: `missing` or `unfounded` as a whole, else a field of the alert."""

    household_id: str
    what: str
    live: Any
    expected: Any


def differences(
    live: Mapping[str, Mapping[str, Any]], expected: Mapping[str, Mapping[str, Any] | None]
) -> list[Difference]:
    """Compare newest alerts with what must stand, by household; a withdrawn alert equals none."""
    found: list[Difference] = []
    for household_id in sorted(live.keys() | expected.keys()):
        said, due = _standing(live.get(household_id)), _standing(expected.get(household_id))
        if said is None or due is None:
            if said != due:
                found.append(Difference(household_id, "missing" if said is None else "unfounded", said, due))
            continue
        found += [Difference(household_id, what, said[what], due[what]) for what in COMPARED if said[what] != due[what]]
    return found


def _standing(alert: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if alert is None or alert["status"] == WITHDRAWN:
        return None
    return compared(alert)


def compared(alert: Mapping[str, Any]) -> dict[str, Any]:
    """What is compared of an alert; how it is worded is not."""
    causes = [{what: cause[what] for what in OF_A_CAUSE} for cause in alert["causes"]]
    actions = [{what: done[what] for what in ("action_id", "outcome")} for done in alert["actions"]]
    return {what: alert[what] for what in COMPARED} | {"causes": causes, "actions": actions}


def lasting(found: Iterable[Difference], before: Iterable[Difference]) -> list[Difference]:
    """Differences that stood at the reading before, too: others were work on its way."""
    known = list(before)
    return [difference for difference in found if difference in known]
