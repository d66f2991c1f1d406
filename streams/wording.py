"""An alert in plain Chinese for a township officer's phone: no names, diagnoses or amounts; distances in bands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from schemas.beijing import date_of, day_of
from schemas.departments import DEPARTMENTS

LEVELS = ("red", "orange", "yellow", "watch")
"""Highest first."""

BANDS = ("超出不到10%", "超出10%至1倍", "超出1倍以上", "相差不到10%", "相差10%以上")
_UNDER, NO_BAND = 3, -1
PLACEHOLDERS = {
    "sum": frozenset({"period", "count", "says", "line", "band"}),
    "count": frozenset({"period", "count", "says"}),
    "standing": frozenset({"period", "count", "says"}),
    "yearly": frozenset({"period", "count", "says", "line", "band"}),
    "share": frozenset({"period", "count", "says"}),
    "shortfall": frozenset({"period", "count", "says"}),
    "near": frozenset({"period", "count", "says"}),
    "lacking": frozenset({"period", "count", "says"}),
    "parts": frozenset({"period", "count", "says"}),
}
_DO = {
    "red": "红色预警：请立即入户核实。",
    "orange": "橙色预警：请在3个工作日内入户核实。",
    "yellow": "黄色预警：请在5个工作日内入户核实。",
    "watch": "关注：列入名单，暂不需要专门入户。",
}
_WITHDRAWN, _REOPENED = "WITHDRAWN", "REOPENED"
_GONE = "撤销预警：部门已更正数据，本户目前没有预警原因，不必再为此入户。"
_AGAIN = "跟踪期内风险再现。"
_CHANGED = "注意：核实所依据的数据已被更正，请复核。"
_GONE_TO = "注意：按户籍登记，本户成员均已转到{household}户，请到该户核实。"
_STAGES = {
    "CONFIRMED": "情况已核实属实，待县级纳入监测。",
    "REVIEWED": "县级已复核，待纳入监测。",
    "INCLUDED": "已纳入监测，请制定一户一策帮扶计划。",
    "PLANNED": "帮扶计划已制定，请落实帮扶措施。",
    "HELPING": "帮扶措施正在落实。",
    "CLEAR_PROPOSED": "乡镇已提出风险消除，待县级审定。",
    "CLEARED_TRACKING": "风险已消除，处于一年跟踪期。",
    "CLOSED": "跟踪期满，已结案。",
    "REJECTED": "已核实：情况不属实，本预警已办结。",
    "ALREADY_COVERED": "已核实：已有帮扶，本预警已办结。",
}
_DONE_WITH = frozenset({"CLEARED_TRACKING", "CLOSED", "REJECTED", "ALREADY_COVERED"})
_LINE = "{group}预警线"
_NAMES = {department.number: department.name for department in DEPARTMENTS}


class Reason(NamedTuple):
    """A cause, as far as its line of text needs it.

    Attributes:
        wording: template of the rule.
        evidence: Fact.id of each fact; the department's number stands first in it.
        first: occurred_at of the earliest, ms; `last` of the latest.

    """

    wording: str
    says: str
    evidence: Sequence[str]
    first: int
    last: int
    number: int
    band: int
    line: str


class Said(NamedTuple):
    """What the text of an alert says beside its causes.

    Attributes:
        status: state of its case.
        level_reason: why the level is above that of every cause; empty where it is not.
        basis_changed: what a confirmation rests on was changed.
        gone_to: household in which its people are now, where none of them is left.

    """

    status: str
    level: str
    level_reason: str = ""
    basis_changed: bool = False
    gone_to: str | None = None


class Help(NamedTuple):
    """Titles of the help that is missing, and of last resorts that may be asked."""

    missing: Sequence[str]
    last_resorts: Sequence[str] = ()


def band(value: int, line: int) -> int:
    """How far a value is over its line, or under it, as a place in BANDS; NO_BAND without a line."""
    if line <= 0:
        return NO_BAND
    over = value - line
    if over < 0:
        return _UNDER if -over * 10 < line else _UNDER + 1
    if over * 10 < line:
        return 0
    return 1 if over <= line else 2


def alert_text(said: Said, reasons: Iterable[str], help_: Help) -> str:
    """Text of an alert: what to do, the sentence of each cause, the help that is missing."""
    if said.status == _WITHDRAWN:
        return _GONE
    again = f"{said.level_reason}。" if said.level_reason else _AGAIN if said.status == _REOPENED else ""
    lines = [again + (_STAGES.get(said.status) or _DO[said.level]), *reasons]
    if said.basis_changed:
        lines.append(_CHANGED)
    if said.gone_to is not None:
        lines.append(_GONE_TO.format(household=said.gone_to))
    if said.status not in _DONE_WITH:
        missing = "、".join(help_.missing)
        lines.append(f"尚缺帮扶：{missing}。" if missing else "建议的帮扶均已有记录，请核实是否落实。")
    if help_.last_resorts:
        lines.append(f"现有政策不足以化解风险，可申请：{'、'.join(help_.last_resorts)}。")
    return "\n".join(lines)


def period(first: int, last: int) -> str:
    """Days between two instants (ms) as officials write them."""
    start, end = date_of(day_of(first)), date_of(day_of(last))
    text = f"{start.year}年{start.month}月{start.day}日"
    if start == end:
        return text
    year = "" if start.year == end.year else f"{end.year}年"
    return f"{text}至{year}{end.month}月{end.day}日"


def departments_of(evidence: Iterable[str]) -> list[int]:
    """Numbers of the departments that reported facts, by Fact.id, in order."""
    return sorted({int(fact.partition(":")[0]) for fact in evidence})


def band_text(place: int) -> str:
    """A place in BANDS in words; empty without a line."""
    return BANDS[place] if place != NO_BAND else ""


def reason_text(reason: Reason) -> str:
    """Sentence of a cause: which department saw what, when, against which line in bands."""
    said = reason.wording.format(
        period=period(reason.first, reason.last),
        count=reason.number,
        says=reason.says,
        line=_LINE.format(group=reason.line),
        band=band_text(reason.band),
    )
    return f"{'、'.join(_NAMES[number] for number in departments_of(reason.evidence))}：{said}"
