"""What an alert says, in the words of its page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from consumers.inbox.alert import Alert, Cause
from consumers.inbox.deadline import Deadline, day, deadline_of
from consumers.inbox.help_words import Help, help_of
from consumers.inbox.task_list import place_of
from consumers.inbox.words import CAUSES, LEVELS, department, number_of
from schemas.actions import HOUSEHOLD_CLASSES, PARTS, PROPOSALS, STATUSES
from schemas.beijing import date_of


class Why(NamedTuple):
    """One cause; `ids` are the departments' own numbers of what it rests on."""

    title: str
    level: str
    text: str
    band: str
    ids: tuple[str, ...]
    more: int


class Evidence(NamedTuple):
    """What one department contributed, and up to which day its data had come."""

    department: str
    titles: str
    period: str
    as_of: str


class About(NamedTuple):
    """All that stands on the page of an alert, in words."""

    number: str
    level_name: str
    status: str
    place: str
    grid: str
    since: str
    deadline: Deadline | None
    why: list[Why]
    evidence: list[Evidence]
    help: Help
    notices: list[str]
    parts_done: int


def about(alert: Alert, places: Mapping[str, str], now: int) -> About:
    """Words of an alert; `now` in ms."""
    return About(
        number=number_of(alert.alert_id),
        level_name=LEVELS.get(alert.level, alert.level),
        status=STATUSES.get(alert.status, alert.status),
        place=place_of(alert.township_code, alert.village_code, places),
        grid=alert.grid_code or "",
        since=day(alert.raised_at),
        deadline=deadline_of(alert.level, alert.status, alert.red_since or alert.raised_at, now),
        why=[_why(cause) for cause in alert.causes],
        evidence=_evidence(alert),
        help=help_of(alert),
        notices=_notices(alert),
        parts_done=len(set(PARTS) & set(alert.archive)),
    )


def _why(cause: Cause) -> Why:
    title = cause.title or CAUSES.get(cause.cause, cause.cause)
    band = "" if cause.band in cause.text else cause.band
    return Why(title, cause.level, cause.text, band, cause.evidence, cause.evidence_count - len(cause.evidence))


def _evidence(alert: Alert) -> list[Evidence]:
    """A line for each department that contributed, in the order in which they appear."""
    found = []
    for code in dict.fromkeys(code for cause in alert.causes for code in cause.departments):
        causes = [cause for cause in alert.causes if code in cause.departments]
        titles = "、".join(dict.fromkeys(cause.title or CAUSES.get(cause.cause, cause.cause) for cause in causes))
        as_of = f"{date_of(alert.as_of[code]):%Y-%m-%d}" if code in alert.as_of else "日期不明"
        found.append(Evidence(department(code), titles, _period(causes), as_of))
    return found


def _period(causes: Iterable[Cause]) -> str:
    known = [at for cause in causes for at in (cause.first_occurred_at, cause.last_occurred_at) if at is not None]
    if not known:
        return ""
    first, last = day(min(known)), day(max(known))
    return first if first == last else f"{first}至{last}"


def _notices(alert: Alert) -> list[str]:
    said = [f"{alert.level_reason}。"] if alert.level_reason else []
    if alert.not_mine:
        said.append("乡镇反映这户不归本乡镇，等县里核对户籍或指定。")
    if alert.basis_changed:
        said.append("答复所依据的数据后来被部门更正，请留意。")
    if alert.household_class:
        said.append(f"监测对象类型：{HOUSEHOLD_CLASSES.get(alert.household_class, alert.household_class)}。")
    if alert.tracking_until is not None:
        said.append(f"跟踪到{date_of(alert.tracking_until):%Y-%m-%d}。")
    return [*said, *(PROPOSALS.get(code, code) for code in alert.proposals)]
