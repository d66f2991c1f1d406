"""Requests made from the OpenAPI document of reports, and forms of anything: none breaks the program.

What `/v1/reports` answers is what the document says, to the last code.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import CHECKS

from producers.report.app import PAGES, Page
from producers.report.limits import Most
from tests.reports import FORM, ReportsHere, done, lists
from tests.seeds import TIMES
from tests.test_report_hotline import csrf_of, sign_in

pytestmark = pytest.mark.filterwarnings("ignore:Skipped test cases with unsupported payload")

EXAMPLES = 40 * TIMES
"""Of each address, over and above those that Schemathesis always tries."""
_FOLDER = TemporaryDirectory()
_MANY = 1_000_000
_HERE = ReportsHere(Path(_FOLDER.name), Most(_MANY, _MANY, _MANY, _MANY, _MANY), per_minute=_MANY)
_KEY = _HERE.key("reports")
_OPERATOR, _RECEIPT = _HERE.key("hotline"), _HERE.receipt()
_BEARER = {"authorization": f"Bearer {_KEY}"}
_SEEN: set[int] = set()
_ASKED: set[tuple[str, str]] = set()
_SCHEMA = schemathesis.openapi.from_asgi("/openapi.json", _HERE.app)
_AS_DESCRIBED = CHECKS.get_by_names(["response_schema_conformance", "status_code_conformance"])
_FIELDS = [*FORM, "website", "number", "pin", "called_at", "csrf", "key"]
_VALUES = st.one_of(st.text(max_size=60), st.sampled_from([str(value) for value in FORM.values()]))
_FORMS = st.dictionaries(st.sampled_from(_FIELDS), st.lists(_VALUES, max_size=3))


@_SCHEMA.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
def test_no_request_breaks_the_reports(case: Any) -> None:
    case.headers["Authorization"] = _BEARER["authorization"]

    answer = case.call()

    assert answer.status_code < 500, answer.text
    case.validate_response(answer, checks=_AS_DESCRIBED)
    _SEEN.add(answer.status_code)
    _ASKED.add((case.operation.path, case.operation.method.upper()))


def test_every_address_was_asked_and_some_requests_were_taken_and_some_refused() -> None:
    paths = _HERE.get("/openapi.json").json()["paths"]

    assert {(path, method.upper()) for path, operations in paths.items() for method in operations} == _ASKED
    assert {202, 404, 422} <= _SEEN


def test_receipts_are_as_described_before_and_after_their_answer() -> None:
    body = {name: FORM[name] for name in ("id_number", "for_whom", "need")}
    taken = _HERE.api(_KEY, {**body, "consent": True})
    number = taken.json()["receipt"]
    _HERE.tell(lists(1, [number]), lists(2, [], status="REJECTED", actions=[done("rejected", 1, reason="other")]))
    answered = _HERE.request("GET", f"/v1/reports/{number}", headers=_BEARER)

    assert (answered.json()["result"], answered.json()["reason"]) == ("REJECTED", "other")
    _SCHEMA["/v1/reports"]["POST"].validate_response(taken)
    _SCHEMA["/v1/reports/{receipt}"]["GET"].validate_response(answered)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.method} {page.path}")
@given(form=_FORMS, inside=st.booleans())
@settings(max_examples=EXAMPLES, deadline=None)
def test_no_form_breaks_a_page(page: Page, form: dict[str, list[str]], *, inside: bool) -> None:
    """`inside`: by somebody who has a receipt and is signed in."""
    if inside:
        sign_in(_HERE, _OPERATOR)
        form |= {"csrf": [csrf_of(_HERE)], "number": [_RECEIPT[0]], "pin": [_RECEIPT[1]]}

    answer = _HERE.request(page.method, page.path, **{"data" if page.method == "POST" else "params": form})

    assert answer.status_code < 500, answer.text
    assert not inside or answer.status_code != 404
