"""An inbox office on a store: people who may sign in, alerts that came, and a clock that tests move."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape
from typing import Any

from sqlalchemy import Engine
from starlette.testclient import TestClient

from consumers.funnel import sums_of
from consumers.inbox.app import create_app
from consumers.inbox.feeds import Feeds
from consumers.inbox.passwords import hash_of
from consumers.inbox.visit import Office
from consumers.quiet import heed
from consumers.stages import answered
from consumers.store.accounts import Account, account_named, account_of, add_account, set_password
from consumers.store.alert_stages import Progress, remember_stages, stages_of
from consumers.store.alerts import apply_alert
from consumers.store.book import Family, put_families
from consumers.store.book_key import BookKey
from consumers.store.database import reading, writing
from consumers.store.funnel import add_sums
from consumers.store.outbox import unsent
from consumers.store.sessions import start_session
from schemas.codec import decode
from tests.alerts import KNOWN_AT, TOWNSHIP, alert

PASSWORD = "一个够长的密码9527"  # noqa: S105  # of made-up people
_HASH = hash_of(PASSWORD)
URL = "http://127.0.0.1:8000"
PLACES = {TOWNSHIP: "东升镇", f"{TOWNSHIP}201": "红旗村"}


@dataclass
class TestOffice:
    """An office whose clock stands until it is moved.

    Attributes:
        woken: how often the publisher was woken.

    """

    __test__ = False
    engine: Engine
    clock: int = KNOWN_AT + 60_000
    key: BookKey = field(default_factory=lambda: BookKey(b"k" * 32))
    feeds: Feeds = field(default_factory=Feeds)
    woken: int = 0
    fund_pool: int = 0

    @property
    def office(self) -> Office:
        return Office(
            *(self.engine, lambda: self.clock, PLACES, lambda: self.key, lambda: self.feeds, self._wake, URL),
            fund_pool=self.fund_pool,
        )

    def _wake(self) -> None:
        self.woken += 1

    def person(self, name: str, township: str | None = TOWNSHIP) -> Account:
        """Somebody with a password; without a township, of the county."""
        with writing(self.engine) as conn:
            role = "county" if township is None else "township"
            account = add_account(conn, name, role, township, self.clock)
            set_password(conn, account.id, _HASH)
            return account_of(conn, account.id) or account

    def arrive(self, *versions: dict[str, Any]) -> None:
        """Versions of alerts come from the bus."""
        with writing(self.engine) as conn:
            for version in versions:
                seen = apply_alert(conn, version, self.clock)
                if seen:
                    before = seen.content if seen.version else None
                    add_sums(conn, sums_of(before, version, heed(before, version, {}, 0)))
                alert_id = version["alert_id"]
                known = stages_of(conn, [alert_id]).get(alert_id, Progress())
                remember_stages(conn, {alert_id: answered(known, version)})

    def book(self, household_id: str, head: str, address: str = "", phone: str = "") -> None:
        """The household book says who lives there."""
        with writing(self.engine) as conn:
            put_families(conn, self.key, [(household_id, Family(head, address, phone))], self.clock)

    def browser(self) -> Browser:
        """Somebody's browser, not signed in."""
        return Browser(TestClient(create_app(self.office), base_url=URL, follow_redirects=False))

    def signed_in(self, name: str) -> Browser:
        """Browser of somebody who is signed in."""
        browser = self.browser()
        with writing(self.engine) as conn:
            account = account_named(conn, name)
            assert account
            browser.client.cookies["alertbus-session"], _ = start_session(conn, account.id, self.clock)
        return browser

    def sent(self) -> list[dict[str, Any]]:
        """Actions on their way to the bus."""
        with reading(self.engine) as conn:
            return [decode(outgoing.message)[1] for outgoing in unsent(conn, 1000)]

    def processed(self, action: dict[str, Any], version: int, outcome: str = "accepted", **changed: Any) -> None:
        """The processor answers with the alert's next version."""
        kept = ("action_id", "action", "reason", "actor", "role", "township_code", "acted_at", "version_seen")
        done = {name: action[name] for name in kept} | {"outcome": outcome, "why": changed.pop("why", None)}
        self.arrive(alert(version, **{"alert_id": action["alert_id"], **changed, "actions": [done]}))


class Browser:
    """A browser without scripts: what it shows is text, what it posts are the forms it was shown."""

    def __init__(self, client: TestClient) -> None:
        self.client = client

    def get(self, path: str) -> Any:
        return self.client.get(path)

    def text(self, path: str) -> str:
        """Text of a page that must be there."""
        page = self.get(path)
        assert page.status_code == 200, (path, page.status_code)
        return visible(page.text)

    def sign_in(self, name: str, password: str = PASSWORD, **more: str) -> Any:
        form = self.get("/sign-in").text
        return self.client.post("/sign-in", data={"csrf": token_in(form), "name": name, "password": password, **more})

    def answer(self, alert_id: str, action: str, **fields: Any) -> Any:
        """Send the form of an action as the page has it."""
        return self.client.post(f"/alerts/{alert_id}", data=self.form(alert_id, action) | fields)

    def form(self, alert_id: str, action: str) -> dict[str, Any]:
        """Hidden fields of the form for an action."""
        page = self.get(f"/alerts/{alert_id}").text
        forms = [f for f in re.findall(r"<form.*?</form>", page, re.DOTALL) if f'name="action" value="{action}"' in f]
        assert forms, f"no form for {action}"
        return {k: unescape(v) for k, v in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', forms[0])}


def token_in(page: str) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found
    return found[1]


def visible(page: str) -> str:
    """Text of a page without its marks, on one line."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())
