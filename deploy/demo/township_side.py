"""The demo's townships: the roster, and who may sign in."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from deploy.demo.bus import DemoBus, DemoError
from deploy.demo.found import Alert
from producers.county_book import places

_OPEN_SECONDS = 20
_URGENT = ("red", "orange", "yellow")
_ENDED = ("WITHDRAWN", "REJECTED", "ALREADY_COVERED", "CLOSED")


@dataclass(frozen=True, slots=True)
class Link:
    """A link that works once: whoever opens it chooses a password."""

    whose: str
    address: str


def write_roster(data_dir: Path) -> None:
    """Write the roster that `alertbus up` finds by itself: every township has its inbox, places have names."""
    lines = []
    for code, (name, villages) in places().items():
        lines += [f"[townships.{code}]", f'name = "{name}"', 'channels = [{ channel = "inbox" }]']
        lines += [f"[townships.{code}.villages]", *(f'{village} = "{named}"' for village, named in villages.items())]
    (data_dir / "roster.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def most_urgent(alerts: list[Alert]) -> str:
    """Township with the most red open alerts; among equals the orange and then the yellow ones decide."""
    counted: dict[str, Counter[str]] = {code: Counter() for code in places()}
    for alert in alerts:
        if alert["township_code"] in counted and alert["status"] not in _ENDED:
            counted[str(alert["township_code"])][str(alert["level"])] += 1
    return max(counted, key=lambda code: [counted[code][level] for level in _URGENT])


def invite(bus: DemoBus, township: str) -> list[Link]:
    """Invite an officer of a township, and somebody of the county.

    Raises:
        DemoError: a command failed.

    """
    name = places()[township][0]
    return [
        Link(f"{name}干部", _invited(bus, f"演示账号（{name}）", "--township", township)),
        Link("县级人员", _invited(bus, "演示账号（县级）", "--county")),
    ]


def _invited(bus: DemoBus, *whom: str) -> str:
    answer = bus.run("accounts", "invite", *whom, "--json")
    if answer.exit_code:
        raise DemoError(f"accounts invite: {answer.err}")
    return str(json.loads(answer.out)["link"])


def unopened(links: Iterable[Link]) -> list[str]:
    """Links that do not open, in words; opening one uses nothing up."""
    return [f"{link.whose}: {error}" for link in links if (error := _error_of(link.address))]


def _error_of(address: str) -> str:
    try:
        with urlopen(address, timeout=_OPEN_SECONDS):
            return ""
    except (URLError, TimeoutError) as error:
        return f"the page does not open: {error}"
