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
)

BY_CODE: dict[str, Department] = {d.code: d for d in DEPARTMENTS}
