"""Receipt numbers, to be read out over a telephone, and the code that opens one. Neither says anything of anybody.

A number has 12 random digits and goes on the bus. Its code has 6 and is nowhere: it is worked out from the county key.
"""

from __future__ import annotations

import hmac
from unicodedata import normalize

_EVENT = "report-"
_DIGITS, _PIN_DIGITS = 12, 6
RANDOM_BYTES = 16


def number_of(randomness: bytes) -> str:
    """Number `4821-0937-5512` of 16 random bytes; none begins with 0."""
    least = 10 ** (_DIGITS - 1)
    digits = str(least + int.from_bytes(randomness, "big") % (9 * least))
    return "-".join(digits[start : start + 4] for start in range(0, _DIGITS, 4))


def read_number(typed: str) -> str | None:
    """Number that somebody typed, with or without what stands between the digits; None where it is none."""
    digits = _digits_of(typed)
    if len(digits) != _DIGITS or not digits.isdigit() or digits[0] == "0":
        return None
    return "-".join(digits[start : start + 4] for start in range(0, _DIGITS, 4))


def pin_of(key: bytes, number: str) -> str:
    """Code of a number under the county key: 6 digits."""
    found = hmac.digest(key, f"report pin {number}".encode(), "sha256")
    return f"{int.from_bytes(found[:8], 'big') % 10**_PIN_DIGITS:0{_PIN_DIGITS}}"


def opens(key: bytes, number: str, typed: str) -> bool:
    """Whether a typed code is the number's."""
    given = _digits_of(typed)
    return given.isascii() and hmac.compare_digest(pin_of(key, number), given)


def event_id_of(number: str) -> str:
    """Id of the report's event; its batch is called the same."""
    return _EVENT + number


def number_in(event_id: str) -> str | None:
    """Number that an event id stands for; None where it is no report's of ours."""
    return read_number(event_id.removeprefix(_EVENT)) if event_id.startswith(_EVENT) else None


def _digits_of(typed: str) -> str:
    plain = normalize("NFKC", typed[:100])
    return "".join(letter for letter in plain if letter not in " -\t\r\n")
