"""Identity numbers: checked, brought to one form, and turned into ids that say nothing.

The county part is never a reason to refuse: counties are renamed and merged, people keep their number.
"""

from __future__ import annotations

import hashlib
import re
from datetime import date
from functools import lru_cache

_SHORT, _LONG = 15, 18
_WEIGHT_BASE = 13  # digit weights are powers of 2, and 13 is 2 modulo 11
_CHECK_DIGITS = "0123456789X"
_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
_PAIRS = tuple(a + b for a in _LETTERS for b in _LETTERS)
_SHIFTS = tuple(range(120, -1, -10))
_BLOCK = 64
_INNER, _OUTER = (bytes(byte ^ pad for byte in range(256)) for pad in (0x36, 0x5C))
_EARLIEST = date(1850, 1, 1)
_TO_PLAIN = str.maketrans("０１２３４５６７８９ｘＸx", "0123456789XXX")
_SPACES = re.compile(r"[\s\u200b\ufeff]+")
_WITHIN = re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)")


class IdentityFault(str):
    """What is wrong with a number: a code of schemas.faults, never the number itself."""

    __slots__ = ()


def identity_of(raw: str, today: date = date.max) -> str | IdentityFault:
    """18-digit number of what a clerk typed, or what is wrong with it.

    Spaces go, full-width digits and x become plain, 15 digits become 18. No text raises.

    Args:
        raw: the cell.
        today: nobody is born later.

    """
    number = _SPACES.sub("", raw).translate(_TO_PLAIN)
    if not number:
        return IdentityFault("missing")
    if len(number) not in (_SHORT, _LONG):
        return IdentityFault("id_length")
    digits = number[:17] if len(number) == _LONG else number
    if not (digits.isascii() and digits.isdigit()) or number[-1] not in "0123456789X":
        return IdentityFault("id_digits")
    if len(number) == _SHORT:
        digits = f"{number[:6]}19{number[6:]}"
        number = digits + check_digit(digits)
    if not _born(digits, today):
        return IdentityFault("id_birth")
    return number if number[17] == check_digit(digits) else IdentityFault("id_check")


def check_digit(digits: str) -> str:
    """Last place of a number from its first 17 (GB 11643, ISO 7064 MOD 11-2)."""
    return _CHECK_DIGITS[(1 - 2 * int(digits, _WEIGHT_BASE)) % 11]


def _born(digits: str, today: date) -> bool:
    try:
        born = date(int(digits[6:10]), int(digits[10:12]), int(digits[12:14]))
    except ValueError:
        return False
    return _EARLIEST <= born <= today


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


def holds_identity_number(text: str) -> bool:
    """Whether a valid 18-digit number stands anywhere in a text that is going to the bus."""
    return len(text) >= _LONG and any(
        not isinstance(identity_of(found), IdentityFault) for found in _WITHIN.findall(text.translate(_TO_PLAIN))
    )
