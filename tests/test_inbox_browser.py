"""The whole loop in a real browser on a running bus: told, seen, answered, and the answer counts."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import pytest
from playwright.sync_api import Browser, Page, expect

from schemas.beijing import BEIJING
from tests.chromium import DESKTOP, NARROW, PHONE, chromium, hard_to_read, in_view, scrolls_sideways
from tests.inbox_programs import InboxPrograms, inbox_of
from tests.offices import PASSWORD
from tests.people import identity_number, json_lines, member
from tests.running_bus import RunningBus

pytestmark = pytest.mark.kafka

TOWNSHIP = "231222103"
SIZES = {"phone": PHONE, "desktop": DESKTOP}
ANSWERS = ("confirmed", "rejected", "not_mine", "already_covered")
SECONDS = 40_000


@pytest.fixture(scope="module")
def township_side(bus: RunningBus, tmp_path_factory: pytest.TempPathFactory) -> Iterator[InboxPrograms]:
    with inbox_of(bus, tmp_path_factory.mktemp("inbox")) as programs:
        yield programs


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


def opened(browser: Browser, size: tuple[int, int]) -> Page:
    page = browser.new_context(viewport={"width": size[0], "height": size[1]}, locale="zh-CN").new_page()
    page.set_default_timeout(SECONDS)
    return page


def accept(page: Page, link: str) -> None:
    page.goto(link)
    page.fill("input[name=password]", PASSWORD)
    page.fill("input[name=again]", PASSWORD)
    page.click("main button")


def raise_red(bus: RunningBus, programs: InboxPrograms, household: str, order: int, head: str) -> None:
    """A house graded D: the household is in the register and in the household book."""
    village = f"{TOWNSHIP}001"
    lives = member(
        identity_number(order), household, township_code=TOWNSHIP, village_code=village, grid_code=f"{village}001"
    )
    when = f"{datetime.now(BEIJING):%Y-%m-%d}"
    graded = {"event_id": f"WB-{household}", "kind": "inspection", "household_id": household, "occurred_at": when}
    family = {"household_id": household, "head": head, "address": "三组12号", "phone": "13900000001"}
    folder = programs.folder
    programs.run("households", "load", json_lines(folder / "book.jsonl", [family]))
    programs.run("register", json_lines(folder / "register.jsonl", [lives]))
    inspection = graded | {"grade": "D", "hazard": "crack", "inspected_on": when}
    programs.run("publish", "housing", json_lines(folder / "housing.jsonl", [inspection]))
    bus.settle()


@contextmanager
def stopped(bus: RunningBus, program: str) -> Iterator[None]:
    """A program of the bus that does nothing meanwhile."""
    pid = next(each["pid"] for each in bus.json("status")["programs"] if each["name"] == program)
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def readable(page: Page) -> None:
    assert hard_to_read(page) == []
    assert not scrolls_sideways(page)


def fill_part(page: Page, part: str) -> None:
    """Fill in one of the four parts and send it: the first of each choice, no word typed."""
    form = page.locator(f"details.part:has(#state-{part})")
    form.locator("summary").click()
    for name in form.locator("input[type=radio], input[type=checkbox]").evaluate_all("all => all.map(e => e.name)"):
        form.locator(f"[name={name}]").first.check()
    form.locator("button").click()
    expect(page.locator(f"#state-{part}")).to_have_text("已完成", timeout=SECONDS)


def close_archive(officer: Page) -> None:
    """Complete the four parts and close the archive."""
    for part in ("visited", "analysed", "consulted", "fed_back"):
        fill_part(officer, part)
    officer.click("#archive button")
    expect(officer.locator("#archive")).to_have_text("档案已归档。", timeout=SECONDS)


def county_finds(county: Page, address: str) -> None:
    """Follow the county's figures to an alert: what was done stands there, the family does not."""
    expect(county.locator(".funnel")).to_contain_text("核实属实")
    readable(county)
    county.click("text=帮扶中")
    readable(county)
    county.click(f"a.task[href='{address}']")
    expect(county.locator("#doings")).to_contain_text("排查归档")
    assert county.locator(".family").count() == 0


@pytest.mark.parametrize("size", SIZES)
def test_an_officer_sees_the_red_alert_answers_and_closes_the_archive_and_the_county_sees_it(
    bus: RunningBus, township_side: InboxPrograms, browser: Browser, size: str
) -> None:
    household, head = f"BROWSER-{size}", {"phone": "赵大山", "desktop": "钱小河"}[size]
    raise_red(bus, township_side, household, 900 + list(SIZES).index(size), head)
    officer = opened(browser, SIZES[size])
    accept(officer, township_side.invitation(f"officer-{size}", TOWNSHIP))
    red = officer.locator("a.task.red")
    expect(red.first).to_be_visible()
    readable(officer)

    red.first.click()
    expect(officer.locator(".family")).to_contain_text(head)
    expect(officer.locator(".why.red")).to_contain_text("D")
    readable(officer)
    assert [answer for answer in ANSWERS if not in_view(officer, f".choices .{answer} summary")] == []
    with stopped(bus, "correlate-1"):
        officer.click(".choices .confirmed summary")
        officer.click(".choices .confirmed button")
        expect(officer.locator(".standing")).to_have_text("情况属实：待处理")
        expect(officer.locator("#headline")).to_contain_text("待核实")
        officer.reload()
        expect(officer.locator(".standing")).to_have_text("情况属实：待处理")
    expect(officer.locator(".standing")).to_have_text("情况属实：已生效", timeout=SECONDS)
    expect(officer.locator("#headline")).to_contain_text("情况属实")
    close_archive(officer)

    county = opened(browser, SIZES[size])
    accept(county, township_side.invitation(f"county-{size}", None))
    county_finds(county, officer.url.removeprefix(township_side.url))


def test_nothing_is_wider_than_a_narrow_phone(bus: RunningBus, township_side: InboxPrograms, browser: Browser) -> None:
    raise_red(bus, township_side, "BROWSER-narrow", 910, "孙长名" * 5)
    officer = opened(browser, NARROW)
    officer.goto(f"{township_side.url}/sign-in")
    readable(officer)
    accept(officer, township_side.invitation("officer-narrow", TOWNSHIP))
    readable(officer)
    officer.locator("a.task.red").first.click()
    readable(officer)
    for answer in ANSWERS:
        officer.click(f".choices .{answer} summary")
        readable(officer)
    for summary in officer.locator("details.part summary").all():
        summary.scroll_into_view_if_needed()
        summary.dispatch_event("click")
    readable(officer)
    officer.goto(f"{township_side.url}/messages")
    readable(officer)


def test_a_page_that_is_left_open_shows_what_a_colleague_answered(
    bus: RunningBus, township_side: InboxPrograms, browser: Browser
) -> None:
    raise_red(bus, township_side, "BROWSER-two", 911, "李两人")
    first, second = opened(browser, PHONE), opened(browser, PHONE)
    accept(first, township_side.invitation("officer-first", TOWNSHIP))
    accept(second, township_side.invitation("officer-second", TOWNSHIP))
    first.locator("a.task.red").first.click()
    second.goto(first.url)
    second.click(".choices .rejected summary")

    first.click(".choices .confirmed summary")
    first.click(".choices .confirmed button")

    expect(second.locator("#answer")).to_contain_text("已有人答复：情况属实", timeout=SECONDS)
    expect(second.locator(".choices")).to_have_count(0)
    second.click("text=查看最新情况")
    expect(second.locator("#doings")).to_contain_text("officer-first：情况属实")
