"""The whole loop in a real browser on a running bus: told, seen, answered, and the answer counts."""

from __future__ import annotations

import base64
import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from urllib.parse import unquote

import pytest
from playwright.sync_api import Browser, Page, expect

from deploy.up.program import Deadline
from schemas.beijing import BEIJING
from schemas.bus import STATE_FILE
from tests.chromium import DESKTOP, NARROW, PHONE, chromium, hard_to_read, in_view, scrolls_sideways
from tests.inbox_programs import InboxPrograms, inbox_of
from tests.live_webhook import LiveWebhook
from tests.offices import PASSWORD
from tests.people import identity_number, json_lines, member
from tests.running_bus import RunningBus
from tests.test_privacy import pages_and_files, topics_bytes

pytestmark = pytest.mark.kafka

TOLD_TOWNSHIP = "231222109"
STORIES = {
    "phone": (900, "231222103", "赵大山"),
    "desktop": (901, "231222104", "钱小河"),
    "narrow": (910, "231222105", "孙长名" * 5),
    "two": (911, "231222106", "李两人"),
    "canary": (920, TOLD_TOWNSHIP, "欧阳金丝雀"),
}
"""Order of the identity number, township, head of the household."""
ADDRESS, NUMBER, WRITTEN = "金丝雀沟三组12号", "13904569527", "户主说钱是向金丝雀借的"
SEEN = {
    "township.actions": "confirmed",
    "notify.log": "预警编号",
    "inbox.log": "",
    "metrics of notify": "alertbus_notifications_total",
    "metrics of inbox": "alertbus_outbox_actions",
    "urls": "/alerts/a_",
    "printed": "退回 1 行",
    "webhooks": "预警编号",
}
"""What shows that a place was looked at."""
SIZES = {"phone": PHONE, "desktop": DESKTOP}
ANSWERS = ("confirmed", "rejected", "not_mine", "already_covered")
SECONDS = 40_000
COUNTED = "".join(
    f"addEventListener('{event}', () => sessionStorage.{name} = 1 + Number(sessionStorage.{name} || 0), true);"
    for event, name in (("pointerdown", "taps"), ("keydown", "keys"))
)
"""What people do with a page, counted by itself."""


@pytest.fixture(scope="module")
def receiver() -> Iterator[LiveWebhook]:
    """Return the system of a township that is told by webhook."""
    live = LiveWebhook().start()
    yield live
    live.stop()


@pytest.fixture(scope="module")
def township_side(
    bus: RunningBus, receiver: LiveWebhook, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[InboxPrograms]:
    folder = tmp_path_factory.mktemp("inbox")
    secret = "whsec_" + base64.b64encode(receiver.secret).decode()
    (folder / "roster.toml").write_text(
        f"""[townships.{TOLD_TOWNSHIP}]
        channels = [{{channel="inbox"}}, {{channel="console"}},
                    {{channel="webhook", url="{receiver.url}", secrets=["{secret}"]}}]"""
    )
    with inbox_of(bus, folder) as programs:
        raise_reds(bus, programs)
        yield programs


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


def opened(browser: Browser, size: tuple[int, int]) -> Page:
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, locale="zh-CN")
    context.add_init_script(COUNTED)
    page = context.new_page()
    page.set_default_timeout(SECONDS)
    return page


def accept(page: Page, link: str) -> None:
    page.goto(link)
    page.fill("input[name=password]", PASSWORD)
    page.fill("input[name=again]", PASSWORD)
    page.click("main button")


def raise_reds(bus: RunningBus, programs: InboxPrograms) -> None:
    """A house graded D in each story's township: its household is in the register and in the household book."""
    when, folder = f"{datetime.now(BEIJING):%Y-%m-%d}", programs.folder
    houses = [f"BROWSER-{story}" for story in STORIES]
    people = [
        member(identity_number(order), house, township_code=town, village_code=f"{town}001", grid_code=f"{town}001001")
        for house, (order, town, _) in zip(houses, STORIES.values(), strict=True)
    ]
    families = [
        {"household_id": house, "head": head, "address": ADDRESS, "phone": NUMBER}
        for house, (_, _, head) in zip(houses, STORIES.values(), strict=True)
    ]
    seen = {"kind": "inspection", "occurred_at": when, "grade": "D", "hazard": "crack", "inspected_on": when}
    graded = [seen | {"event_id": f"WB-{house}", "household_id": house} for house in houses]
    programs.run("households", "load", json_lines(folder / "book.jsonl", families))
    programs.run("register", json_lines(folder / "register.jsonl", people))
    programs.run("publish", "housing", json_lines(folder / "housing.jsonl", graded))
    bus.settle()


@contextmanager
def stopped(bus: RunningBus, program: str) -> Iterator[None]:
    """A program of the bus that does nothing meanwhile."""
    programs = json.loads((bus.data_dir / STATE_FILE).read_text())["programs"]
    pid = next(each["pid"] for each in programs if each["name"] == program)
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def readable(page: Page) -> None:
    assert hard_to_read(page) == []
    assert not scrolls_sideways(page)


