"""What a version of an alert says, and its message. A version is made exactly when any of it changes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import asdict

from schemas.codec import encode
from schemas.departments import DEPARTMENTS
from streams.finding import UNTOUCHED, Case, Finding, Handled
from streams.plans import Plan
from streams.rule import Rule
from streams.wording import Reason, band_text, departments_of, reason_text

MOST_EVIDENCE = 200
_EVIDENCE_BYTES = 24 * 1024
"""Ids listed in one alert, all causes together: a message has 64 KiB."""

Record = dict[str, Any]

_pack = msgspec.msgpack.Encoder().encode
_CODES = {department.number: department.code for department in DEPARTMENTS}


class Source(NamedTuple):
    """The record that caused something: where it is, and its Kafka timestamp in ms.

    Of facts, register rows and actions this is the first sender's own record, not assign's copy of it.
    """

    topic: str
    partition: int
    offset: int
    known_at: int


class Cause(NamedTuple):
    """What holds, as the alert of a household or a place shows it.

    Attributes:
        evidence: the departments' own ids, or households that count together, sorted; all of them.
        digests: of the evidence, so that a revision makes a version.

    """

    rule: str
    rule_version: int
    cause: str
    level: str
    evidence: list[str]
    title: str
    text: str
    departments: list[str]
    first_occurred_at: int
    last_occurred_at: int
    band: str
    digests: bytes


class Content(NamedTuple):
    """All that an alert says of a household.

    Attributes:
        level_rule: id of the rule that puts the level above that of every cause, `level_reason` the same in words.
        plan: what helps.
        township: 9-digit code, with `village` and `grid` where the register has the household; None before.
        proposals: codes of schemas.actions.PROPOSALS.
        persons: who live there, once the household is included.

    """

    status: str
    level: str
    level_rule: str
    level_reason: str
    causes: list[Cause]
    plan: Plan
    township: str | None
    village: str | None
    grid: str | None
    first_occurred_at: int | None
    text: str
    basis_changed: bool
    proposals: list[str]
    not_mine: bool
    persons: int | None


def cause_of(finding: Finding, rule: Rule) -> Cause:
    """Word a finding of a rule."""
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
    return Cause(
        rule.id,
        rule.version,
        rule.cause,
        finding.level,
        sorted(fact.partition(":")[2] for fact in finding.evidence),
        rule.title,
        reason_text(reason),
        sorted(_CODES[number] for number in departments_of(finding.evidence)),
        finding.first,
        finding.last,
        band_text(finding.band),
        finding.digests,
    )


def digest_of(content: Content, handled: Handled) -> bytes:
    """16 bytes that change with anything the alert says."""
    people = told(handled) if handled is not UNTOUCHED else None
    return hashlib.sha256(_pack((content, people))).digest()[:16]


def listed(evidence: Sequence[str], causes: int) -> list[str]:
    """Ids that an alert of so many causes lists of one of them; the rest is only counted."""
    room = _EVIDENCE_BYTES // max(causes, 1)
    shown = list(evidence[:MOST_EVIDENCE])
    while shown and sum(map(len, shown)) > room:
        shown.pop()
    return shown


def message_of(household_id: str, case: Case, content: Content, as_of: Mapping[str, int], rule_set: str) -> Record:
    """`alert` record of a case as it now is, but for where it comes from."""
    return {
        "alert_id": case.alert_id,
        "household_id": household_id,
        "township_code": content.township,
        "previous_township_code": case.previous,
        "village_code": content.village,
        "grid_code": content.grid,
        "version": case.version,
        "status": content.status,
        "level": content.level,
        "level_rule": content.level_rule,
        "level_reason": content.level_reason,
        "causes": [cause_record(cause, len(content.causes)) | {"band": cause.band} for cause in content.causes],
        "first_occurred_at": content.first_occurred_at,
        "raised_at": case.raised_at,
        "as_of": dict(sorted(as_of.items())),
        "text": content.text,
        "rule_set": rule_set,
        "ordinal": case.ordinal,
        "basis_changed": content.basis_changed,
        "proposals": content.proposals,
        "not_mine": content.not_mine,
        "persons": content.persons,
        **content.plan._asdict(),
        "given_help": [given._asdict() for given in content.plan.given_help],
        **told(case.handled),
    }


def sealed(alert: Record, source: Source) -> bytes:
    """Message of an `alert` record, with the record that caused this version."""
    return encode(
        "alert",
        {
            **alert,
            "known_at": source.known_at,
            "source_topic": source.topic,
            "source_partition": source.partition,
            "source_offset": source.offset,
        },
    )


def told(handled: Handled) -> Record:
    """What an `alert` record says of people."""
    return {
        "measures": handled.measures,
        "planned": handled.planned,
        "household_class": handled.household_class,
        "responsible_cadre": handled.responsible_cadre,
        "archive": handled.archive,
        "archived": handled.archived,
        "tracking_until": handled.tracking_until,
        "nation_marked": handled.nation_marked,
        "policies_insufficient": handled.insufficient,
        "fund_paid_fen": handled.fund_paid,
        "actions": [asdict(done) for done in handled.done],
    }


def cause_record(cause: Cause, causes: int) -> Record:
    """What a message of so many causes says of one of them; `band` is for alerts of households."""
    return {
        "rule": cause.rule,
        "rule_version": cause.rule_version,
        "cause": cause.cause,
        "level": cause.level,
        "evidence": listed(cause.evidence, causes),
        "evidence_count": len(cause.evidence),
        "title": cause.title,
        "text": cause.text,
        "departments": cause.departments,
        "first_occurred_at": cause.first_occurred_at,
        "last_occurred_at": cause.last_occurred_at,
    }
