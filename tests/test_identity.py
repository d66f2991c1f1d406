"""Identity numbers are checked and hidden; the county part is nobody's business."""

from __future__ import annotations

import hmac
import re
from base64 import b32encode
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric

from producers.identity import person_id
from schemas.identity import IdentityFault, check_digit, holds_identity_number, identity_of

births = st.dates(date(1900, 1, 1), date(2026, 1, 1))
counties = st.integers(0, 999_999)
orders = st.integers(0, 999)


def number_of(county: int, born: date, order: int) -> str:
    digits = f"{county:06d}{born:%Y%m%d}{order:03d}"
    return digits + check_digit(digits)


numbers = st.builds(number_of, counties, births, orders)


@given(numbers)
def test_any_number_with_a_true_check_digit_is_accepted_whatever_its_county(number: str) -> None:
    assert identity_of(number) == number
    assert ric.calc_check_digit(number) == number[-1]


@given(numbers, st.integers(0, 16), st.integers(1, 9))
def test_a_mistyped_digit_is_noticed(number: str, place: int, shift: int) -> None:
    wrong = str((int(number[place]) + shift) % 10)

    assert isinstance(identity_of(number[:place] + wrong + number[place + 1 :]), IdentityFault)


@given(counties, st.dates(date(1900, 1, 1), date(1999, 12, 31)), orders)
def test_a_number_of_15_digits_becomes_one_of_18(county: int, born: date, order: int) -> None:
    short = f"{county:06d}{born:%y%m%d}{order:03d}"

    assert identity_of(short) == number_of(county, born, order)


@given(numbers)
def test_full_width_digits_small_x_and_spaces_do_not_matter(number: str) -> None:
    wide = number.lower().translate({ord(c): ord(c) + 0xFEE0 for c in "0123456789x"})

    assert identity_of(f" {wide[:6]}　{wide[6:14]} {wide[14:]}\t") == number
    assert identity_of(number.lower()) == number


@given(st.text(max_size=25))
def test_no_text_raises(text: str) -> None:
    result = identity_of(text)

    assert isinstance(result, IdentityFault) or re.fullmatch(r"\d{17}[\dX]", result, re.ASCII)


@given(st.text(alphabet="0123456789xXⅩ²①٣", min_size=15, max_size=18))
def test_no_text_of_strange_digits_raises(text: str) -> None:
    result = identity_of(text)

    assert isinstance(result, IdentityFault) or re.fullmatch(r"\d{17}[\dX]", result, re.ASCII)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "missing"),
        ("  ", "missing"),
        ("1234567", "id_length"),
        ("23122219900230001X", "id_birth"),
        ("231222A99001010011", "id_digits"),
        ("231222990230001", "id_birth"),
        ("231222189901010013", "id_check"),
        ("231222299901010017", "id_birth"),
    ],
)
def test_a_fault_says_which(text: str, fault: str) -> None:
    assert identity_of(text, date(2026, 3, 1)) == fault


@given(numbers, st.binary(min_size=16, max_size=100))
def test_a_person_id_has_the_form_that_the_bus_accepts_and_hides_the_number(number: str, key: bytes) -> None:
    found = person_id(key, number)

    digest = hmac.digest(key, number.encode(), "sha256")
    assert found == "p_" + b32encode(digest)[:26].decode().lower()
    assert re.fullmatch(r"p_[a-z2-7]{26}", found)
    assert found == person_id(key, number)
    assert found != person_id(key + b"1", number)


def test_a_person_id_is_the_hmac_of_the_number() -> None:
    assert person_id(b"county key", "231222199001010013") == "p_ncsi3bvvvve2iwynuel4lh2ckm"


@given(numbers)
def test_a_number_inside_other_text_is_found(number: str) -> None:
    assert holds_identity_number(f"H-{number}/1")
    assert not holds_identity_number("H0001001 2026-03-14 00000000")
