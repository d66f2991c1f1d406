"""What a township or the county was told: the newest first, each leading to its alert, new until somebody opened it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import Connection

from consumers.inbox.area_page import AreaLine, line_for, link_to
from consumers.inbox.deadline import moment
from consumers.inbox.sight import COUNTY
from consumers.inbox.task_list import place_of
from consumers.inbox.visit import Answer, Visit
from consumers.inbox.words import FOR_COUNTY, FOR_COUNTY_ALONE, LEVELS, MESSAGES, number_of
from consumers.store.alert_lists import places_of
from consumers.store.area_alerts import area_alerts_of
from consumers.store.database import reading
from consumers.store.tasks import AREA_KINDS, Received, messages_for

_SHOWN = 50


class MessageLine(NamedTuple):
    """A message in words.

    Attributes:
        where: for the county, which hears of every township; empty in a township.
        is_new: until somebody there opened the alert.

    """

    at: str
    link: str
    number: str
    level: str
    where: str
    text: str
    is_new: bool


def messages_page(visit: Visit) -> Answer:
    """The newest messages."""
    is_county = visit.me.role == COUNTY
    with reading(visit.office.engine) as conn:
        messages = messages_for(conn, visit.inbox, _SHOWN)
        areas = _areas(conn, visit, messages)
        wheres = _wheres(conn, visit.office.places, messages) if is_county else {}
    wheres |= {line.alert_id: f"{line.place} {line.title}" for line in areas.values()}
    lines = [
        message_line(received, wheres.get(received.message.alert_id, ""), areas.get(received.message.alert_id))
        for received in messages
    ]
    return Answer("messages.html", {"messages": lines, "is_county": is_county})


def message_line(received: Received, where: str = "", area: AreaLine | None = None) -> MessageLine:
    """One message in words; what the county hears of an alert is for it to pass on, as nobody there heard of it."""
    message = received.message
    is_area = message.kind in AREA_KINDS
    step = f"：{LEVELS.get(message.level_before, '')}→{LEVELS.get(message.level, '')}" if message.level_before else ""
    is_county = message.township_code == COUNTY
    passed_on = FOR_COUNTY if is_county and not is_area else ""
    words = FOR_COUNTY_ALONE.get(area.kind, MESSAGES) if area is not None else MESSAGES
    return MessageLine(
        at=moment(message.created_at),
        link=link_to(message.alert_id, is_county=is_county) if is_area else f"/alerts/{message.alert_id}",
        number=number_of(message.alert_id),
        level=message.level,
        where=where,
        text=words.get(message.kind, message.kind) + step + passed_on,
        is_new=received.read_at is None,
    )


def _wheres(conn: Connection, places: Mapping[str, str], messages: list[Received]) -> dict[str, str]:
    """Where households are, by the ids of their alerts."""
    ids = {received.message.alert_id for received in messages}
    return {alert_id: place_of(*codes, places) for alert_id, codes in places_of(conn, ids).items()}


def _areas(conn: Connection, visit: Visit, messages: list[Received]) -> dict[str, AreaLine]:
    """Area alerts that messages are about, by id."""
    ids = {received.message.alert_id for received in messages if received.message.kind in AREA_KINDS}
    return {alert_id: line_for(visit, stored) for alert_id, stored in area_alerts_of(conn, ids).items()}
