"""household.events as correlate reads it: facts at the speed they need, anything else through the codec."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TypeAlias

import msgspec

from schemas.codec import HEADER_BYTES, Decoded, SchemaError, avro_long, decode_many
from schemas.fact import RoutedFact, unpack_routed
from schemas.registry import registry

FACT = "household_fact"
Item: TypeAlias = RoutedFact | Decoded | SchemaError

_LENGTH_BYTES = 2
_START = HEADER_BYTES + _LENGTH_BYTES
_SHORTEST, _LONGEST = 1 << 6, (1 << 13) - 1
"""Lengths that Avro writes in two bytes."""


def read_many(messages: Sequence[bytes | None]) -> list[Item]:
    """Read messages, in order; unreadable ones come back as SchemaError.

    A `household_fact` holds one field of bytes: its beginning follows from its length alone. A message that begins so
    is read at once; any other, longer, shorter or trailed by anything, goes through the codec.
    """
    openings = _openings()
    items: list[Item] = []
    others: list[int] = []
    for place, message in enumerate(messages):
        if message is not None and message[:_START] == openings.get(len(message)):
            items.append(_fact(message[_START:]))
        else:
            others.append(place)
            items.append(SchemaError("empty"))
    if others:
        for place, item in zip(others, decode_many([messages[place] for place in others]), strict=True):
            items[place] = _slowly(item)
    return items


def _slowly(item: Decoded | SchemaError) -> Item:
    if isinstance(item, SchemaError) or item[0] != FACT:
        return item
    return _fact(item[1]["fact"])


def _fact(packed: bytes) -> RoutedFact | SchemaError:
    try:
        return unpack_routed(packed)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return SchemaError("unreadable", "fact")


@cache
def _openings() -> dict[int, bytes]:
    """Length of a `household_fact` message -> its first bytes: the schema's and the length of its one field."""
    header = registry()[1][FACT].header
    return {_START + length: header + avro_long(length) for length in range(_SHORTEST, _LONGEST + 1)}
