"""The household's one alert: a new version exactly when what it says changes."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from schemas.codec import encode
from schemas.departments import DEPARTMENTS
from streams.household import Case, Finding, Household, Place
from streams.measures import missing
from streams.rule_set import RuleSet
from streams.view import View
from streams.wording import LEVELS, Reason, alert_text, band_text, departments_of, reason_text, withdrawn_text

LEAD, ALERTED, WITHDRAWN = "LEAD", "ALERTED", "WITHDRAWN"
MOST_EVIDENCE = 200

_pack = msgspec.msgpack.Encoder().encode
_CODES = {department.number: department.code for department in DEPARTMENTS}
_UNTOUCHED: Mapping[str, object] = {
    "basis_changed": False,
    "proposals": [],
    "not_mine": False,
    "measures": [],
    "planned": [],
    "household_class": None,
    "responsible_cadre": None,
    "archive": [],
    "archived": False,
    "tracking_until": None,
    "actions": [],
}


class Source(NamedTuple):
    """The record that caused something: where it is, and its Kafka timestamp in ms.

    Of facts and register rows this is the department's or the register's own record, not assign's copy of it.
    """

    topic: str
    partition: int
    offset: int
    known_at: int


@dataclass(frozen=True, slots=True)
class Moment:
    """What holds for all households of a partition when a record is folded.

    Attributes:
        rules: active set, None before the first activation.
        tick: day of the last tick, None before the first.
        positions: department -> day up to which its feed had come at that tick.

    """

    rules: RuleSet | None
    tick: int | None
    positions: Mapping[str, int]


class _Content(NamedTuple):
    """All that an alert says; a change of any of it makes a version."""

    status: str
    level: str
    causes: list[tuple[str, int, str, str, list[str]]]
    missing_help: list[str]
    township: str | None
    village: str | None
    grid: str | None
    first_occurred_at: int | None
    text: str


def alert_id_of(household_id: str, ordinal: int) -> str:
    """Id of a household's alert; the ordinal counts its cases."""
    digest = hashlib.sha256(f"{household_id}\0{ordinal}".encode()).digest()
    return "a_" + base64.b32encode(digest).decode()[:26].lower()


def revise(household_id: str, household: Household, view: View, rules: RuleSet, moment: Moment, source: Source) -> None:
    """Make the next version of the household's alert if what it says changed."""
    if household.case is None and not household.findings:
        return
    case = household.case or Case(1, alert_id_of(household_id, 1), 0, WITHDRAWN, "", 0, b"", b"", {})
    findings = [household.findings[rule] for rule in sorted(household.findings)]
    content = _content(case, findings, view, rules)
    digest = hashlib.sha256(_pack(content)).digest()[:16]
    if digest == case.digest:
        return
    causes = [f"{finding.rule}|{finding.level}" for finding in findings]
    made = replace(
        case,
        version=case.version + 1,
        status=content.status,
        level=content.level,
        raised_at=source.known_at if case.status == WITHDRAWN else case.raised_at,
        digest=digest,
        raised=_raised(case, causes),
        causes=causes,
        township=content.township,
        previous=case.previous if case.township in (None, content.township) else case.township,
    )
    household.case = replace(made, alert=_message(household_id, made, content, findings, rules, moment, source))


def _content(case: Case, findings: Sequence[Finding], view: View, rules: RuleSet) -> _Content:
    place = view.place
    if not findings:
        return _placed(WITHDRAWN, case.level, (), [], place, None, withdrawn_text(), rules)
    by_level = sorted(findings, key=lambda finding: LEVELS.index(finding.level))
    level = by_level[0].level
    codes = missing((code for f in findings for code in rules.rules[f.rule].measures), rules.measures, view)
    text = alert_text(level, [_sentence(f, rules) for f in by_level], [rules.measures[code].title for code in codes])
    first = min(finding.first for finding in findings)
    return _placed(LEAD if level == LEVELS[-1] else ALERTED, level, findings, codes, place, first, text, rules)


def _placed(
    status: str,
    level: str,
    findings: Sequence[Finding],
    codes: list[str],
    place: Place,
    first: int | None,
    text: str,
    rules: RuleSet,
) -> _Content:
    causes = [
        (f.rule, rules.rules[f.rule].version, rules.rules[f.rule].cause, f.level, _event_ids(f)) for f in findings
    ]
    return _Content(status, level, causes, codes, place.township, place.village, place.grid, first, text)


def _event_ids(finding: Finding) -> list[str]:
    """The departments' own ids, sorted."""
    return sorted(fact.partition(":")[2] for fact in finding.evidence)


def _sentence(finding: Finding, rules: RuleSet) -> str:
    rule = rules.rules[finding.rule]
    reason = Reason(
        rule.wording,
        rule.grades[finding.grade].says,
        finding.evidence,
        finding.first,
        finding.last,
        finding.number,
        finding.band,
        finding.line,
    )
    return reason_text(reason)


def _raised(case: Case, causes: Sequence[str]) -> dict[str, int]:
    """How often each cause newly stood, this time included."""
    raised = dict(case.raised)
    for cause in causes:
        if cause not in case.causes:
            raised[cause] = raised.get(cause, 0) + 1
    return raised


def _message(
    household_id: str,
    case: Case,
    content: _Content,
    findings: Sequence[Finding],
    rules: RuleSet,
    moment: Moment,
    source: Source,
) -> bytes:
    said = {
        "alert_id": case.alert_id,
        "household_id": household_id,
        "township_code": content.township,
        "previous_township_code": case.previous,
        "village_code": content.village,
        "grid_code": content.grid,
        "version": case.version,
        "status": content.status,
        "level": content.level,
        "causes": _causes(content, findings, rules),
        "missing_help": content.missing_help,
        "first_occurred_at": content.first_occurred_at,
        "raised_at": case.raised_at,
        "as_of": dict(sorted(moment.positions.items())),
        "text": content.text,
        "rule_set": rules.hash,
        "ordinal": case.ordinal,
    }
    return encode("alert", {**said, **_where(source), **_UNTOUCHED})


def _where(source: Source) -> dict[str, object]:
    return {
        "known_at": source.known_at,
        "source_topic": source.topic,
        "source_partition": source.partition,
        "source_offset": source.offset,
    }


def _causes(content: _Content, findings: Sequence[Finding], rules: RuleSet) -> list[dict[str, object]]:
    return [
        {
            "rule": rule,
            "rule_version": version,
            "cause": cause,
            "level": level,
            "evidence": evidence[:MOST_EVIDENCE],
            "evidence_count": len(evidence),
            "title": rules.rules[rule].title,
            "text": _sentence(finding, rules),
            "departments": sorted(_CODES[number] for number in departments_of(finding.evidence)),
            "first_occurred_at": finding.first,
            "last_occurred_at": finding.last,
            "band": band_text(finding.band),
        }
        for (rule, version, cause, level, evidence), finding in zip(content.causes, findings, strict=True)
    ]
