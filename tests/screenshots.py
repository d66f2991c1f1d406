"""Pictures of the inbox, on a phone and on a desk, and of the public's form: python -m tests.screenshots [FOLDER].

Nobody in them exists; they are made again whenever a page changes.
"""

from __future__ import annotations

import argparse
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import uvicorn
from PIL import Image
from playwright.sync_api import Browser, Page
from starlette.types import ASGIApp

from consumers.inbox.app import create_app
from consumers.inbox.feeds import Feeds, Last
from consumers.store.area_alerts import apply_area_alert
from consumers.store.database import open_store, writing
from consumers.store.tasks import Message, put_messages
from deploy.up.ports import free_port
from deploy.up.program import Deadline
from schemas.beijing import DAY_MS, day_number
from tests.alerts import KNOWN_AT, TOWNSHIP, alert, cause, feed_late
from tests.chromium import DESKTOP, PHONE, chromium
from tests.offices import PASSWORD, PLACES, TestOffice
from tests.reports import ReportsHere, done, lists
from tests.rows import numbered

PICTURES = {
    "officer": {"tasks": "/tasks", "alert": "/alerts/a_k7q2mxw1", "answer": "/alerts/a_k7q2mxw1"},
    "county": {"county": "/county"},
}
WEST, NORTH = "220302002", "220302003"
NAMES = {WEST: "西河乡", NORTH: "北岭镇", f"{TOWNSHIP}202": "河口村", f"{WEST}201": "柳林村", f"{NORTH}201": "石桥村"}
SIDES = (
    (WEST, "red", "ALERTED"),
    (NORTH, "orange", "CONFIRMED"),
    (WEST, "orange", "VERIFYING"),
    (NORTH, "yellow", "ALERTED"),
    (WEST, "orange", "CLEAR_PROPOSED"),
)


def why(rule: str, level: str, name: str, title: str, text: str, department: str) -> dict[str, Any]:
    said = {"title": title, "text": text, "departments": [department], "band": ""}
    when = {"first_occurred_at": KNOWN_AT - 200 * DAY_MS, "last_occurred_at": KNOWN_AT - 5 * DAY_MS}
    return cause(rule, level, name) | said | when


COSTS = "医保：2026年3月2日至9月12日，12笔医疗费用的个人自付合计超出低收入家庭预警线1倍以上。"
ILL = why("R-A", "red", "illness", "家庭医疗自付费用高", COSTS, "health_insurance")
HOUSE = why("R-B", "orange", "house", "住房鉴定为危房", "住建：2026年8月1日，住房鉴定为C级。", "housing")
FEE = why("R-C", "yellow", "schooling", "学费拖欠", "教育：2026年9月1日，拖欠学费30天以上。", "education")
ALLOWANCE = {"measure": "M07", "department": "civil_affairs", "event_id": "D-7"}
HELP = {
    "missing_help": ["M04", "M10", "M14", "M17"],
    "suggested": ["M10", "M17", "M14", "M04", "M07"],
    "labour": "weak",
    "insurer_nudge": True,
    "given_help": [{**ALLOWANCE, "occurred_at": KNOWN_AT - 90 * DAY_MS}],
    "proposed_class": "unstable",
}


