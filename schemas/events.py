"""What a department's event must satisfy beyond its schema. Producers ask before sending, assign before counting."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, NamedTuple

from schemas.beijing import DAY_MS
from schemas.codes import MOST_REGIONS, PERSON, REGION, REPORTER, VILLAGE, bad_code, bad_household_id
from schemas.kinds import Field, Kind, all_kinds

TOO_OLD_MS = 400 * DAY_MS
_EVENT_ID = re.compile(r"[\x21-\x7e][\x20-\x7e]{0,63}")
_EARLIEST_MS = -2_208_988_800_000  # 1900
_LATEST_MS = 7_258_118_400_000  # 2200
_EARLIEST_DAY, _LATEST_DAY = -25_567, 84_006
_MOST_FEN = 10_000_000_000 * 100
_MOST_INT = 2**31 - 1  # Avro's int; fastavro itself would let more through
_LIMITS = {
    "fen": (0, _MOST_FEN, "bad_amount"),
    "day": (_EARLIEST_DAY, _LATEST_DAY, "bad_date"),
    "ms": (_EARLIEST_MS, _LATEST_MS, "bad_time"),
}


class Problem(NamedTuple):
    """Why a record does not count: a code of reasons.py and the field at fault."""

    reason: str
    field: str | None


class _Demands(NamedTuple):
    """What a kind asks of its events: who is concerned, which fields are there, what each may say."""

    kind: Kind
    subject: Callable[[Mapping[str, Any]], Problem | None]
    fields: frozenset[str]
    limits: tuple[tuple[str, int, int, str], ...]
    texts: tuple[tuple[str, Callable[[Any], bool], str], ...]


def problem_of(event: Mapping[str, Any], department: str) -> Problem | None:
    """First thing wrong with a decoded event of this department's topic, or None."""
    if event["department"] != department:
        return Problem("wrong_department", "department")
    demands = _demands().get((department, event["kind"]))
    if demands is None:
        return Problem("unknown_kind", "kind")
    return _named(event) or demands.subject(event) or _time(event, demands.kind) or _body(event, demands)


def subject_of(event: Mapping[str, Any]) -> str:
    """Key of an event: its person, else its household, else the village or township that it concerns."""
    return str(event["person_id"] or event["household_id"] or event["region_code"])


def _named(event: Mapping[str, Any]) -> Problem | None:
    if not _EVENT_ID.fullmatch(event["event_id"]):
        return Problem("bad_event_id", "event_id")
    if not 0 <= event["revision"] <= _MOST_INT:
        return Problem("bad_revision", "revision")
    return None


def _somebody(event: Mapping[str, Any]) -> Problem | None:
    person, household = event["person_id"], event["household_id"]
    if person is None and household is None:
        return Problem("no_subject", "person_id")
    if person is not None and not PERSON.fullmatch(person):
        return Problem("bad_person_id", "person_id")
    if household is not None and bad_household_id(household):
        return Problem("bad_household_id", "household_id")
    return None


def _somewhere(event: Mapping[str, Any]) -> Problem | None:
    for field in ("person_id", "household_id"):
        if event[field] is not None:
            return Problem("area_subject", field)
    return None if REGION.fullmatch(event["region_code"]) else Problem("no_area", "region_code")


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


def _body(event: Mapping[str, Any], demands: _Demands) -> Problem | None:
    body = event["body"]
    if body is None:
        return None if event["retracted"] else Problem("no_body", "body")
    if body.keys() != demands.fields:
        return Problem("unknown_kind", "kind")
    for name, least, most, reason in demands.limits:
        if not least <= body[name] <= most:
            return Problem(reason, name)
    for name, wrong, reason in demands.texts:
        if wrong(body[name]):
            return Problem(reason, name)
    return None


@cache
def _demands() -> dict[tuple[str, str], _Demands]:
    return {code: _demands_of(kind) for code, kind in all_kinds().items()}


def _demands_of(kind: Kind) -> _Demands:
    limits = tuple((field.name, *limit) for field in kind.fields if (limit := _limit_of(field)))
    texts = tuple((field.name, *_text_of(field)) for field in kind.fields if field.unit in _TEXTS)
    return _Demands(kind, _somewhere if kind.area else _somebody, frozenset(f.name for f in kind.fields), limits, texts)


def _text_of(field: Field) -> tuple[Callable[[Any], bool], str]:
    """What is wrong with a text or a set of codes, and the reason to give; some may be left out."""
    wrong, reason = _TEXTS[field.unit]
    return (wrong if field.default is None else lambda said: said != "" and wrong(said)), reason


def _limit_of(field: Field) -> tuple[int, int, str] | None:
    if field.least is not None or field.most is not None:
        return field.least or 0, _MOST_INT if field.most is None else field.most, "bad_range"
    return _LIMITS.get(field.unit) or ((0, _MOST_INT, "bad_number") if field.type == "int" else None)


def _bad_regions(pattern: re.Pattern[str]) -> Callable[[Any], bool]:
    return lambda codes: not 1 <= len(codes) <= MOST_REGIONS or not all(map(pattern.fullmatch, codes))


_TEXTS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "code": (bad_code, "bad_code"),
    "household": (bad_household_id, "bad_household_id"),
    "reporter": (lambda reporter: not REPORTER.fullmatch(reporter), "bad_reporter"),
    "village": (_bad_regions(VILLAGE), "bad_region"),
    "region": (_bad_regions(REGION), "bad_region"),
}
"""Unit -> what is wrong with such a text or set, and the reason to give."""
