"""The demo's last step, and the only reader of the truth: does what was found equal what was put in?"""

from __future__ import annotations

from collections import Counter

from consumers.funnel import lines_in
from consumers.notify_area import AREA_SETTLED
from consumers.notify_changes import WATCH, WITHDRAWN
from deploy.demo.found import Alert, Found
from deploy.demo.play import Played
from producers.county_truth import Truth

_PARTS = ("applied", "duplicate", "parked", "dead_lettered")
_SHOWN = 10


def differences(truth: Truth, played: Played, found: Found) -> list[str]:
    """Everything that is not as it must be, in words; empty when all is accounted for."""
    return [
        *_counts(truth, played, found),
        *_dead_letters(truth, found),
        *_alerts(truth, found),
        *_areas(truth, found),
        *_reconcile(found),
        *_inboxes(found),
        *_threads(truth, found),
        *(f"funnel: {line}" for line in lines_in(found.funnel) if not line.adds_up),
    ]


def _counts(truth: Truth, played: Played, found: Found) -> list[str]:
    wrong = []
    for department, expected in truth.counts().items():
        seen = {
            "published": played.accepted[department],
            "rejected": played.rejected[department],
            **found.departments[department],
        }
        if seen["published"] != sum(seen[part] for part in _PARTS):
            wrong.append(f"{department}: published {seen['published']} ≠ {[(p, seen[p]) for p in _PARTS]}")
        wrong += [f"{department}.{k}: {seen[k]}, expected {n}" for k, n in expected.items() if seen[k] != n]
    return wrong


def _dead_letters(truth: Truth, found: Found) -> list[str]:
    if found.dead_letters == truth.dead_letters:
        return []
    return [f"dead letters: {found.dead_letters}, expected {truth.dead_letters}"]


def standing_alerts(alerts: list[Alert]) -> list[Alert]:
    """Alerts that were not withdrawn: a withdrawn one equals none."""
    return [alert for alert in alerts if alert["status"] != "WITHDRAWN"]


def causes_of(alert: Alert) -> set[str]:
    """What is wrong in the household."""
    causes = alert["causes"]
    assert isinstance(causes, list)  # noqa: S101  # the documented shape
    return {str(cause["cause"]) for cause in causes}


def _alerts(truth: Truth, found: Found) -> list[str]:
    """Every injected crisis has its alert, with its causes and level, and nobody else has one."""
    expected = {home: (e.level, set(e.causes)) for home, e in truth.alerts().items()}
    seen = {str(a["household_id"]): (str(a["level"]), causes_of(a)) for a in standing_alerts(found.alerts)}
    wrong = [
        f"{home}: {seen.get(home, 'no alert')}, expected {expected.get(home, 'none')}"
        for home in sorted(expected.keys() | seen.keys())
        if seen.get(home) != expected.get(home)
    ]
    return _first(wrong)


def _areas(truth: Truth, found: Found) -> list[str]:
    """Every injected trouble of a place has its alert, with its causes and level, and no other place has one."""
    expected = Counter((e.place, e.kind, e.level, frozenset(e.causes)) for e in truth.area_alerts())
    seen = Counter(
        (str(a["place_code"]), str(a["kind"]), str(a["level"]), frozenset(causes_of(a)))
        for a in standing_alerts(found.areas)
    )
    said = {"no area alert": expected - seen, "an area alert without reason": seen - expected}
    return _first([
        f"{place}: {what}: {kind} {level} {sorted(causes)}"
        for what, some in said.items()
        for place, kind, level, causes in sorted(some, key=str)
    ])  # fmt: skip


def _first(wrong: list[str]) -> list[str]:
    return wrong[:_SHOWN] + ([f"… {len(wrong) - _SHOWN} more"] if len(wrong) > _SHOWN else [])


def _reconcile(found: Found) -> list[str]:
    left = found.reconcile["differences"]
    assert isinstance(left, list)  # noqa: S101  # the documented shape
    return [f"reconcile: {difference}" for difference in left[:_SHOWN]]


def _inboxes(found: Found) -> list[str]:
    """Every change of an alert is in the inbox of its township exactly once, and nothing else is."""
    wrong = [
        f"inbox of {one.township}: {one.kind} of {one.alert_id}, version {one.version}: {found.told[one]} messages, "
        f"expected {found.to_tell[one]}"
        for one in sorted(found.told.keys() | found.to_tell.keys())
        if found.told[one] != found.to_tell[one]
    ]
    return _first(wrong)


def _threads(truth: Truth, found: Found) -> list[str]:
    """People were told of every injected crisis that is more than a watch, and of no other that still stands."""
    homes = {str(alert["alert_id"]): str(alert["household_id"]) for alert in found.alerts}
    last = {homes.get(one.alert_id, one.alert_id): one.kind for one in sorted(found.told)}
    standing = {home for home, kind in last.items() if kind not in (WITHDRAWN, AREA_SETTLED)}
    expected = {home for home, e in truth.alerts().items() if e.level != WATCH}
    expected |= {str(alert["alert_id"]) for alert in standing_alerts(found.areas)}
    return [
        *_first([f"no township was told of {home}" for home in sorted(expected - standing)]),
        *_first([f"a township was told of {home}, without reason" for home in sorted(standing - expected)]),
    ]
