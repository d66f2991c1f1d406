"""The program for the public's reports in this process: real stores, a clock that tests turn, alerts made up."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from httpx import ASGITransport, AsyncClient, Response

from producers.gateway.api_key import new_token
from producers.gateway.door import Door
from producers.gateway.keys_store import add_key, end_key
from producers.gateway.store import open_store as open_keys
from producers.report import reports, threads
from producers.report.app import create_app
from producers.report.desk import Desk
from producers.report.limits import Limits, Most
from producers.report.number import event_id_of
from producers.report.store import open_store
from producers.report.visit import Office
from producers.store_file import reading, writing
from schemas.codec import Record, decode
from tests.alerts import alert, cause
from tests.gateways import NOW
from tests.rows import KEY, numbered

URL = "http://report"
FORM: dict[str, Any] = {
    "id_number": numbered(1),
    "for_whom": "self",
    "phone": "13904561237",
    "need": ["illness", "income"],
    "heard_via": "cadre",
    "consent": "yes",
    "token": "form-1",
}


class ReportsHere:
    """What tests speak to.

    Attributes:
        now: milliseconds; tests move it.
        address: from which requests come.

    """

    def __init__(self, folder: Path, most: Most | None = None, per_minute: int = 600) -> None:
        self.now = NOW
        self.address = "192.0.2.1"
        self.woken = 0
        self.engine, self.keys = open_store(folder / "report.db"), open_keys(folder / "gateway.db")
        desk = Desk(self.engine, KEY, Limits(most or Most()), self._wake)
        door = Door(self.keys, per_minute, lambda: self.now)
        self.app = create_app(Office(self.engine, self.keys, desk, door, lambda: self.now, URL))
        self._loop = asyncio.Runner()
        self._cookies: dict[str, str] = {}
        self._keys = 0

    def _wake(self) -> None:
        self.woken += 1

    def close(self) -> None:
        self._loop.close()
        self.engine.dispose()
        self.keys.dispose()

    def request(self, method: str, path: str, **more: Any) -> Response:
        """Send anything, with the cookies of earlier answers."""

        async def sent() -> Response:
            transport = ASGITransport(self.app, raise_app_exceptions=False, client=(self.address, 1))
            async with AsyncClient(transport=transport, base_url=URL, cookies=self._cookies) as http:
                answer = await http.request(method, path, **more)
            self._cookies |= answer.cookies
            return answer

        return self._loop.run(sent())

    def get(self, path: str) -> Response:
        return self.request("GET", path)

    def fill(self, form: str = "form-1", **changes: object) -> Response:
        """Send the form whose token this is."""
        fields = {name: value for name, value in (FORM | changes | {"token": form}).items() if value is not None}
        return self.request("POST", "/", data=fields)

    def receipt(self, form: str = "form-1", **changes: object) -> tuple[str, str]:
        """Number and code of a report just made."""
        answer = self.fill(form, **changes)
        assert answer.status_code == 200, answer.text
        return receipt_in(answer)

    def status(self, receipt: tuple[str, str]) -> Response:
        return self.request("POST", "/status", data=dict(zip(("number", "pin"), receipt, strict=True)))

    def key(self, scope: str) -> str:
        """Token of a key, just made."""
        self._keys += 1
        token = new_token(self._keys.to_bytes(5, "big") + bytes([self._keys]) * 32)
        with writing(self.keys) as conn:
            add_key(conn, token, scope, self.now)
        return token.text

    def end_key(self, token: str) -> None:
        with writing(self.keys) as conn:
            end_key(conn, token.split("_")[1], self.now)

    def api(self, token: str, body: object, **headers: str) -> Response:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.request("POST", "/v1/reports", json=body, headers={"authorization": f"Bearer {token}", **given})

    def events(self) -> list[Record]:
        """What waits for the bus."""
        with reading(self.engine) as conn:
            return [decode(message.value)[1] for _, message in reports.waiting(conn, 10_000)]

    def tell(self, *alerts: dict[str, Any]) -> None:
        """Take in versions of alerts, as the follower does."""
        with writing(self.engine) as conn:
            threads.take_in(conn, alerts)

    def arrive(self, number: str, *, parked_now: int = 0, dead_lettered: int = 0) -> None:
        """Take in what became of a report's event."""
        outcome = {"batch_id": event_id_of(number), "parked_now": parked_now, "dead_lettered": dead_lettered}
        with writing(self.engine) as conn:
            threads.note_arrivals(conn, [outcome])

    def counts(self) -> dict[str, int]:
        with reading(self.engine) as conn:
            return reports.counts(conn)


def receipt_in(answer: Response) -> tuple[str, str]:
    """Number and code on a page."""
    number = re.search(r'id="number">([\d-]+)<', answer.text)
    pin = re.search(r'id="pin">(\d+)<', answer.text)
    assert number, answer.text
    assert pin, answer.text
    return number[1], pin[1]


def lists(version: int, numbers: Iterable[str], **changed: Any) -> dict[str, Any]:
    """Version of an alert that lists reports."""
    evidence = sorted(event_id_of(number) for number in numbers)
    found = cause("R-SELF", "orange", "stated") | {"evidence": evidence, "evidence_count": len(evidence)}
    return alert(version, "orange", **{"causes": [found], **changed})


def done(action: str, version_seen: int, acted_at: int = NOW + 1, **changed: Any) -> dict[str, Any]:
    """What a person did, as an alert lists it."""
    return {
        "action_id": f"{action}-{version_seen}-{acted_at}",
        "action": action,
        "reason": None,
        "actor": "officer",
        "role": "township",
        "township_code": "220302001",
        "acted_at": acted_at,
        "version_seen": version_seen,
        "outcome": "accepted",
        "why": None,
        **changed,
    }
