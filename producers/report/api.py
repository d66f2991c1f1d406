"""JSON for the county's own systems (mini-program, portal): report, appeal, and where a report stands."""

from __future__ import annotations

import re
import secrets
from datetime import datetime
from typing import Any

import msgspec

from producers.report.receipt import Receipt
from producers.report.refusals import TurnedAwayError
from producers.report.report import CHANNELS_OF, HOTLINE, ONE_KEY, OPERATORS, SYSTEMS, Asked, Faults
from producers.report.shown import as_json
from producers.report.visit import Office
from schemas.beijing import milliseconds

_DEFAULT = {SYSTEMS: ONE_KEY, OPERATORS: HOTLINE}
SENDERS = frozenset(CHANNELS_OF)
_TOKEN = re.compile(r"[ -~]{16,200}")
_MOST_TEXT = 100
_MOST_NEEDS = 20


class Body(msgspec.Struct, forbid_unknown_fields=True):
    """What a system sends; `appeals_against` alone is enough for an appeal."""

    id_number: str = ""
    for_whom: str = ""
    phone: str = ""
    need: list[str] = []
    heard_via: str = "unknown"
    consent: bool = False
    channel: str = ""
    called_at: datetime | None = None
    appeals_against: str = ""


_decode = msgspec.json.Decoder(Body).decode


def post(office: Office, sender: str, content: bytes, token: str | None, address: str) -> Receipt | Faults:
    """Take what a system sends.

    Args:
        office: this program's.
        sender: scope of its key.
        content: JSON.
        token: its Idempotency-Key.
        address: from which it comes.

    Raises:
        TurnedAwayError: it cannot be taken, or not now.

    """
    if token is not None and not _TOKEN.fullmatch(token):
        raise TurnedAwayError("bad_idempotency_key")
    try:
        body = _decode(content)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise TurnedAwayError("bad_form") from error
    now = office.now()
    if body.appeals_against:
        return office.desk.appeal(office.desk.find(body.appeals_against, sender), sender, address, now)
    channel = body.channel or _DEFAULT[sender]
    if channel not in CHANNELS_OF[sender]:
        raise TurnedAwayError("other_channel")
    return office.desk.take(_asked(body, channel), token or secrets.token_urlsafe(), sender, address, now)


def accepted(receipt: Receipt) -> dict[str, Any]:
    """What a new report is answered with: the code is for the reporter, to look on the public page."""
    return as_json(receipt) | {"pin": receipt.pin}


def _asked(body: Body, channel: str) -> Asked:
    texts = (body.id_number[:_MOST_TEXT], body.for_whom[:_MOST_TEXT], body.phone[:_MOST_TEXT])
    called_at = milliseconds(body.called_at) if body.called_at else None
    need = tuple(each[:_MOST_TEXT] for each in body.need[:_MOST_NEEDS])
    return Asked(*texts, need, body.heard_via[:_MOST_TEXT], body.consent, channel, called_at)
