"""The public's form in a real browser at phone width, with scripts off: filled in, looked up, answered, appealed.

Nothing of what was typed is found anywhere afterwards.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, Page, expect

from deploy.up.program import Deadline
from producers.report.number import event_id_of
from tests.chromium import NARROW, PHONE, chromium, hard_to_read, scrolls_sideways
from tests.live_gateway import LiveGateway, gateway_on
from tests.people import identity_number, json_lines, member
from tests.running_bus import RunningBus
from tests.test_actions_bus import Officer
from tests.test_privacy import topics_bytes

pytestmark = pytest.mark.kafka

NUMBER, PHONE_NUMBER, NAME = identity_number(77, "19580304"), "13904567711", "欧阳金丝雀"
MILLISECONDS = 40_000
PICTURES = os.environ.get("PICTURES")
"""Folder into which pictures of the pages go; none are taken without it."""


@pytest.fixture(scope="module")
def site(bus: RunningBus, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveGateway]:
    folder = tmp_path_factory.mktemp("report-page")
    with gateway_on(bus.bootstrap_servers, bus.data_dir / "county.key", folder, program="report") as live:
        yield live


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


def opened(browser: Browser, size: tuple[int, int]) -> tuple[Page, list[str]]:
    """A page without scripts, and the addresses that it asks for."""
    width, height = size
    context = browser.new_context(
        viewport={"width": width, "height": height}, locale="zh-CN", java_script_enabled=False
    )
    page, asked = context.new_page(), list[str]()
    page.set_default_timeout(MILLISECONDS)
    page.on("request", lambda request: asked.append(unquote(request.url)))
    return page, asked


def looked_at(page: Page, name: str) -> None:
    """Everything can be read, nothing is cut off."""
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"report-{name}.png", full_page=True)
    assert hard_to_read(page) == []
    assert not scrolls_sideways(page)


def fill(page: Page, phone: str) -> None:
    page.get_by_label("谁有困难").fill(NUMBER)
    page.get_by_label("自己或自家人").check()
    page.get_by_label("看病花费大").check()
    page.get_by_label("您的电话").fill(phone)
    page.get_by_label("您从哪里知道").select_option(label="亲戚邻居告诉的")
    page.get_by_label("我同意").check()
    page.get_by_role("button", name="提交").click()


def wait_for(page: Page, words: str) -> None:
    """Press reload, as people do, until the page says so."""
    heading = page.locator("#status h1")
    assert Deadline(MILLISECONDS / 1000).reached(
        lambda: heading.inner_text() == words or (page.reload() is None), every_s=0.3
    )
    expect(heading).to_have_text(words)


def everything(bus: RunningBus, site: LiveGateway, asked: list[str]) -> dict[str, bytes]:
    """All that is left: topics, the program's files and log, its metrics, the addresses asked for."""
    found = dict(topics_bytes(bus))
    found |= {path.name: path.read_bytes() for path in site.folder.iterdir() if path.is_file()}
    with urlopen(f"http://127.0.0.1:{site.metrics_port}/metrics") as page:
        found["metrics"] = page.read()
    return found | {"urls": "\n".join(asked).encode()}


def reported(page: Page, url: str) -> tuple[str, str]:
    """Fill in the form, correct what is wrong, note number and code."""
    page.goto(url)
    looked_at(page, "form")
    fill(page, NAME)
    expect(page.locator("#phone-fault")).to_have_text("电话号码不对，请核对，或者不填")
    looked_at(page, "fault")
    page.get_by_label("您的电话").fill(PHONE_NUMBER)
    page.get_by_role("button", name="提交").click()
    looked_at(page, "receipt")
    return page.locator("#number").inner_text(), page.locator("#pin").inner_text()


def answered(bus: RunningBus, page: Page) -> None:
    """Wait for the alert, have it answered, read the answer."""
    wait_for(page, "核实中")
    looked_at(page, "verifying")
    [alert] = bus.json_lines("alerts", "--household", "RPT-BROWSER")
    (officer := Officer(bus)).does("rejected", alert, "report-browser", reason="already_recovered")
    officer.close()
    wait_for(page, "已办结：经核实，情况不属实")
    expect(page.locator(".reason")).to_have_text("原因：情况已恢复正常。")
    looked_at(page, "concluded")


def test_a_form_on_a_phone_becomes_a_receipt_an_answer_and_an_appeal_and_leaves_no_trace_of_whom(
    bus: RunningBus, site: LiveGateway, browser: Browser, tmp_path: Path
) -> None:
    bus.json("register", json_lines(tmp_path / "r.jsonl", [member(NUMBER, "RPT-BROWSER")]))
    bus.settle()
    page, asked = opened(browser, PHONE)
    number, pin = reported(page, site.url)
    page.goto(f"{site.url}/status")
    page.get_by_label("受理编号").fill(number)
    page.get_by_label("查询码").fill(pin)
    page.get_by_role("button", name="查询").click()
    answered(bus, page)
    page.get_by_role("button", name="不同意，申请重新核实").click()
    again = page.locator("#number").inner_text()
    looked_at(page, "appeal")
    page.get_by_role("button", name="看办理进度").click()
    wait_for(page, "核实中")

    found = everything(bus, site, asked)
    secrets = [text.encode() for text in (NUMBER, NUMBER[:17], NUMBER[6:17], PHONE_NUMBER, NAME)]
    assert [(where, text) for where, content in found.items() for text in secrets if text in content] == []
    assert {text in (site.log.read_text() + " ".join(asked)) for text in (number, pin)} == {False}
    assert event_id_of(again).encode() in found["events.rural_revitalisation"], "what is there is found"
    assert {"report.db", "report.log", "metrics", "urls", "alerts", "feed.outcomes"} <= found.keys()
    assert len(bus.json_lines("alerts", "--household", "RPT-BROWSER")) == 2


def test_an_operators_page_fits_a_narrow_phone_and_reads_out_the_numbers(site: LiveGateway, browser: Browser) -> None:
    page, _ = opened(browser, NARROW)
    page.goto(f"{site.url}/hotline")
    looked_at(page, "hotline-sign-in")
    page.get_by_label("县里发的密钥").fill(site.key("hotline"))
    page.get_by_role("button", name="登录").click()
    looked_at(page, "hotline")
    page.get_by_label("谁有困难").fill(identity_number(78, "19580304"))
    page.get_by_label("别人家").check()
    page.get_by_label("遭了灾").check()
    page.get_by_label("来电人同意").check()
    page.get_by_role("button", name="提交").click()

    expect(page.get_by_text("请读给来电人")).to_be_visible()
    looked_at(page, "hotline-receipt")
    page.get_by_role("button", name="退出").wait_for(state="detached")
    page.get_by_role("link", name="登记下一个来电").click()
    page.get_by_role("button", name="退出").click()
    expect(page.get_by_role("heading", name="话务员登录")).to_be_visible()
