"""What an area alert says, and its message. A version is made exactly when any of it changes. Pure."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from schemas.codec import encode
from streams.alert_content import Cause, Source, cause_record, listed
from streams.area_records import Issued
from streams.area_view import place_of
from streams.wording import LEVELS

ALERTED, WITHDRAWN = "ALERTED", "WITHDRAWN"
_OF_EVENTS, _REGIONAL = "area", "regional"
_OVER = "预警已解除：情况已恢复、已到期，或部门已更正数据。"
_pack = msgspec.msgpack.Encoder().encode


class Content(NamedTuple):
    """All that an area alert says while it stands.

    Attributes:
        subjects: what is new among them is told.
        steps: what is to be done.
        valid_to: last day on which it holds by itself; None: until something changes.

    """

    title: str
    causes: Sequence[Cause]
    subjects: Sequence[str]
    steps: Sequence[str]
    households: int
    valid_to: int | None


def area_alert_id(code: str, about: str) -> str:
    """Id of the alert of a place; `about` is empty, or a class of regional risk."""
    digest = hashlib.sha256(f"{code}\0{about}".encode()).digest()
    return "r_" + base64.b32encode(digest).decode()[:26].lower()


def issue(
    code: str, about: str, known: Issued | None, content: Content | None, rule_set: str, source: Source
) -> Issued | None:
    """Make the next version of a place's alert; the same one where it says the same. None: nothing holds there."""
    if content is None and known is None:
        return None
    status = ALERTED if content is not None else WITHDRAWN
    digest = hashlib.sha256(_pack((status, content))).digest()[:16]
    if known is not None and known.digest == digest:
        return known
    made = Issued(
        known.version + 1 if known is not None else 1,
        status,
        min((cause.level for cause in content.causes), key=LEVELS.index) if content else _level_of(known),
        content.title if content else _title_of(known),
        digest,
        b"",
        content.valid_to if content else None,
    )
    return replace(made, message=_message(code, about, made, content, rule_set, source))


def _message(code: str, about: str, made: Issued, content: Content | None, rule_set: str, source: Source) -> bytes:
    place, causes = place_of(code), content.causes if content else ()
    record = {
        "alert_id": area_alert_id(code, about),
        "version": made.version,
        "kind": _REGIONAL if about else _OF_EVENTS,
        "level": made.level,
        "status": made.status,
        "township_code": place.township,
        "village_code": place.village,
        "subjects": listed(content.subjects, 1) if content else [],
        "text": _text(content),
        "place_code": code,
        "title": made.title,
        "causes": [cause_record(cause, len(causes)) for cause in causes],
        "households": content.households if content else 0,
        "valid_to": made.valid_to,
        "rule_set": rule_set,
        "known_at": source.known_at,
        "source_topic": source.topic,
        "source_partition": source.partition,
        "source_offset": source.offset,
    }
    return encode("area_alert", record)


def _level_of(known: Issued | None) -> str:
    return known.level if known is not None else LEVELS[-1]


def _title_of(known: Issued | None) -> str:
    return known.title if known is not None else ""


def _text(content: Content | None) -> str:
    if content is None:
        return _OVER
    lines = [cause.text for cause in content.causes]
    steps = [f"{number}. {step}" for number, step in enumerate(content.steps, start=1)]
    return "\n".join([*lines, *steps])
