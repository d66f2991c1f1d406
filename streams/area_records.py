"""What area keeps of a village, township or county, to and from a table row."""

from __future__ import annotations

import msgspec

from schemas.fact import Fact

KEPT_DAYS = 800
MOST_BYTES = 256 * 1024


class Named(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """An event, newest revision, and which places of those that are kept together it names; none: it names none now."""

    fact: Fact
    places: list[str]


class Standing(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """The newest signal of a household and cause.

    Attributes:
        day: on which the cause became true; of one withdrawn, when it was last said to have, or was withdrawn.

    """

    version: int
    day: int
    stands: bool


class Issued(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """An area alert as last made.

    Attributes:
        status: ALERTED or WITHDRAWN.
        title: in Chinese; of one withdrawn, what it was last.
        digest: of everything whose change makes a new version.
        message: `area_alert`, published again byte for byte.
        valid_to: last day on which it holds by itself; None: until something changes.

    """

    version: int
    status: str
    level: str
    title: str
    digest: bytes
    message: bytes
    valid_to: int | None


class Area(msgspec.Struct, array_like=True, gc=False):
    """A village, township or county. Fields are only ever added at the end.

    Attributes:
        facts: by Fact.id.
        signals: cause -> household id -> newest signal.
        census: partition of household.events -> offset, and households of this township up to there.
        issued: by what it is about: empty for events of the place itself, else a class of regional risk.
        rule_set: mark of the set that it was judged by.
        resting: Fact.id of every event on which the alert of its events rests.
        deadline: day whose tick may change what a rule says; None where there is none.

    """

    facts: dict[str, Named] = {}
    signals: dict[str, dict[str, Standing]] = {}
    census: dict[int, tuple[int, int]] = {}
    issued: dict[str, Issued] = {}
    rule_set: str = ""
    resting: list[str] = []
    deadline: int | None = None

    def households(self) -> int:
        """How many households live in the township, as far as is known."""
        return sum(households for _, households in self.census.values())


pack = msgspec.msgpack.Encoder().encode
"""Table row of an area."""

unpack = msgspec.msgpack.Decoder(Area).decode
"""Area of a table row; msgspec.DecodeError where the row is corrupt."""


def too_large(packed: bytes) -> bool:
    """Whether a table row is over the limit: then the shell refuses the record and keeps the row before it."""
    return len(packed) > MOST_BYTES
