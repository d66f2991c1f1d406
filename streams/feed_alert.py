"""The alert that a department owes a delivery, as the county reads it. Pure."""

from __future__ import annotations

import base64
import hashlib
from datetime import date

from schemas.beijing import date_of, day_number
from schemas.codec import Record
from schemas.departments import BY_CODE
from schemas.feed_calendar import Feed, Lateness
from streams.subject import Source

KIND = "feed_late"
PREFIX = "f_"
"""Ids of these alerts, which are their keys as well, begin so."""
_STANDS, _SETTLED = "ALERTED", "WITHDRAWN"
_TO_DO = "请联系该部门推送；当期没有数据也要推送空文件。收到之前，没有这个部门的预警不等于没有风险。"


def alert_id_of(department: str, period_end: int) -> str:
    """One alert for each department and period."""
    digest = hashlib.sha256(f"{department}\0{period_end}".encode()).digest()
    return PREFIX + base64.b32encode(digest).decode()[:26].lower()


def is_open(said: Record) -> bool:
    """Whether a version says that the delivery is owed."""
    return bool(said["status"] != _SETTLED)


def period_owed(said: Record) -> int:
    """Last day of the period of which a version speaks."""
    return day_number(date.fromisoformat(said["subjects"][1]))


def raised(department: str, feed: Feed, late: Lateness, position: int | None, day: int) -> Record:
    """What is said on the day of a tick on which a delivery is late; still without version and source."""
    until = "这个部门从未推送过" if position is None else f"现有数据截至{_words(position)}"
    text = (
        f"{_name(department, feed, late.period_end)}的数据应于{_words(late.due)}前推送，截至{_words(day)}没有收到，"
        f"宽限{feed.grace}个工作日后已迟到{late.days}天；{until}。{_TO_DO}"
    )
    return {
        "alert_id": alert_id_of(department, late.period_end),
        "kind": KIND,
        "level": "yellow",
        "status": _STANDS,
        "township_code": None,
        "village_code": None,
        "subjects": [department, str(date_of(late.period_end))],
        "text": text,
        "place_code": "",
        "title": f"{BY_CODE[department].name}推送迟到",
        "causes": [],
        "households": 0,
        "valid_to": None,
        "rule_set": "",
    }


def settled(said: Record, feed: Feed, position: int | None) -> Record:
    """What is said once a delivery is owed no more: it came, or another day was agreed for it."""
    department, end = said["subjects"][0], period_owed(said)
    name = _name(department, feed, end)
    text = f"推送日历已调整，{name}的数据不算迟到。"
    if position is not None and feed.covers(position, end):
        text = f"{name}的数据已经收到，截至{_words(position)}。"
    return said | {"status": _SETTLED, "text": text}


def placed(said: Record, version: int, source: Source) -> Record:
    """Version of the alert, from the record that made it."""
    topic, partition, offset, known_at = source
    return said | {
        "version": version,
        "known_at": known_at,
        "source_topic": topic,
        "source_partition": partition,
        "source_offset": offset,
    }


def _name(department: str, feed: Feed, period_end: int) -> str:
    return BY_CODE[department].name + feed.period_name(period_end)


def _words(day: int) -> str:
    date = date_of(day)
    return f"{date.year}年{date.month}月{date.day}日"
