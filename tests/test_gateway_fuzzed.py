"""Schemathesis makes requests from the OpenAPI document, right and wrong ones: none breaks the gateway."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings

from producers.gateway.desk import Limits
from tests.gateways import GatewayHere, bearer
from tests.seeds import TIMES

pytestmark = pytest.mark.filterwarnings("ignore:Skipped test cases with unsupported payload")

EXAMPLES = 5 * TIMES
"""Of each address, over and above those that Schemathesis always tries."""
_FOLDER = TemporaryDirectory()
_GATEWAY = GatewayHere(Path(_FOLDER.name), Limits(per_minute=1_000_000))
_KEYS: dict[str, dict[str, str]] = {}
_SEEN: set[int] = set()
_ASKED: set[tuple[str, str]] = set()
_SCHEMA = schemathesis.openapi.from_asgi("/openapi.json", _GATEWAY.app)


def headers_for(path: str) -> dict[str, str]:
    sender = path.rpartition("/")[2] if not path.startswith("/v1/receipts") else "education"
    if sender not in _KEYS:
        _KEYS[sender] = bearer(_GATEWAY.key(sender))
    return _KEYS[sender]


@_SCHEMA.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
def test_no_request_breaks_the_gateway(case: Any) -> None:
    case.headers.pop("Authorization", None)
    case.headers.update(headers_for(case.path))

    answer = case.call()

    assert answer.status_code < 500, answer.text
    _SEEN.add(answer.status_code)
    _ASKED.add((case.operation.path, case.operation.method.upper()))


def test_every_address_was_asked_and_some_requests_were_taken_and_some_refused() -> None:
    paths = _GATEWAY.get("/openapi.json", None).json()["paths"]

    assert {(path, method.upper()) for path, operations in paths.items() for method in operations} == _ASKED
    assert {202, 422, 404} <= _SEEN
