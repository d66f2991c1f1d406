"""Who sees what: over any region tree, any people and any alerts, every route shows exactly the allowed rows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.routing import Mount, Route

from consumers.inbox.app import PAGES, create_app
from consumers.store.book import reads_of
from consumers.store.database import open_store, reading, writing
from consumers.store.tasks import Message, put_messages
from schemas.actions import STATUSES
from tests.alerts import alert
from tests.offices import TestOffice

ANYBODY = {"/", "/sign-in", "/sign-out", "/invitations/{token}"}
BY_ITSELF = {page.path for page in PAGES if not page.is_use}
"""What an open page asks for: without a session it gets nothing, so that the page stays as it is."""
LEVELS = ("red", "orange", "yellow", "watch")
townships = st.lists(st.integers(1, 999).map("220302{:03}".format), min_size=1, max_size=3, unique=True)


@dataclass(frozen=True)
class County:
    """People as (name, township or None), alerts as decoded versions."""

    people: list[tuple[str, str | None]]
    alerts: list[dict[str, Any]]


@st.composite
def counties(draw: st.DrawFn) -> County:
    codes = draw(townships)
    anywhere = st.sampled_from([*codes, None])
    people = [(f"person{n}", draw(anywhere)) for n in range(draw(st.integers(1, 3)))]
    alerts = [
        alert(
            alert_id=f"a_row{n}",
            household_id=f"H-ROW-{n}",
            township_code=draw(anywhere),
            previous_township_code=draw(anywhere),
            level=draw(st.sampled_from(LEVELS)),
            status=draw(st.sampled_from(sorted(STATUSES))),
            text=f"SECRET-{n}",
            causes=[],
        )
        for n in range(draw(st.integers(1, 5)))
    ]
    return County(people, alerts)


@contextmanager
def office_of(county: County) -> Iterator[TestOffice]:
    with TemporaryDirectory() as folder:
        office = TestOffice(open_store(f"sqlite:///{Path(folder) / 'store.db'}"))
        for name, township in county.people:
            office.person(name, township)
        office.arrive(*county.alerts)
        with writing(office.engine) as conn:
            for each in county.alerts:
                office_message = Message(
                    each["alert_id"], 1, each["township_code"] or "", "raised", each["level"], None, 0
                )
                put_messages(conn, [office_message])
        for each in county.alerts:
            office.book(each["household_id"], f"HEAD-{each['household_id']}")
        yield office
        office.engine.dispose()


def urls(county: County) -> list[tuple[str, str]]:
    """Every route with every row in it, and lists with everything they can be asked for."""
    asked = {
        "/tasks": [f"?tab={tab}" for tab in ("waiting", "helping", "watch", "ended")],
        "/county/alerts": [
            f"?tab={tab}&township={code or ''}&level={level}"
            for tab in ("waiting", "helping", "watch", "ended", "unacknowledged")
            for code in {each["township_code"] for each in county.alerts}
            for level in ("", *LEVELS)
        ],
    }
    return [
        (page.path, page.path.replace("{alert_id}", each["alert_id"]) + query)
        for page in PAGES
        if page.path not in ANYBODY and page.method == "GET"
        for each in (county.alerts if "{alert_id}" in page.path else county.alerts[:1])
        for query in asked.get(page.path, [""])
    ]


def rows_in(text: str) -> set[str]:
    return set(re.findall(r"(?:SECRET-|H-ROW-|a_row)(\d+)", text))


@settings(max_examples=25)
@given(counties())
def test_every_route_shows_exactly_the_allowed_rows(county: County) -> None:
    with office_of(county) as office:
        for name, township in county.people:
            role = "county" if township is None else "township"
            browser = office.signed_in(name)
            own = {str(n) for n, each in enumerate(county.alerts) if township in (None, each["township_code"])}
            former = {str(n) for n, each in enumerate(county.alerts) if township == each["previous_township_code"]}
            listed: set[str] = set()
            for path, url in urls(county):
                page = browser.get(url)
                shown = rows_in(page.text)
                assert shown <= own, url
                if "{alert_id}" in path:
                    row = url.split("/")[2].removeprefix("a_row")
                    assert page.status_code == (200 if row in own | former else 404), url
                    assert ("HEAD-" in page.text) == (
                        path == "/alerts/{alert_id}" and row in shown and role == "township"
                    )
                elif path in {"/tasks", "/county/alerts"}:
                    listed |= shown
            assert listed == own


@settings(max_examples=25)
@given(counties())
def test_nobody_answers_what_is_not_theirs(county: County) -> None:
    with office_of(county) as office:
        for name, township in county.people:
            browser = office.signed_in(name)
            token = browser.get("/").headers["location"]
            csrf = re.search(r'name="csrf" value="([^"]+)"', browser.get(token).text)
            assert csrf
            for each in county.alerts:
                form = {"csrf": csrf[1], "action": "confirmed", "version": "1"}
                answered = browser.client.post(f"/alerts/{each['alert_id']}", data=form).status_code
                waits = each["status"] in {"LEAD", "ALERTED", "ACKED", "VERIFYING", "REOPENED"}
                assert (answered == 303) == (waits and township is not None and each["township_code"] == township)
        sent = office.sent()

    assert all(each["township_code"] == rows[each["alert_id"]] for each in sent for rows in [townships_of(county)])


def townships_of(county: County) -> dict[str, str | None]:
    return {each["alert_id"]: each["township_code"] for each in county.alerts}


@settings(max_examples=10)
@given(counties())
def test_without_signing_in_no_route_shows_anything(county: County) -> None:
    with office_of(county) as office:
        browser = office.browser()
        for path, url in urls(county):
            page = browser.get(url)
            if path in BY_ITSELF:
                assert (page.status_code, page.text) == (401, ""), url
            else:
                assert (page.status_code, page.headers["location"][:8]) == (303, "/sign-in"), url
        with reading(office.engine) as conn:
            assert [reads_of(conn, each["household_id"]) for each in county.alerts] == [[]] * len(county.alerts)


def test_every_route_of_the_application_is_a_page_of_the_table_or_a_file(tmp_path: Path) -> None:
    office = TestOffice(open_store(f"sqlite:///{tmp_path / 'store.db'}"))

    app = create_app(office.office)

    assert [route for route in app.routes if not isinstance(route, Route | Mount)] == []
    assert [route.path for route in app.routes if isinstance(route, Mount)] == ["/static"]
    assert [route.path for route in app.routes if isinstance(route, Route)] == [page.path for page in PAGES]
    assert {page.path for page in PAGES if not page.roles} == ANYBODY


@pytest.mark.parametrize("page", [page for page in PAGES if page.roles], ids=lambda page: f"{page.method} {page.path}")
def test_a_role_that_may_not_open_a_page_does_not_learn_that_it_is_there(page: Any, tmp_path: Path) -> None:
    office = TestOffice(open_store(f"sqlite:///{tmp_path / 'store.db'}"))
    office.arrive(alert())
    office.person("东升张三")
    office.person("县里李四", None)
    path = page.path.replace("{alert_id}", "a_one")
    for name, role in (("东升张三", "township"), ("县里李四", "county")):
        if role not in page.roles:
            assert office.signed_in(name).client.request(page.method, path).status_code == 404
