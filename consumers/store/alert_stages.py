"""How far each alert has come with people, so that each stage is measured once. Rebuilt from Kafka with the alerts."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from sqlalchemy import Column, Connection, ForeignKey, Index, Table, Text, func, select

from consumers.store.metadata import METADATA, Instant, insert_into

ALERT_STAGE = Table(
    "alert_stage",
    METADATA,
    Column("alert_id", Text, ForeignKey("alert.alert_id"), primary_key=True),
    Column("published_at", Instant),
    Column("notified_at", Instant),
    Column("acknowledged_at", Instant),
    Column("verified_at", Instant),
    Column("red_since", Instant),
)
Index(
    "ix_alert_stage_red",
    ALERT_STAGE.c.red_since,
    sqlite_where=ALERT_STAGE.c.red_since.is_not(None),
    postgresql_where=ALERT_STAGE.c.red_since.is_not(None),
)


class Progress(NamedTuple):
    """What is remembered of one alert; instants in ms, None: not yet.

    Attributes:
        published_at: when the version came onto the bus of which somebody had to be told first.
        red_since: since when it is red without anybody having taken note; None while it is not.

    """

    published_at: int | None = None
    notified_at: int | None = None
    acknowledged_at: int | None = None
    verified_at: int | None = None
    red_since: int | None = None


def stages_of(conn: Connection, alert_ids: Collection[str]) -> dict[str, Progress]:
    """What is remembered of these alerts, by id; who else would change it waits until this transaction's end."""
    rows = select(ALERT_STAGE).where(ALERT_STAGE.c.alert_id.in_(alert_ids)).order_by(ALERT_STAGE.c.alert_id)
    return {alert_id: Progress(*instants) for alert_id, *instants in conn.execute(rows.with_for_update())}


def remember_stages(conn: Connection, stages: Mapping[str, Progress]) -> None:
    """Put what is known now in the place of what was remembered."""
    rows = [{"alert_id": alert_id, **known._asdict()} for alert_id, known in sorted(stages.items())]
    if rows:
        new = insert_into(conn, ALERT_STAGE)
        changed = {name: new.excluded[name] for name in Progress._fields}
        conn.execute(new.on_conflict_do_update(index_elements=(ALERT_STAGE.c.alert_id,), set_=changed), rows)


def first_told(conn: Connection, alert_ids: Collection[str], now: int) -> list[int]:
    """Note that somebody was told of these alerts; of those never told before, when they came onto the bus (ms)."""
    if not alert_ids:
        return []
    untold = ALERT_STAGE.c.alert_id.in_(set(alert_ids)), ALERT_STAGE.c.notified_at.is_(None)
    published_at = ALERT_STAGE.c.published_at
    noted = ALERT_STAGE.update().where(*untold, published_at.is_not(None)).values(notified_at=now)
    return list(conn.execute(noted.returning(published_at)).scalars())


def red_unseen(conn: Connection) -> tuple[int, int | None]:
    """How many red alerts nobody has taken note of, and since when the oldest waits (ms)."""
    found = select(func.count(), func.min(ALERT_STAGE.c.red_since)).where(ALERT_STAGE.c.red_since.is_not(None))
    number, oldest = conn.execute(found).one()
    return number, oldest
