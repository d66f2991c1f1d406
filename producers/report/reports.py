"""Reports in the store: taken, found, answered, counted."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, Row, delete, func, insert, select, update

from producers.message import Message
from producers.report.report import Report
from producers.report.standing import Arrival, Standing
from producers.report.store import OUTBOX, REPORTS
from producers.report.thread import Answer

_OF_ANSWER = ("answer_known_at", "answer_ordinal", "answered_at", "result", "reason")


class Kept(NamedTuple):
    """A report as the store has it."""

    report: Report
    standing: Standing
    arrival: Arrival
    withdrawn_at: int | None
    content: bytes


def put_report(conn: Connection, report: Report, message: Message, token: bytes, content: bytes) -> None:
    """Keep a report, and its record until the bus has it."""
    row = report._asdict() | {"need": ";".join(report.need), "token": token, "content": content}
    conn.execute(insert(REPORTS).values(row))
    put_message(conn, message, report.accepted_at)


def put_message(conn: Connection, message: Message, now: int) -> None:
    """Keep a record until the bus has it."""
    conn.execute(insert(OUTBOX).values(message._asdict() | {"since": now}))


def report_of(conn: Connection, number: str) -> Kept | None:
    """Report of a number."""
    row = conn.execute(select(REPORTS).where(REPORTS.c.number == number)).one_or_none()
    return _kept(row) if row else None


def report_by_token(conn: Connection, token: bytes) -> Kept | None:
    """Report that was made with a form, or under an idempotency key."""
    row = conn.execute(select(REPORTS).where(REPORTS.c.token == token)).one_or_none()
    return _kept(row) if row else None


def open_reports(conn: Connection) -> list[Kept]:
    """All that have no answer yet, oldest first."""
    rows = conn.execute(select(REPORTS).where(REPORTS.c.result.is_(None)).order_by(REPORTS.c.accepted_at))
    return [_kept(row) for row in rows]


def reports_since(conn: Connection, person_id: str, since: int) -> int:
    """How many reports there are on a person since a moment."""
    of_person = (REPORTS.c.person_id == person_id) & (REPORTS.c.accepted_at >= since)
    return conn.execute(select(func.count()).select_from(REPORTS).where(of_person)).scalar_one()


def withdraw(conn: Connection, number: str, now: int) -> None:
    """Note that the reporter took a report back."""
    conn.execute(update(REPORTS).where(REPORTS.c.number == number).values(withdrawn_at=now))


def note_standing(conn: Connection, number: str, standing: Standing) -> None:
    """Note where a report stands."""
    answer = standing.answer
    what = {"state": standing.state, "looked_at": standing.looked_at}
    said = dict(zip(_OF_ANSWER, msgspec.structs.astuple(answer), strict=True)) if answer else {}
    conn.execute(update(REPORTS).where(REPORTS.c.number == number).values(what | said))


def note_arrival(conn: Connection, number: str, arrival: Arrival) -> None:
    """Note what became of a report's event."""
    conn.execute(update(REPORTS).where(REPORTS.c.number == number).values(arrival._asdict()))


def accepted(conn: Connection) -> int:
    """How many receipts were given."""
    return conn.execute(select(func.count()).select_from(REPORTS)).scalar_one()


def counts(conn: Connection) -> dict[str, int]:
    """Reports by state, concluded ones by result."""
    by = func.coalesce(REPORTS.c.result, REPORTS.c.state)
    return {str(name): number for name, number in conn.execute(select(by, func.count()).group_by(by))}


def waiting(conn: Connection, most: int) -> list[tuple[int, Message]]:
    """Records that the bus does not have yet, in order, with their places."""
    rows = conn.execute(select(OUTBOX).order_by(OUTBOX.c.place).limit(most))
    return [(row.place, Message(row.topic, row.partition, row.key, row.value)) for row in rows]


def waiting_since(conn: Connection) -> tuple[int, int | None]:
    """How many records the bus does not have yet, and since when the first waits, ms."""
    number, since = conn.execute(select(func.count(), func.min(OUTBOX.c.since))).one()
    return number, since


def sent(conn: Connection, places: Iterable[int]) -> None:
    """Forget records that the bus has confirmed."""
    conn.execute(delete(OUTBOX).where(OUTBOX.c.place.in_(list(places))))


def _kept(row: Row[Any]) -> Kept:
    said = {name: getattr(row, name) for name in Report._fields}
    answer = Answer(*(getattr(row, name) for name in _OF_ANSWER)) if row.result else None
    standing = Standing(row.state, answer, row.looked_at)
    report = Report(**said | {"need": tuple(said["need"].split(";"))})
    return Kept(report, standing, Arrival(row.parked_now, row.dead_lettered), row.withdrawn_at, row.content)
