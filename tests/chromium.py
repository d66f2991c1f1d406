"""Debian's real Chromium, headless, driven by Playwright; and what can be measured of a page that it shows."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

PHONE, NARROW, DESKTOP = (390, 844), (360, 740), (1280, 800)
_LEAST_SIZE, _LEAST_CONTRAST = 16, 4.5

_MEASURED = """() => {
  const canvas = new OffscreenCanvas(1, 1).getContext('2d', {willReadFrequently: true});
  const rgba = (css) => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = css; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = (c) => {
    const linear = (v) => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
    const [r, g, b] = c.slice(0, 3).map((v) => linear(v / 255));
    return .2126 * r + .7152 * g + .0722 * b;
  };
  const behind = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const colour = rgba(getComputedStyle(e).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return [255, 255, 255, 255];
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim(), element = walker.currentNode.parentElement;
    if (!text || !element.checkVisibility() || ['SCRIPT', 'STYLE'].includes(element.tagName)) continue;
    const style = getComputedStyle(element);
    const [a, b] = [light(rgba(style.color)), light(behind(element))].sort((x, y) => y - x);
    found.push({text: text.slice(0, 20), size: parseFloat(style.fontSize), contrast: (a + .05) / (b + .05)});
  }
  return found;
}"""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Return a headless browser; as root it runs without its sandbox, as nothing else is possible."""
    program = shutil.which("chromium")
    assert program, "no Chromium: run `make test`, which installs it"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program)
        yield browser
        browser.close()


def texts(page: Page) -> list[dict[str, Any]]:
    """Every text that can be seen: its beginning, size in px, contrast with what is behind it."""
    page.wait_for_load_state()  # after a click the next page may have begun without anything in it
    found: list[dict[str, Any]] = page.evaluate(_MEASURED)
    assert found
    return found


def hard_to_read(page: Page) -> list[dict[str, Any]]:
    """Texts that are too small or too pale."""
    return [t for t in texts(page) if t["size"] < _LEAST_SIZE or t["contrast"] < _LEAST_CONTRAST]


def scrolls_sideways(page: Page) -> bool:
    """Whether anything is wider than the window."""
    return bool(page.evaluate("document.documentElement.scrollWidth > window.innerWidth"))


def in_view(page: Page, selector: str) -> bool:
    """Whether an element can be seen whole without scrolling, with nothing before it."""
    return bool(
        page.evaluate(
            """(selector) => {
              const element = document.querySelector(selector), box = element.getBoundingClientRect();
              const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
              return scrollY === 0 && box.top >= 0 && box.bottom <= innerHeight && box.right <= innerWidth
                && element.contains(top);
            }""",
            selector,
        )
    )
