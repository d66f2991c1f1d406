"""A change of an alert -> who hears of it, and on which way. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from consumers.channels import INBOX
from consumers.notify_changes import RESTORED, Change
from consumers.roster import COUNTY, Roster, Route


class Notice(NamedTuple):
    """One change on its way to one recipient."""

    change: Change
    route: Route


def notices(changes: Iterable[Change], roster: Roster) -> tuple[Notice, ...]:
    """Who is told what; the county where nobody is listed. Nobody is told two things of one version on one way."""
    chosen: dict[tuple[str, str], Notice] = {}
    for change in changes:
        for route in _ways(change, roster):
            chosen.setdefault((route.recipient, route.address.channel), Notice(change, route))
    return tuple(chosen.values())


def _ways(change: Change, roster: Roster) -> tuple[Route, ...]:
    """What was told before is put right where the tasks are; only who has no inbox hears of it as of news."""
    routes = roster.routes[listed_for(change.township, roster)]
    inboxes = tuple(route for route in routes if route.address.channel == INBOX)
    return inboxes if change.kind == RESTORED and inboxes else routes


def listed_for(township: str | None, roster: Roster) -> str:
    """Township whose people are told: itself, or COUNTY where nobody is listed there."""
    return township if township and roster.routes.get(township) else COUNTY


def is_county(recipient: str) -> bool:
    """Whether a recipient is of the county."""
    return recipient.partition("/")[0] == COUNTY
