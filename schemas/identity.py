"""Identity numbers: checked, brought to one form, and found where they must not stand.

The county part is never a reason to refuse: counties are renamed and merged, people keep their number.
"""

from __future__ import annotations

import re
from datetime import date

_SHORT, _LONG = 15, 18
_WEIGHT_BASE = 13  # digit weights are powers of 2, and 13 is 2 modulo 11
_CHECK_DIGITS = "0123456789X"
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


def holds_identity_number(text: str) -> bool:
    """Whether a valid 18-digit number stands anywhere in a text that is kept or sent as it is."""
    return len(text) >= _LONG and any(
        not isinstance(identity_of(found), IdentityFault) for found in _WITHIN.findall(text.translate(_TO_PLAIN))
    )
