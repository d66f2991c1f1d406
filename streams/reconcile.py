"""Where the live alerts differ from what the sources say, household by household. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from streams.case import WITHDRAWN

OF_HELP = ("labour", "missing_help", "suggested", "given_help", "proposed_class", "insurer_nudge")
OF_FUND = ("policies_insufficient", "fund_referral", "fund_paid_fen", "without_follow_up")
OF_CASE = ("alert_id", "status", "level", "level_rule", "causes", "township_code", "actions")
COMPARED = (*OF_CASE, *OF_HELP, *OF_FUND)
COMPARED_OF_AREAS = (
    *("kind", "level", "title", "causes", "subjects", "households", "valid_to"),
    *("place_code", "township_code", "village_code"),
)
OF_A_CAUSE = ("rule", "rule_version", "cause", "level", "evidence", "evidence_count")


@dataclass(frozen=True, slots=True)
class Difference:
    """What the live alert says otherwise: `missing` or `unfounded` as a whole, else a field of the alert.

    Attributes:
        household_id: None where the alert is a place's; then `place_code` and `alert_id` say whose and which.

    """

    household_id: str | None
    what: str
    live: Any
    expected: Any
    place_code: str | None = None
    alert_id: str | None = None


def differences(
    live: Mapping[str, Mapping[str, Any]], expected: Mapping[str, Mapping[str, Any] | None]
) -> list[Difference]:
    """Compare newest alerts with what must stand, by household; a withdrawn alert equals none."""
    found: list[Difference] = []
    for household_id in sorted(live.keys() | expected.keys()):
        said, due = _standing(live.get(household_id)), _standing(expected.get(household_id))
        found += [Difference(household_id, *parts) for parts in _parts(said, due)]
    return found


def area_differences(
    live: Mapping[str, Mapping[str, Any]], expected: Mapping[str, Mapping[str, Any]]
) -> list[Difference]:
    """Compare newest area alerts with what must stand, by alert id; a withdrawn alert equals none."""
    found: list[Difference] = []
    for alert_id in sorted(live.keys() | expected.keys()):
        said, due = _standing_area(live.get(alert_id)), expected.get(alert_id)
        place = str((said or due or {}).get("place_code"))
        found += [Difference(None, *parts, place, alert_id) for parts in _parts(said, due)]
    return found


def _parts(said: Mapping[str, Any] | None, due: Mapping[str, Any] | None) -> list[tuple[str, Any, Any]]:
    """What differs, as it is live and as it must be."""
    if said is None or due is None:
        return [] if said == due else [("missing" if said is None else "unfounded", said, due)]
    return [(what, said[what], due[what]) for what in due if said[what] != due[what]]


def _standing_area(alert: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if alert is None or alert["status"] == WITHDRAWN:
        return None
    causes = [{what: cause[what] for what in OF_A_CAUSE} for cause in alert["causes"]]
    return {what: alert[what] for what in COMPARED_OF_AREAS} | {"causes": causes}


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
