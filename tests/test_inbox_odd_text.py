"""Marks, formulas and scripts in every field that a page may ever show come out as text."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any, get_args

import msgspec
import pytest
from sqlalchemy import Engine

from consumers.inbox.alert import Alert, Cause, Done, Given
from consumers.inbox.feeds import Feeds, Last
from consumers.store.database import writing
from consumers.store.tasks import Message, put_messages
from schemas.departments import DEPARTMENTS
from tests.alerts import KNOWN_AT, TOWNSHIP, alert
from tests.offices import PLACES, TestOffice

EVIL = """=HYPERLINK("x")'"><evil on=1></textarea></script><evil on=1>{{7777*7777}}"""
FIXED = {"township_code": TOWNSHIP, "alert_id": "a_one", "household_id": "H-SECRET-1", "level": "red"}
"""By these an alert is found; a level that nobody knows never reaches the store."""


class Marks(HTMLParser):
    """Elements and attributes of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found |= {tag, *(f"@{name}" for name, _ in attrs)}


def evil_of(struct: type[Any], **known: Any) -> dict[str, Any]:
    """Every text and every list of texts of a struct holds marks; numbers and what is known stay good."""
    made: dict[str, Any] = {}
    for field in msgspec.structs.fields(struct):
        kinds = {field.type, *get_args(field.type)}
        if field.name in known:
            made[field.name] = known[field.name]
        elif kinds & {tuple} or getattr(field.type, "__origin__", None) is tuple:
            made[field.name] = [EVIL]
        elif str in kinds:
            made[field.name] = EVIL
        elif int in kinds:
            made[field.name] = 1
    return made


def evil_alert(version: int, status: str) -> dict[str, Any]:
    cause = evil_of(Cause, level="red", first_occurred_at=KNOWN_AT, last_occurred_at=KNOWN_AT)
    done = evil_of(Done, outcome="refused", acted_at=KNOWN_AT)
    times = {"raised_at": KNOWN_AT, "known_at": KNOWN_AT, "first_occurred_at": KNOWN_AT, "tracking_until": 20_000}
    known = {**FIXED, **times, "version": version, "status": status, "not_mine": False, "previous_township_code": None}
    given = evil_of(Given, occurred_at=KNOWN_AT)
    lists = {"causes": [cause], "actions": [done], "given_help": [given], "as_of": {EVIL: 20_000}}
    return alert() | evil_of(Alert, **known, **lists)


@pytest.fixture
def office(store: Engine, monkeypatch: pytest.MonkeyPatch) -> TestOffice:
    built = TestOffice(store)
    for code in PLACES:
        monkeypatch.setitem(PLACES, code, EVIL)
    monkeypatch.setitem(PLACES, TOWNSHIP, EVIL)
    built.person(EVIL)
    built.person(f"county {EVIL}", None)
    built.book(FIXED["household_id"], EVIL, EVIL, EVIL)
    built.feeds = Feeds({DEPARTMENTS[0].code: Last(KNOWN_AT, None, 1, 1)}, 1, 1, KNOWN_AT)
    with writing(store) as conn:
        for box in (TOWNSHIP, "county"):
            put_messages(conn, [Message("a_one", 1, box, EVIL, "red", EVIL, KNOWN_AT)])
    return built


@pytest.mark.parametrize("status", ["ALERTED", "CONFIRMED", "CLEAR_PROPOSED", EVIL])
def test_marks_in_every_field_of_an_alert_are_shown_as_text(office: TestOffice, status: str) -> None:
    office.arrive(evil_alert(1, status), evil_alert(2, status))
    officer, county = office.signed_in(EVIL), office.signed_in(f"county {EVIL}")
    for browser, paths in ((officer, ("/tasks", "/tasks?tab=ended", "/tasks?tab=helping")), (county, ("/county",))):
        for path in (*paths, "/messages", "/alerts/a_one", "/alerts/a_one/progress?version=1&stand=x"):
            page = browser.get(path)
            assert page.status_code == 200, path
            assert not {"evil", "@on"} & Marks(page.text).found, path
            assert str(7777 * 7777) not in page.text, "a value is never a template"
    assert "<evil on=1>" not in officer.get("/alerts/a_one").text
    assert "&lt;evil on=1&gt;" in officer.get("/alerts/a_one").text
