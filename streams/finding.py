"""What was found in a household, and the one alert made of it."""

from __future__ import annotations

import msgspec


class Finding(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """That a rule holds, and all that its alert shows of it.

    Attributes:
        grade: place in the rule's levels.
        evidence: Fact.id of every fact it rests on, sorted.
        first: occurred_at of the earliest of them, ms; `last` of the latest.
        number: facts, or parts of a combination.
        band: how far over the line (wording.BANDS), -1 without a line.
        line: whose line.

    """

    rule: str
    level: str
    grade: int
    evidence: list[str]
    first: int
    last: int
    number: int
    band: int
    line: str


class Case(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """The household's one alert, as last made.

    Attributes:
        ordinal: grows only when a case has ended; alert_id follows from it.
        raised_at: known_at of the record that raised it, ms.
        digest: of everything whose change makes a new version.
        alert: the `alert` message of this version, published again byte for byte.
        raised: `rule|level` -> how often that cause newly stood.
        causes: `rule|level` of those that stand.
        township: of this version; `previous` is the last one that differed.

    """

    ordinal: int
    alert_id: str
    version: int
    status: str
    level: str
    raised_at: int
    digest: bytes
    alert: bytes
    raised: dict[str, int]
    causes: list[str] = []
    township: str | None = None
    previous: str | None = None
