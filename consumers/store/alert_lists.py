"""What pages show of alerts: one with its versions, lists in pages, counts."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, select, true, tuple_

from consumers.store.alert_counts import ALERT_COUNT, NOWHERE
from consumers.store.alert_stages import ALERT_STAGE
from consumers.store.alerts import ALERT, ALERT_VERSION, DISOWNED, urgency_of
from consumers.store.marks import ALERT_MARK, IS_MONITORED
from consumers.store.metadata import can_be_stored

_SHOWN = (
    *(ALERT.c.alert_id, ALERT.c.version, ALERT.c.status, ALERT.c.level, ALERT.c.known_at, ALERT.c.content),
    *(ALERT.c.urgency, ALERT.c.raised_at),
)
_NEWEST = select(*_SHOWN, ALERT_STAGE.c.red_since).select_from(ALERT.outerjoin(ALERT_STAGE))
_ORDER = (ALERT.c.urgency, ALERT.c.raised_at, ALERT.c.alert_id)


@dataclass(frozen=True, slots=True)
class Stored:
    """An alert, or one version of it.

    Attributes:
        known_at: the source record's Kafka timestamp, ms.
        content: the whole decoded alert.
        red_since: of the newest version: since when it is red and nobody took note, ms.

    """

    alert_id: str
    version: int
    status: str
    level: str
    known_at: int
    content: dict[str, Any]
    red_since: int | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which alerts a list shows.

    Attributes:
        township: this one's only; None is the county's view of all.
        status: only of this state; where None, `is_open` says which.
        level: only of this level.
        not_mine: only those that their township disowned, whatever their state.
        mark: only those with this mark (consumers.store.marks), whatever their state.
        monitored: of them only those of households that the county ever included.

    """

    township: str | None
    status: str | None = None
    is_open: bool = True
    level: str | None = None
    not_mine: bool = False
    mark: str | None = None
    monitored: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of a list ended: pass it on to read the next."""

    urgency: int
    raised_at: int
    alert_id: str


@dataclass(frozen=True, slots=True)
class Count:
    """How many alerts of a township have a level and a state."""

    township_code: str | None
    level: str
    status: str
    alerts: int


def alert_of(conn: Connection, alert_id: str, township: str | None) -> Stored | None:
    """Newest version of an alert.

    Args:
        conn: where to look.
        alert_id: which.
        township: who asks: only its own alerts are found; None is the county.

    """
    if not can_be_stored(alert_id):
        return None
    found = _NEWEST.where(ALERT.c.alert_id == alert_id, _seen_by(township))
    row = conn.execute(found).first()
    return _stored(row) if row else None


def versions_of(conn: Connection, alert_id: str) -> list[Stored]:
    """All versions of an alert, the oldest first."""
    of_alert = ALERT_VERSION.c.alert_id == alert_id
    found = select(*(ALERT_VERSION.c[column.name] for column in _SHOWN[:6])).where(of_alert)
    return [_stored(row) for row in conn.execute(found.order_by(ALERT_VERSION.c.version))]


def list_alerts(
    conn: Connection, wanted: Wanted, limit: int, after: Place | None = None
) -> tuple[list[Stored], Place | None]:
    """One page of a list, the most urgent first, among them the oldest; and where the next page begins, if any."""
    rows = conn.execute(_page(wanted, after).limit(limit + 1)).all()
    more = len(rows) > limit
    shown = rows[:limit]
    place = Place(shown[-1].urgency, shown[-1].raised_at, shown[-1].alert_id) if more else None
    return [_stored(row) for row in shown], place


def _page(wanted: Wanted, after: Place | None) -> Select[Any]:
    if wanted.mark is not None:
        return _page_of_mark(wanted, wanted.mark, after)
    kind = ALERT.c.status == wanted.status if wanted.status else ALERT.c.is_open == wanted.is_open
    kind = DISOWNED if wanted.not_mine else kind
    found = _NEWEST.where(_seen_by(wanted.township), kind)
    if wanted.level is None:
        found = found.order_by(*_ORDER)
        return found.where(tuple_(*_ORDER) > (after.urgency, after.raised_at, after.alert_id)) if after else found
    within = _ORDER[1:]  # of one level all are as urgent: so the index is read in its order
    found = found.where(ALERT.c.urgency == urgency_of(wanted.level), ALERT.c.level == wanted.level).order_by(*within)
    return found.where(tuple_(*within) > (after.raised_at, after.alert_id)) if after else found


def _page_of_mark(wanted: Wanted, mark: str, after: Place | None) -> Select[Any]:
    """In the order of the marks' own index."""
    order = (ALERT_MARK.c.urgency, ALERT_MARK.c.raised_at, ALERT_MARK.c.alert_id)
    found = _NEWEST.join(ALERT_MARK, ALERT_MARK.c.alert_id == ALERT.c.alert_id).where(ALERT_MARK.c.mark == mark)
    found = found.where(_seen_by(wanted.township))
    if wanted.level is not None:
        found = found.where(ALERT.c.level == wanted.level)
    if wanted.monitored:
        found = found.where(IS_MONITORED)
    found = found.order_by(*order)
    return found.where(tuple_(*order) > (after.urgency, after.raised_at, after.alert_id)) if after else found


def count_alerts(conn: Connection, township: str | None) -> list[Count]:
    """Alerts by township, level and state; of all townships where `township` is None."""
    found = select(ALERT_COUNT).where(ALERT_COUNT.c.alerts > 0)
    if township is not None:
        found = found.where(ALERT_COUNT.c.township_code == township)
    return [Count(None if code == NOWHERE else code, *counted) for code, *counted in conn.execute(found)]


def count_not_mine(conn: Connection) -> int:
    """How many alerts wait for the county to say whose they are; few, so they are counted."""
    return conn.execute(select(func.count()).select_from(ALERT).where(DISOWNED)).scalar_one()


def places_of(conn: Connection, alert_ids: Collection[str]) -> dict[str, tuple[str | None, str | None]]:
    """Township and village of alerts, by id."""
    found = select(ALERT.c.alert_id, ALERT.c.township_code, ALERT.c.village_code).where(ALERT.c.alert_id.in_(alert_ids))
    return {alert_id: (township, village) for alert_id, township, village in conn.execute(found)}


def _seen_by(township: str | None) -> ColumnElement[bool]:
    return and_(true(), ALERT.c.township_code == township) if township is not None else true()


def _stored(row: Row[*tuple[Any, ...]]) -> Stored:
    content = msgspec.json.decode(row.content, type=dict[str, Any])
    red_since = getattr(row, "red_since", None)  # versions have none
    return Stored(row.alert_id, row.version, row.status, row.level, row.known_at, content, red_since)
