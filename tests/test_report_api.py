"""Reports by the county's own systems: with a key, in JSON, under an idempotency key, answered by number."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from httpx import Response

from producers.report.openapi import EARLIER
from tests.reports import ReportsHere, done, lists
from tests.rows import numbered

BODY: dict[str, Any] = {"id_number": numbered(1), "for_whom": "self", "need": ["house"], "consent": True}
KEY_OF_REQUEST = "a-key-of-16-signs-or-more"


@pytest.fixture
def here(tmp_path: Path) -> Iterator[ReportsHere]:
    found = ReportsHere(tmp_path)
    yield found
    found.close()


def ask(here: ReportsHere, token: str, receipt: str) -> Response:
    return here.request("GET", f"/v1/reports/{receipt}", headers={"authorization": f"Bearer {token}"})


def test_a_report_by_a_system_has_a_receipt_a_code_and_an_address(here: ReportsHere) -> None:
    answer = here.api(here.key("reports"), {**BODY, "channel": "portal"})
    found = answer.json()

    [event] = here.events()
    assert answer.status_code == 202
    assert answer.headers["location"] == f"/v1/reports/{found['receipt']}"
    assert (event["body"]["channel"], event["body"]["receipt_id"]) == ("portal", found["receipt"])
    assert (found["state"], found["result"], found["visit_by"]) == ("accepted", None, "2026-09-29")
    assert here.status((found["receipt"], found["pin"])).status_code == 200


def test_the_same_request_gives_the_same_receipt_and_another_under_its_key_is_refused(here: ReportsHere) -> None:
    token = here.key("reports")
    first, again = (here.api(token, BODY, idempotency_key=KEY_OF_REQUEST).json() for _ in range(2))
    other = here.api(token, {**BODY, "need": ["water"]}, idempotency_key=KEY_OF_REQUEST)
    short = here.api(token, BODY, idempotency_key="short")

    assert first == again
    assert [(answer.status_code, answer.json()["error"]) for answer in (other, short)] == [
        (422, "other_content"),
        (422, "bad_idempotency_key"),
    ]
    assert len(here.events()) == 1


@pytest.mark.parametrize(
    ("scope", "channel", "code"),
    [
        ("reports", "one_key", 202),
        ("reports", "cadre", 202),
        ("reports", "appeal", 202),
        ("reports", "hotline_12317", 403),
        ("reports", "gold", 403),
        ("hotline", "hotline_12317", 202),
        ("hotline", "portal", 403),
        ("housing", "portal", 403),
    ],
)
def test_each_key_has_its_channels(here: ReportsHere, scope: str, channel: str, code: int) -> None:
    assert here.api(here.key(scope), {**BODY, "channel": channel}).status_code == code


def test_there_is_no_interface_without_a_key(here: ReportsHere) -> None:
    posted, asked = here.request("POST", "/v1/reports", json=BODY), here.get("/v1/reports/1234-5678-9012")

    assert (posted.status_code, asked.status_code) == (401, 401)
    assert posted.headers["www-authenticate"] == "Bearer"


def test_a_key_sees_the_reports_that_came_by_its_kind_and_no_others(here: ReportsHere) -> None:
    mine, other = here.key("reports"), here.key("hotline")
    number = here.api(mine, BODY).json()["receipt"]
    of_the_form = here.receipt(id_number=numbered(2))[0]

    assert ask(here, mine, number).status_code == 200
    assert [ask(here, other, number).status_code, ask(here, mine, of_the_form).status_code] == [404, 404]
    assert ask(here, mine, "nonsense").json()["error"] == "not_found"


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"id_number", "for_whom", "need", "consent"}),
        ({**BODY, "id_number": "1"}, {"id_number"}),
        ({**BODY, "need": []}, {"need"}),
        ({**BODY, "called_at": "2099-01-01T00:00:00+08:00"}, {"called_at"}),
    ],
)
def test_what_is_wrong_comes_back_by_field(here: ReportsHere, body: dict[str, Any], fields: set[str]) -> None:
    answer = here.api(here.key("reports"), body)

    assert (answer.status_code, set(answer.json()["fields"])) == (422, fields)
    assert here.events() == []


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"null", b"{", b'{"id_number": 1}', b'{"more": 1}', b"\xff", b"[" * 9000, b'{"need": [[1]]}'],
)
def test_what_is_no_report_is_refused_in_words(here: ReportsHere, content: bytes) -> None:
    headers = {"authorization": f"Bearer {here.key('reports')}", "content-type": "application/json"}
    answer = here.request("POST", "/v1/reports", content=content, headers=headers)

    assert (answer.status_code, answer.json()["error"]) == (400, "bad_form")


def test_an_appeal_by_number_is_a_report_of_its_own_once(here: ReportsHere) -> None:
    token = here.key("reports")
    number = here.api(token, BODY).json()["receipt"]
    early = here.api(token, {"appeals_against": number})
    here.tell(lists(1, [number]), lists(2, [], status="REJECTED", actions=[done("rejected", 1, reason="other")]))
    first, again = (here.api(token, {"appeals_against": number}).json() for _ in range(2))

    assert (early.status_code, early.json()["error"]) == (409, "not_answered")
    assert (first["channel"], first["appeals_against"], first["state"]) == ("appeal", number, "accepted")
    assert first["receipt"] == again["receipt"]
    assert [event["body"]["channel"] for event in here.events()] == ["one_key", "appeal"]


def test_every_example_of_the_document_is_taken_and_its_appeal_with_the_number_of_an_answered_report(
    here: ReportsHere,
) -> None:
    token = here.key("reports")
    post = here.get("/openapi.json").json()["paths"]["/v1/reports"]["post"]
    examples = post["requestBody"]["content"]["application/json"]["examples"]
    bodies = {name: each["value"] for name, each in examples.items()}
    appeal = json.dumps(bodies.pop("appeal"))

    taken = {name: here.api(token, body) for name, body in bodies.items()}
    number = taken["report"].json()["receipt"]
    here.tell(lists(1, [number]), lists(2, [], status="REJECTED", actions=[done("rejected", 1, reason="other")]))
    appealed = here.api(token, json.loads(appeal.replace(EARLIER, number)))

    assert {name: answer.status_code for name, answer in taken.items()} == {"report": 202, "portal": 202}
    assert (appealed.status_code, appealed.json()["appeals_against"]) == (202, number)


def test_the_document_is_in_both_languages_and_its_references_lead_somewhere(here: ReportsHere) -> None:
    text = here.get("/openapi.json").text
    said = re.findall(r'"(?:description|summary)":"(.*?)"[,}]', text)
    schemas = json.loads(text)["components"]["schemas"]

    assert len(said) > 40
    assert [each for each in said if not re.search("[一-龥].*[A-Za-z]{2}", each, re.DOTALL)] == []
    assert set(re.findall(r"#/components/schemas/(\w+)", text)) == schemas.keys()


def test_what_breaks_is_told_to_programs_in_json(here: ReportsHere, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("producers.report.api.post", breaks)
    answer = here.api(here.key("reports"), BODY)

    assert (answer.status_code, answer.json()["error"]) == (500, "broken")
