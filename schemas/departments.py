"""One line per department; its topic and its schema file follow from its code."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Department:
    """A sender of events.

    Attributes:
        code: names topic `events.<code>` and schema `<code>.avsc`.
        number: stands for the department in stored state; never reused.
        name: what officials call it.

    """

    code: str
    number: int
    name: str


DEPARTMENTS: tuple[Department, ...] = (
    Department("health_insurance", 1, "医保"),
    Department("civil_affairs", 2, "民政"),
    Department("housing", 3, "住建"),
    Department("education", 4, "教育"),
    Department("health", 5, "卫健"),
    Department("disability", 6, "残联"),
    Department("water", 7, "水务"),
    Department("human_resources", 8, "人社"),
    Department("emergency", 9, "应急"),
    Department("agriculture", 10, "农业农村"),
    Department("transport", 11, "交通"),
    Department("finance", 12, "金融"),
    Department("insurers", 13, "保险"),
    Department("rural_revitalisation", 14, "乡村振兴"),
)

BY_CODE: dict[str, Department] = {d.code: d for d in DEPARTMENTS}
