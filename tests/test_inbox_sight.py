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
from hypothesis import example, given, settings
from hypothesis import strategies as st
from starlette.routing import Mount, Route

from consumers.inbox.app import PAGES, create_app
from consumers.inbox.lists_page import COUNTY_LISTS
from consumers.store.area_alerts import apply_area_alert
from consumers.store.book import reads_of
from consumers.store.database import open_store, reading, writing
from consumers.store.tasks import Message, put_messages
from schemas.actions import STATUSES
from tests.alerts import alert, conflict
from tests.offices import TestOffice, token_in

ANYBODY = {"/", "/sign-in", "/sign-out", "/invitations/{token}"}
WITH_FAMILY = {"/alerts/{alert_id}"}
"""Where the household book is read."""
KINDS = {"{alert_id}": "a", "{area_id}": "r"}
"""With which letter the ids of a route's rows begin."""
BY_ITSELF = {page.path for page in PAGES if not page.is_use}
"""What an open page asks for: without a session it gets nothing, so that the page stays as it is."""
LEVELS = ("red", "orange", "yellow", "watch")

ONE_ROW = re.compile(r"\{\w+_id\}")
tree = st.lists(
    st.tuples(st.sampled_from(("220302", "220303", "231222")), st.integers(1, 99)).map(lambda at: f"{at[0]}{at[1]:03}"),
    min_size=1,
    max_size=4,
    unique=True,
)
"""Townships of one county and of others, so that codes share their beginnings."""


@dataclass(frozen=True)
class County:
    """People as (name, township or None), alerts as decoded versions, messages as (alert, inbox)."""

    people: list[tuple[str, str | None]]
    alerts: list[dict[str, Any]]
    messages: list[tuple[int, str]]


@st.composite
def counties(draw: st.DrawFn) -> County:
    codes = draw(tree)
    anywhere = st.sampled_from([*codes, None])
    people = [(f"person{n}", draw(anywhere)) for n in range(draw(st.integers(1, 3)))]
    alerts = [
        alert(
            alert_id=f"a_row{n}",
            household_id=f"H-ROW-{n}",
            township_code=draw(anywhere),
            previous_township_code=draw(anywhere),
            village_code=f"{draw(st.sampled_from(codes))}201",
            level=draw(st.sampled_from(LEVELS)),
            status=draw(st.sampled_from(sorted(STATUSES))),
            not_mine=draw(st.booleans()),
            text=f"SECRET-{n}",
            causes=[],
        )
        for n in range(draw(st.integers(1, 5)))
    ]
    inboxes = st.tuples(st.integers(0, len(alerts) - 1), st.sampled_from([*codes, "county"]))
    return County(people, alerts, draw(st.lists(inboxes, max_size=6, unique=True)))


@contextmanager
def office_of(county: County) -> Iterator[TestOffice]:
    with TemporaryDirectory() as folder:
        office = TestOffice(open_store(f"sqlite:///{Path(folder) / 'store.db'}"))
        for name, township in county.people:
            office.person(name, township)
        office.arrive(*county.alerts)
        area = [conflict(alert_id=f"r_row{each['alert_id'][-1]}", text=each["text"]) for each in county.alerts]
        told = [Message(f"a_row{row}", 1, inbox, "raised", "red", None, 0) for row, inbox in county.messages]
        with writing(office.engine) as conn:
            put_messages(conn, told)
            for each in area:
                apply_area_alert(conn, each, 0)
        for each in county.alerts:
            office.book(each["household_id"], f"HEAD-{each['household_id']}")
        yield office
        office.engine.dispose()


def urls(county: County) -> list[tuple[str, str]]:
    """Every route that shows something, with every row in it; lists with all that they can be asked for."""
    codes = {each["township_code"] or "" for each in county.alerts}
    asked = {
        "/tasks": [f"?tab={tab}" for tab in COUNTY_LISTS],
        "/county/alerts": [
            *(f"?tab={tab}" for tab in COUNTY_LISTS),
            *(f"?township={code}&level={level}" for code in codes for level in ("", *LEVELS)),
        ],
    }
    rows = [f"{kind}_row{number}" for kind in "ar" for number in range(len(county.alerts))]
    return [
        (page.path, ONE_ROW.sub(row, page.path) + query)
        for page in PAGES
        if page.path not in ANYBODY and page.method == "GET"
        for row in (rows if ONE_ROW.search(page.path) else [""])
        for query in asked.get(page.path, [""])
    ]


def rows_in(text: str) -> set[str]:
    return set(re.findall(r"(?:SECRET-|H-ROW-|[ar]_row)(\d+)", text))


NEIGHBOURS = County(
    [("东升张三", "220302001")],
    [alert(alert_id="a_row0", household_id="H-ROW-0", township_code="220302002", text="SECRET-0", causes=[])],
    [],
)
"""Somebody, and the alert of the township next door: the first that is tried, so that nothing must be made small."""


@settings(max_examples=25)
@given(counties())
@example(NEIGHBOURS)
def test_every_route_shows_exactly_the_allowed_rows(county: County) -> None:
    with office_of(county) as office:
        for name, township in county.people:
            browser = office.signed_in(name)
            own = {str(n) for n, each in enumerate(county.alerts) if township in (None, each["township_code"])}
            former = {str(n) for n, each in enumerate(county.alerts) if township == each["previous_township_code"]}
            told = {str(row) for row, inbox in county.messages if inbox == (township or "county")}
            every = set(map(str, range(len(county.alerts)))) if township is None else set()
            listed: set[str] = set()
            for path, url in urls(county):
                page = browser.get(url)
                shown = rows_in(page.text)
                if one := ONE_ROW.search(path):
                    row, fits = url.split("_row")[1].split("/")[0], url.split("_row")[0][-1] == KINDS[one[0]]
                    whole = (own if one[0] == "{alert_id}" else every) & {row} if fits else set()
                    there = whole | (former & {row} if fits and one[0] == "{alert_id}" else set())
                    assert (page.status_code, shown) == (200 if there else 404, whole), url
                    assert ("HEAD-" in page.text) == bool(path in WITH_FAMILY and whole and township), url
                else:
                    assert shown <= {"/messages": told, "/tasks": own | told}.get(path, own), url
                    assert path != "/messages" or shown == told
                    listed |= shown if path in {"/tasks", "/county/alerts"} else set()
            assert listed == own, "each of them is found in some list"


@settings(max_examples=25)
@given(counties())
def test_nobody_answers_what_is_not_theirs(county: County) -> None:
    posts = {page.path for page in PAGES if page.method == "POST"} - ANYBODY
    with office_of(county) as office:
        for name, township in county.people:
            browser = office.signed_in(name)
            csrf = token_in(browser.get(browser.get("/").headers["location"]).text)
            for path in posts:
                for each in county.alerts:
                    form = {"csrf": csrf, "action": "confirmed", "version": "1"}
                    answered = browser.client.post(ONE_ROW.sub(each["alert_id"], path), data=form).status_code
                    waits = each["status"] in {"LEAD", "ALERTED", "ACKED", "VERIFYING", "REOPENED"}
                    assert (answered == 303) == (waits and township is not None and each["township_code"] == township)
        sent = office.sent()

    rows = {each["alert_id"]: each["township_code"] for each in county.alerts}
    assert all(each["township_code"] == rows[each["alert_id"]] for each in sent)


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
