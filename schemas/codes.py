"""Codes that departments and the register give: of regions, facilities, households, and of who reported something.

A code goes to the bus as it is, so it holds no name, no identity number and no telephone number.
"""

from __future__ import annotations

import re

from schemas.identity import holds_identity_number

PERSON = re.compile(r"p_[a-z2-7]{26}")
REPORTER = re.compile(r"[pt]_[a-z2-7]{26}")
REGION = re.compile(r"[0-9]{6}|[0-9]{9}|[0-9]{12}")
VILLAGE = re.compile(r"[0-9]{12}")
MOST_REGIONS = 1000
"""Regions of one event: a county has hundreds of villages, and an event fits into 64 KiB."""
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/#-]{0,63}")
_IDENTITY_LIKE = re.compile(r"\d{17}[\dXx]|\d{15}")
_MOBILE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")


def bad_household_id(household_id: str) -> bool:
    """Empty, over 64 characters, or shaped like an identity number, which must not reach the bus."""
    return not 1 <= len(household_id) <= 64 or _IDENTITY_LIKE.fullmatch(household_id) is not None


def bad_code(code: str) -> bool:
    """No code of 1-64 plain characters, or one that holds a person's number or telephone."""
    return (
        not _CODE.fullmatch(code)
        or _IDENTITY_LIKE.fullmatch(code) is not None
        or _MOBILE.search(code) is not None
        or holds_identity_number(code)
    )
