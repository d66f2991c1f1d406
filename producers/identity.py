"""Identity numbers become ids that say nothing without the county key."""

from __future__ import annotations

import hashlib
from functools import lru_cache

_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
_PAIRS = tuple(a + b for a in _LETTERS for b in _LETTERS)
_SHIFTS = tuple(range(120, -1, -10))
_BLOCK = 64
_INNER, _OUTER = (bytes(byte ^ pad for byte in range(256)) for pad in (0x36, 0x5C))


def person_id(key: bytes, number: str) -> str:
    """Id of an 18-digit number under the county key: `p_` and 26 of a-z2-7."""
    inner, outer = _keyed(key)
    inside, outside = inner.copy(), outer.copy()
    inside.update(number.encode())
    outside.update(inside.digest())
    bits = int.from_bytes(outside.digest()[:17], "big") >> 6
    return "p_" + "".join([_PAIRS[bits >> shift & 1023] for shift in _SHIFTS])


@lru_cache(maxsize=4)
def _keyed(key: bytes) -> tuple[hashlib._Hash, hashlib._Hash]:
    """The two halves of HMAC-SHA256 (RFC 2104) that have taken in the key.

    The library's one-shot call gives the interpreter lock away for every number, and beside a busy sending thread
    waits milliseconds to get it back.
    """
    block = (hashlib.sha256(key).digest() if len(key) > _BLOCK else key).ljust(_BLOCK, b"\0")
    return hashlib.sha256(block.translate(_INNER)), hashlib.sha256(block.translate(_OUTER))