def say_it_is_so(officer: Page) -> None:
    """Answer, with a tap too many: the page shows that nobody has processed it yet, also when it is opened anew."""
    officer.click(".choices .confirmed summary")
    officer.dblclick(".choices .confirmed button")
    expect(officer.locator(".standing")).to_have_text("情况属实：待处理")
    assert officer.evaluate("[sessionStorage.taps, sessionStorage.keys]") == ["4", None]
    expect(officer.locator("#headline")).to_contain_text("待核实")
    officer.reload()
    expect(officer.locator(".standing")).to_have_text("情况属实：待处理")


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
    _, township, head = STORIES[size]
    officer = opened(browser, SIZES[size])
    accept(officer, township_side.invitation(f"officer-{size}", township))
    red = officer.locator("a.task.red")
    expect(red.first).to_be_visible()
    readable(officer)

    officer.evaluate("sessionStorage.clear()")
    red.first.click()
    expect(officer.locator(".family")).to_contain_text(head)
    expect(officer.locator(".why.red")).to_contain_text("D")
    readable(officer)
    assert [answer for answer in ANSWERS if not in_view(officer, f".choices .{answer} summary")] == []
    with stopped(bus, "correlate-1"):
        say_it_is_so(officer)
    expect(officer.locator(".standing")).to_have_text("情况属实：已生效", timeout=SECONDS)
    expect(officer.locator("#headline")).to_contain_text("情况属实")
    expect(officer.locator("#doings li")).to_have_count(1)
    close_archive(officer)

    county = opened(browser, SIZES[size])
    accept(county, township_side.invitation(f"county-{size}", None))
    county_finds(county, officer.url.removeprefix(township_side.url))


def answer_in_words(officer: Page, words: str) -> None:
    """Say that it is so, with a note, and wait until the processor has answered."""
    officer.click(".choices .confirmed summary")
    officer.click(".choices .confirmed .more-words summary")
    officer.fill(".choices .confirmed textarea", words)
    officer.click(".choices .confirmed button")
    expect(officer.locator("#doings")).to_contain_text(words, timeout=SECONDS)


def places_of(canaries: list[str], everything: dict[str, bytes]) -> list[tuple[str, str]]:
    """Where something stands, in whatever form."""
    forms = [(text, form) for text in canaries for form in (text.encode(), text.encode("gb18030"), escaped(text))]
    return [(where, text) for where, content in everything.items() for text, form in forms if form in content]


def escaped(text: str) -> bytes:
    return text.encode("unicode_escape")


def test_what_register_and_book_say_of_people_is_in_no_topic_log_metric_url_or_message(
    bus: RunningBus, township_side: InboxPrograms, browser: Browser, receiver: LiveWebhook
) -> None:
    order, _, head = STORIES["canary"]
    refused = member(identity_number(order), "BROWSER-canary") | {"姓名": head, "联系电话": NUMBER}
    printed = bus.run("register", json_lines(township_side.folder / "refused.jsonl", [refused]))
    officer, urls = opened(browser, PHONE), list[str]()
    officer.on("request", lambda request: urls.append(request.url))
    accept(officer, township_side.invitation("officer-canary", TOLD_TOWNSHIP))
    officer.locator("a.task.red").first.click()
    expect(officer.locator(".family")).to_contain_text(f"{head} {ADDRESS} 拨打 {NUMBER}", use_inner_text=True)
    answer_in_words(officer, WRITTEN)
    urls += officer.locator("[href], [action]").evaluate_all("all => all.map(e => e.href || e.action)")
    assert Deadline(20).reached(lambda: bool(receiver.received)), township_side.log()

    everything = {**topics_bytes(bus), **dict(pages_and_files(bus)), **dict(township_side.left_behind())}
    everything["urls"] = "\n".join(unquote(url) for url in urls if not url.startswith("tel:")).encode()
    everything["printed"] = (printed.stdout + printed.stderr).encode()
    everything["webhooks"] = b"\n".join(each.body for each in receiver.received)

    assert places_of([head, ADDRESS, NUMBER, identity_number(order)], everything) == []
    assert {where for where, _ in places_of([WRITTEN], everything)} == {"store.db"}
    for where, is_there in SEEN.items():
        assert is_there in everything[where].decode(errors="replace"), "what is there is found"


def test_nothing_is_wider_than_a_narrow_phone(township_side: InboxPrograms, browser: Browser) -> None:
    officer = opened(browser, NARROW)
    officer.goto(f"{township_side.url}/sign-in")
    readable(officer)
    accept(officer, township_side.invitation("officer-narrow", STORIES["narrow"][1]))
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
    township_side: InboxPrograms, browser: Browser
) -> None:
    first, second = opened(browser, PHONE), opened(browser, PHONE)
    accept(first, township_side.invitation("officer-first", STORIES["two"][1]))
    accept(second, township_side.invitation("officer-second", STORIES["two"][1]))
    first.locator("a.task.red").first.click()
    second.goto(first.url)
    second.click(".choices .rejected summary")

    first.click(".choices .confirmed summary")
    first.click(".choices .confirmed button")

    expect(second.locator("#answer")).to_contain_text("已有人答复：情况属实", timeout=SECONDS)
    expect(second.locator(".choices")).to_have_count(0)
    second.click("text=查看最新情况")
    expect(second.locator("#doings")).to_contain_text("officer-first：情况属实")
