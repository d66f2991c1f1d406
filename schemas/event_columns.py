"""Columns of a department's table: which must be there, and what clerks call them."""

from __future__ import annotations

from functools import cache

from schemas.kinds import Kind, all_kinds
from schemas.readers.headings import Needed

ENVELOPE: dict[str, tuple[str, ...]] = {
    "event_id": ("事件编号",),
    "kind": ("业务类型",),
    "id_number": ("身份证号", "身份证号码", "公民身份号码"),
    "household_id": ("户编号", "户号"),
    "occurred_at": ("发生时间", "发生日期"),
    "revision": ("修订号",),
    "retracted": ("撤销", "是否撤销"),
    "region_code": ("行政区划代码",),
}
"""Columns of every department, and what else they may be called."""
AREAS = ("village", "region")
"""Units of fields that hold the regions concerned."""
_SOMEBODY, _SOMEWHERE = ("id_number", "household_id"), "region_code"


@cache
def event_columns(department: str) -> Needed:
    """Needed columns of a department's table; Chinese headings become columns."""
    kinds = [kind for kind in all_kinds().values() if kind.department.code == department]
    subjects = dict.fromkeys(column for kind in kinds for column in _subjects(kind))
    return Needed(("event_id", "kind", "occurred_at"), tuple(subjects), titles=titles_of(kinds))


def titles_by_column(department: str) -> dict[str, str]:
    """Column -> what clerks call it first."""
    return {column: title for title, column in reversed([*event_columns(department).titles.items()])}


def _subjects(kind: Kind) -> tuple[str, ...]:
    """Columns of which one must say whom or which place an event of a kind concerns."""
    if not kind.area:
        return _SOMEBODY
    return _SOMEWHERE, *(field.column for field in kind.fields if field.unit in AREAS)


def titles_of(kinds: list[Kind]) -> dict[str, str]:
    """Chinese heading -> column."""
    own = {field.title: field.column for kind in kinds for field in kind.fields}
    return own | {title: column for column, titles in ENVELOPE.items() for title in titles}
