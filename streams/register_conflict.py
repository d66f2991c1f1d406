"""What the county is told when the register puts one person into two households from the same day on."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from typing import Any

from schemas.beijing import date_of
from streams.subject import Source, SubjectRow


def clashes(rows: Iterable[SubjectRow], row: SubjectRow) -> list[SubjectRow]:
    """Live rows that put the same person into another household from the same day on."""
    return [
        other
        for other in rows
        if not other.retracted and other.valid_from == row.valid_from and other.household_id != row.household_id
    ]


def conflict_alert(person_id: str, rows: Iterable[SubjectRow], source: Source) -> dict[str, Any]:
    """`area_alert` of the conflict of the row read at `source` with the person's other rows, taken back ones included.

    One alert per person and first day; a later row of the same conflict is its next version. Once only one household
    is left it is WITHDRAWN.
    """
    known = list(rows)
    row = next(row for row in known if row.source_offset == source.offset)
    parties = sorted([*([] if row.retracted else [row]), *clashes(known, row)], key=lambda party: party.household_id)
    households, ruling = [party.household_id for party in parties], parties[-1]
    stands = len(parties) > 1
    return {
        "alert_id": conflict_id(person_id, row.valid_from),
        "version": source.offset + 1,
        "kind": "register_conflict",
        "level": "yellow",
        "status": "ALERTED" if stands else "WITHDRAWN",
        "township_code": ruling.township_code,
        "village_code": ruling.village_code,
        "subjects": [person_id, *households],
        "text": _text(f"{date_of(row.valid_from):%Y-%m-%d}", households, stands=stands),
        "place_code": "",
        "title": "",
        "causes": [],
        "households": 0,
        "valid_to": None,
        "rule_set": "",
        "known_at": source.known_at,
        "source_topic": source.topic,
        "source_partition": source.partition,
        "source_offset": source.offset,
    }


def conflict_id(person_id: str, day: int) -> str:
    """It stands in links and messages, so it says nothing of the person."""
    digest = hashlib.sha256(f"{person_id}\0{day}".encode()).digest()
    return "r_" + base64.b32encode(digest).decode()[:26].lower()


def _text(day: str, households: list[str], *, stands: bool) -> str:
    if not stands:
        return f"户籍登记冲突已消除：同一人自{day}起只登记在{households[0]}。"
    return (
        f"户籍登记冲突：同一人自{day}起同时登记在{'、'.join(households)}，"
        f"系统暂按{households[-1]}计算。请县级数据员核对，撤回登记有误的一行。"
    )
