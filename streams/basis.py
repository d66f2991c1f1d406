"""What an answer rests on: the facts, as they were reported, that stood on the page which the person saw (design 6.4).

A fact as reported is a mark of 12 bytes: the digest of what it says, and a checksum of its id. A revision that says
the same is the same mark. Marks are kept packed, one behind the other, in order.
"""

from __future__ import annotations

from collections.abc import Iterable
from zlib import crc32

import msgspec

from schemas.fact import Fact
from schemas.kinds import kinds_by_number
from streams.finding import Finding

MOST_GONE = 400
"""Marks remembered that left the page; of older pages less is known, so more counts as unseen."""

_DIGEST_BYTES, _MARK_BYTES, _CRC_BYTES = 8, 12, 4


class Pages(msgspec.Struct, array_like=True, gc=False):
    """Which marks stood on which versions of an alert.

    Attributes:
        shown: mark -> version since which it stands.
        gone: mark, first and last version on which it stood; the last ones, in the order in which they left.

    """

    shown: dict[bytes, int] = {}
    gone: list[tuple[bytes, int, int]] = []


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Pages).decode


def mark_of(fact: Fact) -> bytes:
    """Mark of a fact as it was last reported."""
    return fact.digest + crc32(fact.id.encode()).to_bytes(_CRC_BYTES, "big")


def marks_of(finding: Finding) -> list[bytes]:
    """Marks of a finding's evidence, in its order."""
    digests = finding.digests
    return [
        digests[place * _DIGEST_BYTES : (place + 1) * _DIGEST_BYTES] + crc32(fact.encode()).to_bytes(_CRC_BYTES, "big")
        for place, fact in enumerate(finding.evidence)
    ]


def packed(marks: Iterable[bytes]) -> bytes:
    """Marks one behind the other, in order."""
    return b"".join(sorted(marks))


def unpacked(marks: bytes) -> frozenset[bytes]:
    """Take marks apart again."""
    return frozenset(marks[start : start + _MARK_BYTES] for start in range(0, len(marks), _MARK_BYTES))


def without(marks: bytes, facts: Iterable[Fact]) -> bytes:
    """Marks but those of some facts."""
    return packed(unpacked(marks) - {mark_of(fact) for fact in facts}) if marks else marks


def unseen(finding: Finding, settled: frozenset[bytes]) -> list[str]:
    """Fact.id of each fact of a finding's evidence that no answer has dealt with as it stands now."""
    return [fact for fact, mark in zip(finding.evidence, marks_of(finding), strict=True) if mark not in settled]


def counting(findings: Iterable[Finding], settled: bytes) -> list[Finding]:
    """Findings of which some fact, as it stands now, is outside of what answers have dealt with."""
    if not settled:
        return list(findings)
    known = unpacked(settled)
    return [finding for finding in findings if unseen(finding, known)]


def with_older(seen: frozenset[bytes], facts: Iterable[Fact], shown: frozenset[bytes]) -> frozenset[bytes]:
    """What an answer deals with: what was seen, and of the same counted kinds what had happened before.

    `facts` are those that count now. A page shows one window of such a kind: who looked at it looked at what led to it.
    `shown` stands on the page now: what of it was not seen came since, whenever it happened.
    """
    came = shown - seen
    counted = [fact for fact in facts if not kinds_by_number()[fact.kind].standing and mark_of(fact) not in came]
    last: dict[int, int] = {}
    for fact in counted:
        if mark_of(fact) in seen:
            last[fact.kind] = max(fact.occurred_at, last.get(fact.kind, fact.occurred_at))
    return seen.union(mark_of(fact) for fact in counted if fact.kind in last and fact.occurred_at <= last[fact.kind])


def shown_by(findings: Iterable[Finding]) -> frozenset[bytes]:
    """Marks that some findings show."""
    return frozenset(mark for finding in findings for mark in marks_of(finding))


def turned(pages: bytes, version: int, findings: Iterable[Finding]) -> bytes:
    """Pages with one more: the version that is made now, with what it shows."""
    book = _decode(pages) if pages else Pages()
    marks = shown_by(findings)
    left = [(mark, since, version - 1) for mark, since in book.shown.items() if mark not in marks]
    shown = {mark: book.shown.get(mark, version) for mark in sorted(marks)}
    return _encode(Pages(shown, [*book.gone, *left][-MOST_GONE:]))


def page(pages: bytes, version: int) -> frozenset[bytes]:
    """Marks that stood on a version."""
    book = _decode(pages) if pages else Pages()
    standing = {mark for mark, since in book.shown.items() if since <= version}
    return frozenset(standing.union(mark for mark, since, last in book.gone if since <= version <= last))
