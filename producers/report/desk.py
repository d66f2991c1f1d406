"""Takes reports and answers for them. What has a receipt is in the store, and the store's records reach the bus.

Killed anywhere, a report is either wholly there, with its receipt and its record for the bus, or not at all.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from threading import Lock

from sqlalchemy import Connection, Engine

from producers.report import reports
from producers.report.limits import Limits
from producers.report.number import RANDOM_BYTES, number_of, opens, pin_of, read_number
from producers.report.receipt import Receipt
from producers.report.refusals import TurnedAwayError
from producers.report.report import (
    Asked,
    Faults,
    Report,
    appeal_of,
    content_of,
    message_of,
    read_report,
    withdrawal_of,
)
from producers.report.reports import Kept
from producers.report.standing import CONCLUDED, due_of, standing_of
from producers.report.threads import threads_of
from producers.store_file import StoreError, reading, writing
from schemas.beijing import day_of, start_of
from schemas.working_days import WorkingDays

FORM = "form"
"""Stands for the public's own form among senders; others are keys' scopes."""
_BUSY_SECONDS = 30
_AGAIN = "again"


class Desk:
    """Threads may share it."""

    def __init__(self, engine: Engine, county_key: bytes, limits: Limits, wake: Callable[[], None]) -> None:
        """`county_key` makes ids of people, and codes of receipts; `wake` says that there is something to send."""
        self._engine = engine
        self._key = county_key
        self._limits = limits
        self._lock = Lock()
        self._wake = wake
        self._calendar = WorkingDays()

    def take(self, asked: Asked, token: str, sender: str, address: str, now: int) -> Receipt | Faults:
        """Take a report, or say what is wrong with it; the same form sent again gives the same receipt.

        Args:
            asked: what was filled in.
            token: of the form, or the sender's idempotency key.
            sender: FORM, or a key's scope.
            address: from which it comes.
            now: ms.

        Raises:
            TurnedAwayError: it is too many, or the store is away.

        """
        read = read_report(asked, self._new_number(), sender, self._key, now)
        if not isinstance(read, Report):
            return read
        content = content_of(asked, self._key)
        mark = content if sender == FORM else b""  # a form that was changed before it was sent again is another report
        return self._keep(read, _hash(sender, token, mark), content, address)

    def _keep(self, report: Report, token: bytes, content: bytes, address: str) -> Receipt:
        now = report.accepted_at
        with _store(writing(self._engine)) as conn:
            known = reports.report_by_token(conn, token)
            if known is not None:
                if known.content != content:
                    raise TurnedAwayError("other_content")
                return self._receipt(known)
            if reports.reports_since(conn, report.person_id, start_of(day_of(now))) >= self._limits.most.on_person:
                raise TurnedAwayError("too_many_on_person", (start_of(day_of(now) + 1) - now) // 1000 + 1)
            if report.sender == FORM:
                with self._lock:
                    self._limits.report(address, now)
            reports.put_report(conn, report, message_of(report), token, content)
        self._wake()
        return self._receipt(self._kept(report.number))

    def look(self, number: str, pin: str, address: str, now: int) -> Receipt:
        """Receipt for somebody who has its number and code.

        Raises:
            TurnedAwayError: one of them is wrong, or too many were; or the store is away.

        """
        read = read_number(number)
        with self._lock, _store(reading(self._engine)) as conn:  # one after the other: many at once are counted, too
            self._limits.may_try(address, read, now)
            kept = reports.report_of(conn, read) if read else None
            if kept is None or not opens(self._key, kept.report.number, pin):
                self._limits.was_wrong(address, read, now)
                raise TurnedAwayError("not_found")
        return self._receipt(kept)

    def find(self, number: str, sender: str) -> Receipt:
        """Receipt of a report that came by a key of this scope; raises TurnedAwayError."""
        kept = self._kept(read_number(number) or "")
        if kept.report.sender != sender:
            raise TurnedAwayError("not_found")
        return self._receipt(kept)

    def appeal(self, receipt: Receipt, sender: str, address: str, now: int) -> Receipt:
        """Take an appeal against an answer: a report of its own; once more, and it is the same one.

        Raises:
            TurnedAwayError: there is no answer yet, it is too many, or the store is away.

        """
        earlier = receipt.kept
        if earlier.standing.state != CONCLUDED:
            raise TurnedAwayError("not_answered")
        report = appeal_of(earlier.report, self._new_number(), sender, now)
        return self._keep(report, _hash(_AGAIN, earlier.report.number, b""), earlier.content, address)

    def withdraw(self, receipt: Receipt, now: int) -> Receipt:
        """Take a report back, for the reporter; raises TurnedAwayError where it was answered."""
        report = receipt.kept.report
        with _store(writing(self._engine)) as conn:
            kept = reports.report_of(conn, report.number)
            if kept is None or kept.standing.state == CONCLUDED:
                raise TurnedAwayError("answered")
            threads = threads_of(conn, report.number)
            reports.withdraw(conn, report.number, now)
            reports.note_standing(conn, report.number, standing_of(report.number, kept.arrival, threads, now))
            reports.put_message(conn, withdrawal_of(report, now), now)
        self._wake()
        return self._receipt(self._kept(report.number))

    def _kept(self, number: str) -> Kept:
        with _store(reading(self._engine)) as conn:
            kept = reports.report_of(conn, number)
        if kept is None:
            raise TurnedAwayError("not_found")
        return kept

    def _receipt(self, kept: Kept) -> Receipt:
        due = due_of(kept.report, self._calendar)
        return Receipt(kept, pin_of(self._key, kept.report.number), due.visit, due.decision)

    @staticmethod
    def _new_number() -> str:
        return number_of(secrets.token_bytes(RANDOM_BYTES))


def _hash(sender: str, token: str, mark: bytes) -> bytes:
    return hashlib.sha256(f"{sender}\0{token}\0".encode() + mark).digest()


@contextmanager
def _store(transaction: AbstractContextManager[Connection]) -> Iterator[Connection]:
    """Say in words that the store is away."""
    try:
        with transaction as conn:
            yield conn
    except StoreError as error:
        raise TurnedAwayError("store_away", _BUSY_SECONDS) from error
