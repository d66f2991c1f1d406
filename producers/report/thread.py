"""What the versions of one alert say about the reports that it lists, in any order, as often as they like."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from producers.report.number import number_in
from schemas.actions import ACCEPTED

VERDICTS: Mapping[str, str] = {
    "confirmed": "CONFIRMED",
    "rejected": "REJECTED",
    "already_covered": "ALREADY_COVERED",
}
_HELPED = frozenset(
    {"CONFIRMED", "REVIEWED", "INCLUDED", "PLANNED", "HELPING", "CLEAR_PROPOSED", "CLEARED_TRACKING", "CLOSED"}
)
"""States of a case that a person has confirmed."""
_LOOKING = frozenset({"verifying", "visited", *VERDICTS})
"""Actions of somebody who has gone to look."""


class Deed(msgspec.Struct, frozen=True, array_like=True):
    """What a person did about the alert, and it counted.

    Attributes:
        acted_at: ms, by their clock; `known_at` by the bus's.
        version_seen: of the alert, on the page on which they did it.
        helped: whether the case stood as confirmed right after it.

    """

    action_id: str
    action: str
    reason: str | None
    acted_at: int
    known_at: int
    version_seen: int
    helped: bool


class Thread(msgspec.Struct, frozen=True, array_like=True):
    """One alert, as far as reports go.

    Attributes:
        ordinal: which of the household's cases.
        version: the newest seen; `status` is its.
        listed: report's number -> first version that lists it.
        deeds: by action id.

    """

    ordinal: int = 0
    version: int = 0
    status: str = ""
    listed: dict[str, int] = {}
    deeds: dict[str, Deed] = {}


class Answer(msgspec.Struct, frozen=True, order=True):
    """What a report came to: the first answer counts, by when the bus knew it and of which case it was.

    Attributes:
        known_at: ms.
        ordinal: of the household's cases.
        at: ms, by the clock of who gave it.
        result: CONFIRMED, REJECTED, ALREADY_COVERED, WITHDRAWN.
        reason: code of why; empty where none is given.

    """

    known_at: int
    ordinal: int
    at: int
    result: str
    reason: str = ""


pack = msgspec.msgpack.Encoder().encode
unpack = msgspec.msgpack.Decoder(Thread).decode


def numbers_in(alert: Mapping[str, Any]) -> set[str]:
    """Numbers of the reports that a version lists as evidence."""
    ids = (event_id for cause in alert["causes"] for event_id in cause["evidence"])
    return {number for event_id in ids if (number := number_in(event_id))}


def told(thread: Thread, alert: Mapping[str, Any]) -> Thread:
    """Thread that has taken in one more version of its alert."""
    version = alert["version"]
    listed = dict(thread.listed)
    for number in numbers_in(alert):
        listed[number] = min(listed.get(number, version), version)
    deeds = dict(thread.deeds)
    for deed in _deeds_of(alert):
        deeds[deed.action_id] = _both(deeds.get(deed.action_id, deed), deed)
    is_newer = version >= thread.version
    newest, status = (version, alert["status"]) if is_newer else (thread.version, thread.status)
    return Thread(alert["ordinal"], newest, status, dict(sorted(listed.items())), dict(sorted(deeds.items())))


def _both(one: Deed, other: Deed) -> Deed:
    """One deed, as two versions show it."""
    known_at = min(one.known_at, other.known_at)
    return msgspec.structs.replace(one, known_at=known_at, helped=one.helped or other.helped)


def _deeds_of(alert: Mapping[str, Any]) -> list[Deed]:
    accepted = [done for done in alert["actions"] if done["outcome"] == ACCEPTED]
    helped = alert["status"] in _HELPED
    return [
        Deed(
            done["action_id"],
            done["action"],
            done["reason"],
            done["acted_at"],
            alert["known_at"],
            done["version_seen"],
            helped and done is accepted[-1],
        )
        for done in accepted
    ]


def stands(thread: Thread) -> bool:
    """Whether somebody has the alert to deal with: one that was withdrawn lists nothing any more."""
    return thread.status != "WITHDRAWN"


def answer_to(thread: Thread, number: str) -> Answer | None:
    """First answer of somebody who had the report on the page: a verdict, or work on a case that is confirmed."""
    seen = _deeds_that_saw(thread, number)
    return min((answer for deed in seen if (answer := _answer(deed, thread.ordinal))), default=None)


def looked_at(thread: Thread, number: str) -> int | None:
    """When somebody first went to look, ms."""
    return min((deed.acted_at for deed in _deeds_that_saw(thread, number) if deed.action in _LOOKING), default=None)


def _answer(deed: Deed, ordinal: int) -> Answer | None:
    result = VERDICTS.get(deed.action) or (VERDICTS["confirmed"] if deed.helped else None)
    reason = deed.reason or "" if deed.action in VERDICTS else ""
    return Answer(deed.known_at, ordinal, deed.acted_at, result, reason) if result else None


def _deeds_that_saw(thread: Thread, number: str) -> list[Deed]:
    since = thread.listed.get(number)
    return [deed for deed in thread.deeds.values() if since is not None and deed.version_seen >= since]