def fill(office: TestOffice) -> None:
    """A morning in a small county."""
    shown: dict[str, Any] = {"alert_id": "a_k7q2mxw1", "household_id": "H-1", **HELP}
    shown |= {"as_of": {"health_insurance": day_of(9, 20), "housing": day_of(8, 1)}, "grid_code": f"{TOWNSHIP}201003"}
    office.arrive(
        alert(1, "orange", **shown, causes=[HOUSE], known_at=KNOWN_AT - 20 * DAY_MS),
        alert(2, "red", **shown, causes=[ILL, HOUSE]),
        alert(
            alert_id="a_2",
            level="red",
            causes=[ILL],
            raised_at=KNOWN_AT - 2 * DAY_MS,
            known_at=KNOWN_AT - 2 * DAY_MS,
            village_code=f"{TOWNSHIP}202",
        ),
        alert(alert_id="a_3", level="orange", causes=[HOUSE], status="ACKED", raised_at=KNOWN_AT - DAY_MS),
        alert(alert_id="a_4", level="yellow", causes=[FEE], village_code=f"{TOWNSHIP}202"),
        alert(alert_id="a_5", level="yellow", causes=[FEE], status="ACKED", not_mine=True, township_code=WEST),
        *(alert(alert_id=f"a_s{n}", level=lv, township_code=t, status=s) for n, (t, lv, s) in enumerate(SIDES)),
    )
    office.book("H-1", "赵大山", "红旗村三组12号", "13900000001")
    with writing(office.engine) as conn:
        put_messages(conn, [Message("a_k7q2mxw1", 2, TOWNSHIP, "level_up", "red", "orange", KNOWN_AT)])
        put_messages(conn, [Message("a_s3", 1, "county", "raised", "yellow", None, KNOWN_AT)])
    feeds = {"health_insurance": Last(KNOWN_AT - DAY_MS // 12, day_of(9, 20), 1284, 3)}
    feeds |= {"civil_affairs": Last(KNOWN_AT - 3 * DAY_MS, day_of(9, 15), 88, 0)}
    feeds |= {"housing": Last(KNOWN_AT - 40 * DAY_MS, day_of(8, 1), 240, 12)}
    covered = {code: last.covers_to for code, last in feeds.items() if last.covers_to is not None}
    office.feeds = Feeds(feeds, 48_210, 47_988, KNOWN_AT, positions=covered)
    with writing(office.engine) as conn:
        apply_area_alert(conn, feed_late(subjects=["disability", "2026-06-30"], title="残联推送迟到"), KNOWN_AT)


def day_of(month: int, day: int) -> int:
    return day_number(date(2026, month, day))


@contextmanager
def served(app_at: Callable[[str], ASGIApp]) -> Iterator[str]:
    """Address of an application while it is served; it is made once its address is known."""
    url = f"http://127.0.0.1:{(port := free_port())}"
    server = uvicorn.Server(uvicorn.Config(app_at(url), port=port, log_config=None))
    thread = threading.Thread(target=server.run)
    thread.start()
    assert Deadline(20).reached(lambda: server.started)
    yield url
    server.should_exit = True
    thread.join(10)


def take_inbox(browser: Browser, url: str, folder: Path) -> None:
    """Tasks, an alert and its answer as an officer sees them, and the county's view; what fits on the screen."""
    for name, pages in PICTURES.items():
        for device, size in {"phone": PHONE, "desk": DESKTOP}.items():
            page = opened(browser, size)
            page.goto(f"{url}/sign-in")
            page.fill("input[name=name]", name)
            page.fill("input[name=password]", PASSWORD)
            page.click("main button")
            for picture, path in pages.items():
                page.goto(url + path)
                if picture == "answer":
                    page.click(".choices .rejected summary")
                shoot(page, folder / f"inbox-{picture}-{device}.png")


def take_reports(browser: Browser, url: str, here: ReportsHere, folder: Path) -> None:
    """The public's form, the receipt, and the answer; whole pages."""
    page = opened(browser, (PHONE[0], 400))
    page.goto(url)
    shoot(page, folder / "report-form-phone.png", whole=True)
    page.get_by_label("谁有困难").fill(numbered(1))
    page.get_by_label("看病花费大").check()
    page.get_by_label("我同意").check()
    page.get_by_role("button", name="提交").click()
    shoot(page, folder / "report-receipt-phone.png", whole=True)
    number = page.locator("#number").inner_text()
    answer = done("rejected", 1, reason="already_recovered")
    here.tell(lists(1, [number]), lists(2, [], status="REJECTED", actions=[answer]))
    page.get_by_role("button", name="看办理进度").click()
    shoot(page, folder / "report-status-phone.png", whole=True)


def opened(browser: Browser, size: tuple[int, int]) -> Page:
    width, height = size
    return browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN").new_page()


def shoot(page: Page, file: Path, *, whole: bool = False) -> None:
    page.screenshot(path=file, full_page=whole)
    make_small(file)


def make_small(file: Path) -> None:
    """Few colours are enough for pages of text, and a third of the bytes."""
    with Image.open(file) as picture:
        few = picture.convert("RGB").quantize(128, Image.Quantize.MEDIANCUT, kmeans=3, dither=Image.Dither.NONE)
    few.save(file, optimize=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=Path("docs/images"))
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    PLACES.update(NAMES)
    with tempfile.TemporaryDirectory() as scratch:
        office = TestOffice(open_store(f"sqlite:///{scratch}/store.db"))
        office.person("officer")
        office.person("county", None)
        fill(office)
        here = ReportsHere(Path(scratch))
        with (
            chromium() as browser,
            served(lambda url: create_app(replace(office.office, url=url))) as inbox,
            served(lambda _: here.app) as report,
        ):
            take_inbox(browser, inbox, folder)
            take_reports(browser, report, here, folder)
        office.engine.dispose()
        here.close()


if __name__ == "__main__":
    main()
