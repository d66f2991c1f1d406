"""Alerts that list reports, in the store: taken in version by version."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert

from producers.report import reports
from producers.report.number import number_in
from producers.report.standing import Arrival, standing_of
from producers.report.store import LISTED, REPORTS, THREADS
from producers.report.thread import Thread, numbers_in, pack, told, unpack


def threads_of(conn: Connection, number: str) -> list[Thread]:
    """Alerts that list a report, or ever did."""
    found = select(THREADS.c.thread).join(LISTED, LISTED.c.alert_id == THREADS.c.alert_id)
    return [unpack(thread) for thread in conn.scalars(found.where(LISTED.c.number == number))]


def take_in(conn: Connection, alerts: Iterable[Mapping[str, Any]]) -> int:
    """Take in versions of alerts that concern reports of ours; how many did."""
    touched: set[str] = set()
    taken = 0
    for alert in alerts:
        ours = _ours(conn, numbers_in(alert))
        known = conn.scalar(select(THREADS.c.thread).where(THREADS.c.alert_id == alert["alert_id"]))
        if known is None and not ours:
            continue
        thread = told(unpack(known) if known is not None else Thread(), alert)
        _keep(conn, alert["alert_id"], thread)
        touched |= thread.listed.keys()
        taken += 1
    settle(conn, touched)
    return taken


def note_arrivals(conn: Connection, outcomes: Iterable[Mapping[str, Any]]) -> None:
    """Take in what became of reports' events: totals so far of their batches."""
    touched = set()
    for outcome in outcomes:
        number = number_in(outcome["batch_id"])
        if number is not None:
            reports.note_arrival(conn, number, Arrival(outcome["parked_now"], outcome["dead_lettered"]))
            touched.add(number)
    settle(conn, touched)


def settle(conn: Connection, numbers: Iterable[str]) -> None:
    """Work out anew where some reports stand; what was answered stays."""
    for number in sorted(numbers):
        kept = reports.report_of(conn, number)
        if kept is not None and kept.standing.answer is None:
            standing = standing_of(number, kept.arrival, threads_of(conn, number), kept.withdrawn_at)
            reports.note_standing(conn, number, standing)


def _ours(conn: Connection, numbers: set[str]) -> set[str]:
    return set(conn.scalars(select(REPORTS.c.number).where(REPORTS.c.number.in_(numbers)))) if numbers else set()


def _keep(conn: Connection, alert_id: str, thread: Thread) -> None:
    packed = pack(thread)
    given = insert(THREADS).values(alert_id=alert_id, thread=packed)
    conn.execute(given.on_conflict_do_update(index_elements=["alert_id"], set_={"thread": packed}))
    rows = [{"number": number, "alert_id": alert_id} for number in _ours(conn, set(thread.listed))]
    if rows:
        conn.execute(insert(LISTED).on_conflict_do_nothing(), rows)
