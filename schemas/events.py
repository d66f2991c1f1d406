"""What a department's event must satisfy beyond its schema. Producers ask before sending, assign before counting."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from schemas.beijing import DAY_MS
from schemas.kinds import Kind, all_kinds

TOO_OLD_MS = 400 * DAY_MS
_PERSON = re.compile(r"p_[a-z2-7]{26}")
_EVENT_ID = re.compile(r"[\x21-\x7e][\x20-\x7e]{0,63}")
_IDENTITY_LIKE = re.compile(r"\d{17}[\dXx]|\d{15}")
_EARLIEST_MS = -2_208_988_800_000  # 1900
_LATEST_MS = 7_258_118_400_000  # 2200
_EARLIEST_DAY, _LATEST_DAY = -25_567, 84_006
_MOST_FEN = 10_000_000_000 * 100
_MOST_INT = 2**31 - 1  # Avro's int; fastavro itself would let more through


class Problem(NamedTuple):
    """Why a record does not count: a code of reasons.py and the field at fault."""

    reason: str
    field: str | None


def problem_of(event: Mapping[str, Any], department: str) -> Problem | None:
    """First thing wrong with a decoded event of this department's topic, or None."""
    if event["department"] != department:
        return Problem("wrong_department", "department")
    kind = all_kinds().get((department, event["kind"]))
    if kind is None:
        return Problem("unknown_kind", "kind")
    return _identity(event) or _time(event, kind) or _body(event, kind)


def bad_household_id(household_id: str) -> bool:
    """Empty, over 64 characters, or shaped like an identity number, which must not reach the bus."""
    return not 1 <= len(household_id) <= 64 or _IDENTITY_LIKE.fullmatch(household_id) is not None


def subject_of(event: Mapping[str, Any]) -> str:
    """Key of an event: its person, else its household."""
    return str(event["person_id"] or event["household_id"])


def _identity(event: Mapping[str, Any]) -> Problem | None:
    if not _EVENT_ID.fullmatch(event["event_id"]):
        return Problem("bad_event_id", "event_id")
    if not 0 <= event["revision"] <= _MOST_INT:
        return Problem("bad_revision", "revision")
    person, household = event["person_id"], event["household_id"]
    if person is None and household is None:
        return Problem("no_subject", "person_id")
    if person is not None and not _PERSON.fullmatch(person):
        return Problem("bad_person_id", "person_id")
    if household is not None and bad_household_id(household):
        return Problem("bad_household_id", "household_id")
    return None


def _time(event: Mapping[str, Any], kind: Kind) -> Problem | None:
    occurred, published = event["occurred_at"], event["published_at"]
    for field in ("occurred_at", "published_at"):
        if not _EARLIEST_MS <= event[field] <= _LATEST_MS:
            return Problem("bad_time", field)
    if occurred > published + DAY_MS:
        return Problem("in_future", "occurred_at")
    if not kind.standing and published - occurred > TOO_OLD_MS:
        return Problem("too_old", "occurred_at")
    return None


def _body(event: Mapping[str, Any], kind: Kind) -> Problem | None:
    body = event["body"]
    if body is None:
        return None if event["retracted"] else Problem("no_body", "body")
    if body.keys() != {field.name for field in kind.fields}:
        return Problem("unknown_kind", "kind")
    for field in kind.fields:
        value = body[field.name]
        if field.unit == "fen" and not 0 <= value <= _MOST_FEN:
            return Problem("bad_amount", field.name)
        if field.unit == "day" and not _EARLIEST_DAY <= value <= _LATEST_DAY:
            return Problem("bad_date", field.name)
        if field.type == "int" and not field.unit and not 0 <= value <= _MOST_INT:
            return Problem("bad_number", field.name)
    return None
