"""What a household's townships were told of its causes, as correlate keeps it."""

from __future__ import annotations

import msgspec


class Told(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """The last signal of one cause to one township.

    Attributes:
        version: of the signals of this cause to this township.
        day: on which the cause became true; None: it does not stand, or not there.
        message: `signal`, published again byte for byte.

    """

    version: int
    day: int | None
    message: bytes


Signals = dict[str, Told]
"""`township|cause` -> last signal. It is never changed in place."""
