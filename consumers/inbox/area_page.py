"""What concerns the county, not one household, such as a person whom the register puts into two of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from consumers.inbox.deadline import moment
from consumers.inbox.task_list import place_of
from consumers.inbox.visit import Answer, Visit, not_found
from consumers.inbox.words import AREAS
from consumers.store.area_alerts import StoredArea, area_alert_of, list_area_alerts
from consumers.store.database import reading, writing
from consumers.store.tasks import mark_read

_SHOWN, _SETTLED_SHOWN = 100, 20


class AreaLine(NamedTuple):
    """One of them in words."""

    alert_id: str
    title: str
    place: str
    text: str
    at: str
    is_open: bool


def areas_page(visit: Visit) -> Answer:
    """Those that somebody has to look at, and those that were settled last."""
    with reading(visit.office.engine) as conn:
        found = list_area_alerts(conn, _SHOWN), list_area_alerts(conn, _SETTLED_SHOWN, is_open=False)
    waiting, settled = ([area_line(stored, visit.office.places) for stored in part] for part in found)
    return Answer("areas.html", {"waiting": waiting, "settled": settled})


def area_page(visit: Visit) -> Answer:
    """One of them; whoever opens it has read its messages."""
    area_id = visit.params["area_id"]
    with writing(visit.office.engine) as conn:
        stored = area_alert_of(conn, area_id)
        if stored is None:
            return not_found()
        mark_read(conn, area_id, visit.inbox, visit.me.id, visit.now)
    return Answer("area.html", {"line": area_line(stored, visit.office.places)})


def area_line(stored: StoredArea, places: Mapping[str, str]) -> AreaLine:
    """How it stands in a list."""
    content = stored.content
    place = place_of(content["township_code"], content["village_code"], places)
    title = AREAS.get(stored.kind, stored.kind)
    return AreaLine(stored.alert_id, title, place, content["text"], moment(stored.known_at), stored.is_open)
