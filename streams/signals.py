"""Tells a household's township which causes stand and since when: signals, of which area counts what is regional.

Identity is household, cause and township. A new version exactly when the day changes on which the cause became true, or
the cause no longer stands there: a move withdraws it from the old township and tells the new one. Pure.
"""

from __future__ import annotations

from schemas.beijing import day_of
from schemas.codec import encode
from streams.alert_content import Source
from streams.basis import counting
from streams.household import Household
from streams.rule_set import RuleSet
from streams.signal_records import Signals, Told
from streams.view import View
from streams.wording import LEVELS

_WATCH = LEVELS[-1]
Message = tuple[bytes, bytes]


def tell(household_id: str, household: Household, view: View, rules: RuleSet, source: Source) -> None:
    """Bring a household's signals up to what stands now; `source` is the record that may have changed it."""
    known = household.signals or {}
    if not (household.findings or known):
        return
    standing = _standing(household, view, rules)
    changed: Signals = {}
    for key in sorted(known.keys() | standing.keys()):
        told, day = known.get(key), standing.get(key)
        if day != (told.day if told else None):
            version = told.version + 1 if told else 1
            changed[key] = Told(version, day, _message(household_id, key, version, day, source))
    if changed:
        household.signals = {**known, **changed}


def newer_signals(before: Signals | None, after: Signals | None) -> list[Message]:
    """Key and message of each signal that is newer than before."""
    known = before or {}
    return [
        (_township(key).encode(), told.message)
        for key, told in (after or {}).items()
        if key not in known or told.version > known[key].version
    ]


def _standing(household: Household, view: View, rules: RuleSet) -> dict[str, int]:
    """`township|cause` -> day since which it stands. What answers have dealt with, or is only watched, is no signal."""
    settled = household.case.handled.settled if household.case else b""
    findings = [finding for finding in household.findings.values() if finding.level != _WATCH]
    days: dict[str, int] = {}
    if rules.regional is None:
        return days
    for finding in counting(findings, settled):
        township, day = view.place.township, day_of(finding.since)
        if township is not None:
            key = f"{township}|{rules.regional.group_of(rules.rules[finding.rule])}"
            days[key] = min(day, days.get(key, day))
    return days


def _township(key: str) -> str:
    return key.partition("|")[0]


def _message(household_id: str, key: str, version: int, day: int | None, source: Source) -> bytes:
    township, _, cause = key.partition("|")
    return encode(
        "signal",
        {
            "household_id": household_id,
            "township_code": township,
            "cause": cause,
            "version": version,
            "day": day,
            "known_at": source.known_at,
            "source_topic": source.topic,
            "source_partition": source.partition,
            "source_offset": source.offset,
        },
    )
