"""What concerns no single household: a person in two, a feed that is late, troubles of villages, regional risks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import Connection

from consumers.inbox.deadline import moment
from consumers.inbox.sight import COUNTY
from consumers.inbox.task_list import place_of
from consumers.inbox.visit import Answer, Visit, not_found
from consumers.inbox.words import AREA_ENDS, AREAS, ENDS
from consumers.store.area_alerts import StoredArea, area_alert_of, concerns, list_area_alerts
from consumers.store.database import reading, writing
from consumers.store.tasks import mark_read

_SHOWN, _SETTLED_SHOWN = 100, 20
_WHOLE_COUNTY = "全县"


class AreaLine(NamedTuple):
    """One of them in words.

    Attributes:
        link: to its page, for whoever reads the line.
        kind: what it is about, see schemas/area_alert.v2.avsc.
        ends: how it ends by itself.

    """

    alert_id: str
    link: str
    level: str
    title: str
    place: str
    text: str
    at: str
    is_open: bool
    kind: str
    ends: str


def areas_page(visit: Visit) -> Answer:
    """Those that somebody has to look at, and those that were settled last: all for the county, else a township's."""
    own = _township_of(visit)
    with reading(visit.office.engine) as conn:
        found = (
            list_area_alerts(conn, _SHOWN, township=own),
            list_area_alerts(conn, _SETTLED_SHOWN, is_open=False, township=own),
        )
    waiting, settled = ([line_for(visit, stored) for stored in part] for part in found)
    return Answer("areas.html", {"waiting": waiting, "settled": settled, "is_county": own is None})


def areas_of(conn: Connection, visit: Visit, limit: int) -> list[AreaLine]:
    """What a township's officer has to look at besides households."""
    return [line_for(visit, stored) for stored in list_area_alerts(conn, limit, township=_township_of(visit))]


def area_page(visit: Visit) -> Answer:
    """One of them; whoever opens it has read its messages."""
    area_id = visit.params["area_id"]
    with writing(visit.office.engine) as conn:
        stored = area_alert_of(conn, area_id)
        own = _township_of(visit)
        if stored is None or (own is not None and not concerns(stored.content, own)):
            return not_found()
        mark_read(conn, area_id, visit.inbox, visit.me.id, visit.now)
    return Answer("area.html", {"line": line_for(visit, stored), "is_county": own is None})


def line_for(visit: Visit, stored: StoredArea) -> AreaLine:
    """How it stands in a list of whoever visits."""
    return area_line(stored, visit.office.places, link_to(stored.alert_id, is_county=_township_of(visit) is None))


def link_to(alert_id: str, *, is_county: bool) -> str:
    """Page of an area alert, for the county or for a township."""
    return f"/county/area/{alert_id}" if is_county else f"/areas/{alert_id}"


def area_line(stored: StoredArea, places: Mapping[str, str], link: str) -> AreaLine:
    """How it stands in a list."""
    content = stored.content
    codes = content["township_code"], content["village_code"]
    place = _WHOLE_COUNTY if codes == (None, None) else place_of(*codes, places)
    return AreaLine(
        stored.alert_id,
        link,
        stored.level,
        content.get("title") or AREAS.get(stored.kind, stored.kind),
        place,
        content["text"],
        moment(stored.known_at),
        stored.is_open,
        stored.kind,
        ENDS.get(stored.kind, AREA_ENDS),
    )


def _township_of(visit: Visit) -> str | None:
    """Whose lists these are; None: the county's, which sees everything."""
    return None if visit.me.role == COUNTY else visit.me.township_code or ""
