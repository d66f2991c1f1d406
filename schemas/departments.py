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
        core: whether it should have heard of every household that is in need: one of which no such department has
            spoken for long is looked after (`alertbus silent`).

    """

    code: str
    number: int
    name: str
    core: bool = False


DEPARTMENTS: tuple[Department, ...] = (
    Department("health_insurance", 1, "医保", core=True),
    Department("civil_affairs", 2, "民政", core=True),
    Department("housing", 3, "住建", core=True),
    Department("education", 4, "教育", core=True),
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
CORE: tuple[str, ...] = tuple(d.code for d in DEPARTMENTS if d.core)
