"""Every curl call of the departments' pages and of the gateway's manual is run by curl, with days of now."""

from __future__ import annotations

import html
import json
import os
import re
import subprocess
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner

from deploy.cli import main
from producers.gateway.api_key import new_token
from producers.gateway.keys_store import add_key
from producers.gateway.store import open_store, writing
from schemas.beijing import BEIJING
from schemas.departments import DEPARTMENTS
from schemas.kinds import all_kinds
from schemas.topics import DELIVERIES
from tests.kafka_hands import decoded
from tests.live_broker import LiveBroker
from tests.live_gateway import LiveGateway, gateway_on
from tests.rows import KEY

pytestmark = pytest.mark.kafka

_FENCED = re.compile(r"^```\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[LiveBroker, LiveGateway]]:
    """A broker and a gateway of their own: examples are about villages in which other tests live."""
    folder = tmp_path_factory.mktemp("curl")
    (folder / "county.key").write_bytes(KEY)
    broker = LiveBroker(folder / "broker")
    broker.start()
    with gateway_on(broker.declared(), folder / "county.key", folder) as gateway:
        yield broker, gateway
    broker.stop()


def run(call: str, folder: Path, **variables: str) -> Any:
    """What the gateway answered to a call that a person pasted into a shell."""
    env = {**os.environ, "NO_PROXY": "*", **variables}
    done = subprocess.run(("bash", "-c", call), env=env, cwd=folder, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


def keys(gateway: LiveGateway) -> dict[str, str]:
    """A key of each sender; `alertbus keys` has its own tests."""
    made = {code: new_token(os.urandom(37)) for code in ("register", *(d.code for d in DEPARTMENTS))}
    engine = open_store(gateway.folder / "gateway.db")
    with writing(engine) as conn:
        for code, token in made.items():
            add_key(conn, token, code, 0)
    engine.dispose()
    return {code: token.text for code, token in made.items()}


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The committed pages and files, with days of now: what is counted may not be older than 400 days."""
    folder = tmp_path_factory.mktemp("departments")
    today = f"{datetime.now(BEIJING):%Y-%m-%d}"
    done = CliRunner().invoke(main, ["departments", "write", str(folder), "--on", today])
    assert done.exit_code == 0, done.output
    return folder


def on_the_page(pages: Path, code: str) -> list[str]:
    blocks = _FENCED.findall((pages / f"{code}.md").read_text(encoding="utf-8"))
    return [call for block in blocks for call in block.split("\n\n") if call.startswith("curl")]


def test_every_call_of_the_departments_pages_and_of_the_manual_is_taken(
    own: tuple[LiveBroker, LiveGateway], pages: Path
) -> None:
    broker, gateway = own
    key_of = keys(gateway)
    answers = [
        (code, run(call, pages, ALERTBUS_GATEWAY=gateway.url, KEY=key_of[code]))
        for code in (d.code for d in DEPARTMENTS)
        for call in on_the_page(pages, code)
    ]
    manual = html.unescape(httpx.get(gateway.url, trust_env=False).text)
    calls = re.findall(r"<pre>(.*?)</pre>", manual, re.DOTALL)
    *deliveries, receipt = calls
    for call in deliveries:
        code = re.findall(r"/v1/(?:events/)?(\w+)", call)[0]
        answers.append((code, run(call, pages, KEY=key_of[code])))
    code, last = answers[-1]
    shown = run(receipt.replace("RECEIPT", last["receipt"]), pages, KEY=key_of[code])

    assert [(code, answer) for code, answer in answers if answer.get("state") != "taken" or answer["rejected"]] == []
    assert len(answers) == 2 * len(DEPARTMENTS) + len(all_kinds()) + 2
    assert (shown["receipt"], shown["rows"]) == (last["receipt"], 0)
    sent = {each["batch_id"]: each["accepted"] for each in decoded(broker.bootstrap_servers, DELIVERIES)}
    assert sent == {answer["receipt"]: answer["accepted"] for _, answer in answers}
