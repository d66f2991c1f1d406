"""What an alert says of help, explained: what helps and why, what is given, what may be asked. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from schemas.actions import HOUSEHOLD_CLASSES
from schemas.beijing import instant
from schemas.codec import Record
from schemas.departments import BY_CODE
from streams.measures import Measure

Answer = dict[str, Any]
LABOUR = {"able": "有劳动能力", "weak": "弱劳动能力", "none": "无劳动能力"}
_WITHDRAWN = "WITHDRAWN"
_SAID = ("labour", "proposed_class", "insurer_nudge", "policies_insufficient", "without_follow_up")
_LISTS = ("suggested", "missing_help", "measures", "fund_referral")


def help_of(versions: Sequence[Record], measures: Mapping[str, Measure]) -> Answer | None:
    """Help as the newest version of the household's present alert names it; None without one."""
    last = max(versions, key=lambda each: (each["ordinal"], each["version"]), default=None)
    if last is None or last["status"] == _WITHDRAWN:
        return None
    lists = {name: [_titled(code, measures) for code in last[name]] for name in _LISTS}
    given = [_titled(each["measure"], measures) | _reported(each) for each in last["given_help"]]
    return {name: last[name] for name in _SAID} | lists | {"given_help": given}


def help_lines(answer: Answer) -> list[str]:
    """The same in words."""
    said = answer["help"]
    if said is None:
        return []
    labour = f"（家庭{LABOUR[said['labour']]}）" if said["labour"] else ""
    lists = [
        (f"建议的帮扶{labour}", _titles(said["suggested"])),
        ("部门登记已享受", [f"{each['title']}（{_from(each)}）" for each in said["given_help"]]),
        ("乡镇记录已落实", _titles(said["measures"])),
        ("尚缺", _titles(each for each in said["missing_help"] if each in said["suggested"])),
        ("可申请", _titles(said["fund_referral"])),
    ]
    lines = [f"{heading}：{'、'.join(titles)}。" for heading, titles in lists if titles]
    if said["proposed_class"]:
        lines.append(f"如纳入监测，建议类型：{HOUSEHOLD_CLASSES[said['proposed_class']]}。")
    notes = {
        "insurer_nudge": "已投保，满期限没有理赔记录：提醒保险公司理赔。",
        "policies_insufficient": "乡镇已记录现有政策不足以化解风险。",
        "without_follow_up": "易地搬迁户，还没有任何帮扶措施。",
    }
    return [*lines, *(text for name, text in notes.items() if said[name])]


def _titled(code: str, measures: Mapping[str, Measure]) -> Answer:
    return {"code": code, "title": measures[code].title if code in measures else code}


def _reported(given: Record) -> Answer:
    when = instant(given["occurred_at"]).isoformat(timespec="seconds")
    return {"department": given["department"], "event_id": given["event_id"], "occurred_at": when}


def _titles(named: Iterable[Answer]) -> list[str]:
    return [each["title"] for each in named]


def _from(given: Answer) -> str:
    code = given["department"]
    return f"{BY_CODE[code].name if code in BY_CODE else code} {given['event_id']}"
