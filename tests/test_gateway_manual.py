"""The gateway's manual and its OpenAPI document: their examples are taken as they stand, for every department."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas.departments import DEPARTMENTS
from schemas.kinds import all_kinds
from tests.gateways import GatewayHere


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[GatewayHere]:
    here = GatewayHere(tmp_path)
    yield here
    here.close()


def test_every_example_of_the_openapi_document_is_taken(gateway: GatewayHere) -> None:
    document = gateway.get("/openapi.json", None).json()
    answers = []
    for path, operations in document["paths"].items():
        if "post" not in operations:
            continue
        key = gateway.key(path.rpartition("/")[2])
        examples = operations["post"]["requestBody"]["content"]["application/json"]["examples"]
        answers += [(path, gateway.post(path, json.dumps(each["value"]), key)) for each in examples.values()]

    assert [(path, a.json()["problems"]) for path, a in answers if a.status_code != 202] == []
    assert len(answers) == len(all_kinds()) + 1


def test_every_department_has_an_address_and_every_reference_leads_somewhere(gateway: GatewayHere) -> None:
    document = gateway.get("/openapi.json", None).json()
    known = document["components"]["schemas"]

    assert {f"/v1/events/{d.code}" for d in DEPARTMENTS} <= document["paths"].keys()
    assert set(re.findall(r"#/components/schemas/(\w+)", json.dumps(document))) <= known.keys()


def test_the_manual_loads_nothing_and_shows_every_kind(gateway: GatewayHere) -> None:
    page = html.unescape(gateway.get("/", None).text)

    assert re.findall(r"<(script|link|img|style|iframe)", page) == []
    assert [name for _, name in all_kinds() if f'"kind": "{name}"' not in page] == []
