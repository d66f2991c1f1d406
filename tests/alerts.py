"""Builder of alert versions as correlate publishes them, and of the records that carry them."""

from __future__ import annotations

from typing import Any

from schemas.codec import encode
from schemas.registry import registry

TOWNSHIP, NEXT_TOWNSHIP, UNLISTED = "220302001", "220302002", "220302009"
KNOWN_AT = 1_790_000_000_000


def _defaults(record: dict[str, Any]) -> dict[str, Any]:
    return {each["name"]: each["default"] for each in record["fields"] if "default" in each}


def _of_causes() -> dict[str, Any]:
    fields = registry()[1]["alert"].parsed["fields"]
    return _defaults(next(each["type"]["items"] for each in fields if each["name"] == "causes"))


def cause(rule: str, level: str = "red", name: str = "illness") -> dict[str, Any]:
    given = {"rule": rule, "rule_version": 1, "cause": name, "level": level, "evidence": ["B-1"], "evidence_count": 1}
    return _of_causes() | given


def alert(version: int = 1, level: str = "red", **changed: Any) -> dict[str, Any]:
    """Version of one household's alert, decoded; in TOWNSHIP and ALERTED unless said otherwise."""
    township = changed.get("township_code", TOWNSHIP)
    return {
        **_defaults(registry()[1]["alert"].parsed),
        "alert_id": "a_one",
        "household_id": "H-SECRET-1",
        "township_code": township,
        "previous_township_code": None,
        "village_code": f"{township}201" if township else None,
        "grid_code": None,
        "version": version,
        "status": "ALERTED",
        "level": level,
        "causes": [cause("R-A", level)],
        "missing_help": [],
        "first_occurred_at": KNOWN_AT - 86_400_000,
        "raised_at": KNOWN_AT,
        "as_of": {},
        "text": "自付金额超出预警线",
        "rule_set": "set",
        "known_at": KNOWN_AT,
        "source_topic": "events.health_insurance",
        "source_partition": 0,
        "source_offset": version,
        **changed,
    }


def encoded(version: dict[str, Any]) -> bytes:
    return encode("alert", version)


def conflict(version: int = 1, **changed: Any) -> dict[str, Any]:
    """Version of an area alert, decoded: one person in two households of TOWNSHIP."""
    return {
        "alert_id": "r_one",
        "version": version,
        "kind": "register_conflict",
        "level": "yellow",
        "status": "ALERTED",
        "township_code": TOWNSHIP,
        "village_code": f"{TOWNSHIP}201",
        "subjects": ["p_a", "H-1", "H-2"],
        "text": "户籍登记冲突：同一人自2023-01-01起同时登记在H-1、H-2",
        "place_code": "",
        "title": "",
        "causes": [],
        "households": 0,
        "valid_to": None,
        "rule_set": "",
        "known_at": KNOWN_AT,
        "source_topic": "register.persons",
        "source_partition": 0,
        "source_offset": version - 1,
        **changed,
    }


def village_alert(version: int = 1, **changed: Any) -> dict[str, Any]:
    """Version of an area alert, decoded: the water of a village of TOWNSHIP is off."""
    return conflict(
        version,
        **{
            "alert_id": "r_water",
            "kind": "area",
            "level": "orange",
            "subjects": ["S1"],
            "text": "水务：本村有1次预计3天以上的停水。\n1. 饮水工程维修",
            "place_code": f"{TOWNSHIP}201",
            "title": "停水3天以上",
            "source_topic": "events.water",
            **changed,
        },
    )


def feed_late(version: int = 1, **changed: Any) -> dict[str, Any]:
    """Version of an area alert, decoded: health insurance owes February 2026."""
    return conflict(
        version,
        **{
            "alert_id": "f_one",
            "kind": "feed_late",
            "township_code": None,
            "village_code": None,
            "subjects": ["health_insurance", "2026-02-28"],
            "text": "医保2026年2月的数据应于2026年3月6日前推送，截至2026年3月31日没有收到。",
            "title": "医保推送迟到",
            "source_topic": "township.events",
            **changed,
        },
    )
