"""What a township or the county was told: the newest first, each leading to its alert, new until somebody opened it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import Connection

from consumers.inbox.deadline import moment
from consumers.inbox.sight import COUNTY
from consumers.inbox.task_list import place_of
from consumers.inbox.visit import Answer, Visit
from consumers.inbox.words import FOR_COUNTY, LEVELS, MESSAGES, number_of
from consumers.store.alert_lists import places_of
from consumers.store.database import reading
from consumers.store.tasks import Received, messages_for

_SHOWN = 50


class MessageLine(NamedTuple):
    """A message in words.

    Attributes:
        where: for the county, which hears of every township; empty in a township.
        is_new: until somebody there opened the alert.

    """

    at: str
    alert_id: str
    number: str
    level: str
    where: str
    text: str
    is_new: bool


def messages_page(visit: Visit) -> Answer:
    """The newest messages."""
    with reading(visit.office.engine) as conn:
        messages = messages_for(conn, visit.inbox, _SHOWN)
        wheres = _wheres(conn, visit, messages)
    lines = [message_line(received, wheres.get(received.message.alert_id, "")) for received in messages]
    return Answer("messages.html", {"messages": lines, "is_county": visit.me.role == COUNTY})


def message_line(received: Received, where: str = "") -> MessageLine:
    """One message in words; what the county hears of is for it to pass on, as nobody there heard of it."""
    message = received.message
    step = f"：{LEVELS.get(message.level_before, '')}→{LEVELS.get(message.level, '')}" if message.level_before else ""
    text = MESSAGES.get(message.kind, message.kind) + step + (FOR_COUNTY if message.township_code == COUNTY else "")
    at = moment(message.created_at)
    return MessageLine(
        at, message.alert_id, number_of(message.alert_id), message.level, where, text, received.read_at is None
    )


def _wheres(conn: Connection, visit: Visit, messages: list[Received]) -> Mapping[str, str]:
    """Alert id -> place, for the county."""
    if visit.me.role != COUNTY:
        return {}
    found = places_of(conn, {received.message.alert_id for received in messages})
    return {alert_id: place_of(*codes, visit.office.places) for alert_id, codes in found.items()}
