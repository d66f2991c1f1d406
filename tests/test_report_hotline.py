"""The 12317 operators' page: only with their key, only from their own form, and the caller gets number and code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from httpx import Response

from schemas.beijing import instant
from tests.gateways import NOW
from tests.reports import FORM, ReportsHere, receipt_in
from tests.rows import numbered

HOUR = 3_600_000


@pytest.fixture
def here(tmp_path: Path) -> Iterator[ReportsHere]:
    found = ReportsHere(tmp_path)
    yield found
    found.close()


def sign_in(here: ReportsHere, key: str) -> Response:
    return here.request("POST", "/hotline/sign-in", data={"key": key})


def csrf_of(here: ReportsHere) -> str:
    found = re.search(r'name="csrf" value="(\w+)"', here.get("/hotline").text)
    assert found
    return found[1]


def call(here: ReportsHere, form: str = "call-1", **changes: object) -> Response:
    called_at = f"{instant(NOW - HOUR):%Y-%m-%dT%H:%M}"
    fields = FORM | {"csrf": csrf_of(here), "called_at": called_at, "token": form} | changes
    return here.request("POST", "/hotline", data=fields)


def test_an_operator_fills_in_for_a_caller_and_reads_out_number_and_code(here: ReportsHere) -> None:
    began = sign_in(here, here.key("hotline"))
    answer = call(here)
    receipt = receipt_in(answer)

    [event] = here.events()
    assert (began.status_code, began.headers["location"]) == (303, "/hotline")
    assert (event["body"]["channel"], event["body"]["receipt_id"]) == ("hotline_12317", receipt[0])
    assert event["occurred_at"] == (NOW - HOUR) // 60_000 * 60_000
    assert "请读给来电人" in answer.text
    assert receipt_in(call(here)) == receipt
    assert here.status(receipt).status_code == 200


def test_the_cookie_is_for_this_site_only_and_no_script_sees_it(here: ReportsHere) -> None:
    cookie = sign_in(here, here.key("hotline")).headers["set-cookie"].lower()

    assert {"httponly", "samesite=strict", "path=/"} <= set(cookie.split("; "))


@pytest.mark.parametrize("scope", ["reports", "housing", "register"])
def test_no_other_key_signs_in(here: ReportsHere, scope: str) -> None:
    answer = sign_in(here, here.key(scope))

    assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)


def test_keys_are_not_guessed_here_either(here: ReportsHere) -> None:
    tries = [sign_in(here, f"hab_aaaaaaaa_{'A' * 43}").status_code for _ in range(11)]

    assert tries == [401] * 10 + [429]


def test_without_a_session_or_with_another_forms_token_nothing_is_taken(here: ReportsHere) -> None:
    without = here.request("POST", "/hotline", data=FORM)
    sign_in(here, here.key("hotline"))
    forged = call(here, csrf="0" * 64)

    assert (without.status_code, forged.status_code) == (403, 403)
    assert here.events() == []


def test_a_session_ends_by_itself_when_signed_out_and_with_its_key(here: ReportsHere) -> None:
    def signed_in() -> bool:
        return "来电登记</h1>" in here.get("/hotline").text

    key = here.key("hotline")
    sign_in(here, key)
    assert signed_in()
    here.request("POST", "/hotline/sign-out", data={"csrf": csrf_of(here)})
    assert not signed_in()
    sign_in(here, key)
    here.now += 12 * HOUR
    assert not signed_in()
    sign_in(here, key)
    assert signed_in()
    here.end_key(key)
    assert not signed_in()


@pytest.mark.parametrize("called_at", ["", "yesterday", "2026-13-01T10:00", "2099-01-01T10:00", "0001-01-01T00:00"])
def test_a_call_that_cannot_have_been_then_is_said_to_be_wrong(here: ReportsHere, called_at: str) -> None:
    sign_in(here, here.key("hotline"))
    answer = call(here, called_at=called_at)

    assert answer.status_code == 422
    assert here.events() == []


def test_operators_are_not_held_to_the_limit_of_one_address(here: ReportsHere) -> None:
    sign_in(here, here.key("hotline"))

    assert {call(here, f"call-{n}", id_number=numbered(n)).status_code for n in range(25)} == {200}
