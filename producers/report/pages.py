"""The public's pages: the form, the receipt, where a report stands, an appeal, taking it back."""

from __future__ import annotations

import secrets

from producers.report.desk import FORM
from producers.report.metrics import TURNED_AWAY
from producers.report.receipt import Receipt
from producers.report.refusals import TurnedAwayError
from producers.report.report import ONE_KEY, SELF, Asked, kind_of_reports
from producers.report.shown import shown
from producers.report.visit import Answer, Values, Visit
from producers.report.words import HEARD, NEEDS

_TRAP = "website"
"""A field that people do not see; whoever fills it in is no person."""
_TOKEN_BYTES = 18


def form_page(_visit: Visit) -> Answer:
    """An empty form."""
    return Answer("form.html", form_values(Asked("", SELF, "", (), "unknown", consent=False)))


def send(visit: Visit) -> Answer:
    """Take what was filled in."""
    asked = asked_in(visit, ONE_KEY)
    if visit.first(_TRAP):
        raise TurnedAwayError("robot")
    token = visit.first("token") or secrets.token_urlsafe(_TOKEN_BYTES)
    taken = visit.office.desk.take(asked, token, FORM, visit.address, visit.now)
    if not isinstance(taken, Receipt):
        return Answer("form.html", form_values(asked, taken, token), 422)
    return receipt_page(taken)


def asked_in(visit: Visit, channel: str, happened_at: int | None = None) -> Asked:
    """What a form's fields say."""
    return Asked(
        visit.first("id_number")[:100],
        visit.first("for_whom"),
        visit.first("phone")[:100],
        tuple(need[:40] for need in visit.fields.get("need", [])[: len(NEEDS)]),
        visit.first("heard_via")[:40] or "unknown",
        consent=visit.first("consent") == "yes",
        channel=channel,
        happened_at=happened_at,
    )


def form_values(asked: Asked, faults: dict[str, str] | None = None, token: str = "") -> Values:
    """What a form shows: the lists, what was filled in before, and what to correct."""
    symbols = {field.name: field.symbols for field in kind_of_reports().fields}
    return {
        "needs": [(code, NEEDS[code]) for code in symbols["need"]],
        "heard": [(code, HEARD[code]) for code in symbols["heard_via"]],
        "asked": asked,
        "faults": faults or {},
        "token": token or secrets.token_urlsafe(_TOKEN_BYTES),
        "hotline": False,
    }


def receipt_page(receipt: Receipt, *, hotline: bool = False) -> Answer:
    """Show the number and its code."""
    return Answer("receipt.html", {"receipt": shown(receipt), "pin": receipt.pin, "hotline": hotline})


def find_page(_visit: Visit) -> Answer:
    """Ask for a number and its code."""
    return Answer("find.html", {"number": "", "wrong": ""})


def status(visit: Visit) -> Answer:
    """Where a report stands."""
    try:
        receipt = _receipt(visit)
    except TurnedAwayError as error:
        if error.code == "store_away":
            raise
        TURNED_AWAY.labels(error.code).inc()
        values = {"number": visit.first("number")[:40], "wrong": error.words.zh}
        return Answer("find.html", values, error.words.status, error.headers)
    return _status_page(receipt)


def appeal(visit: Visit) -> Answer:
    """Ask for another look at what was answered."""
    return receipt_page(visit.office.desk.appeal(_receipt(visit), FORM, visit.address, visit.now))


def withdraw(visit: Visit) -> Answer:
    """Take a report back."""
    return _status_page(visit.office.desk.withdraw(_receipt(visit), visit.now))


def _receipt(visit: Visit) -> Receipt:
    return visit.office.desk.look(visit.first("number"), visit.first("pin"), visit.address, visit.now)


def _status_page(receipt: Receipt) -> Answer:
    return Answer("status.html", {"receipt": shown(receipt), "pin": receipt.pin})
