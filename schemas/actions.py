"""What a named person may do about an alert: the closed list of actions, who may, and which codes go with them.

The inbox asks `problem_of` before it sends, assign before it copies on. Whether an action moves a case is decided by
the processor alone; the answer comes back on the alert as accepted, refused or conflict.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from schemas.codes import bad_household_id
from schemas.events import Problem

TOWNSHIP, COUNTY = "township", "county"
ROLES: Mapping[str, str] = MappingProxyType({TOWNSHIP: "乡镇", COUNTY: "县级"})
ACCEPTED, REFUSED, CONFLICT = "accepted", "refused", "conflict"
OUTCOMES: Mapping[str, str] = MappingProxyType({ACCEPTED: "已生效", REFUSED: "未生效", CONFLICT: "与先前的答复冲突"})
MEASURES, MEASURE, CLASS, CADRE, AMOUNT = "measures", "measure", "household_class", "responsible_cadre", "amount_fen"
_NO_REASONS: Mapping[str, str] = MappingProxyType({})


class ActionKind(NamedTuple):
    """One thing a person may do.

    Attributes:
        title: what it is called on a page.
        role: who may.
        reasons: code -> title of the reasons, of which one must be given; none where it needs no reason.
        details: names of the codes that must be given.

    """

    code: str
    title: str
    role: str = TOWNSHIP
    reasons: Mapping[str, str] = _NO_REASONS
    details: tuple[str, ...] = ()


REJECTION_REASONS: Mapping[str, str] = MappingProxyType(
    {
        "no_such_cost": "没有发生该项支出",
        "already_recovered": "情况已恢复正常",
        "wrong_person": "不是本人或本户的情况",
        "data_error": "部门数据有误",
        "other": "其他原因",
    }
)
COVERED_REASONS: Mapping[str, str] = MappingProxyType(
    {"existing_help": "已享受帮扶政策", "insurance_paid": "保险已赔付", "other": "其他原因"}
)
INSUFFICIENT_REASONS: Mapping[str, str] = MappingProxyType(
    {
        "not_enough": "政策都已落实，仍不足以化解风险",
        "not_eligible": "不符合现有政策的条件",
        "other": "其他原因",
    }
)
_KINDS = (
    ActionKind("acknowledged", "签收"),
    ActionKind("verifying", "开始核实"),
    ActionKind("confirmed", "情况属实"),
    ActionKind("rejected", "情况不属实", reasons=REJECTION_REASONS),
    ActionKind("already_covered", "已有帮扶", reasons=COVERED_REASONS),
    ActionKind("not_mine", "不是本乡镇的户"),
    ActionKind("keep", "仍由该乡镇负责", COUNTY),
    ActionKind("visited", "入户排查"),
    ActionKind("analysed", "原因分析"),
    ActionKind("consulted", "集中会商"),
    ActionKind("fed_back", "信息反馈"),
    ActionKind("archived", "排查归档"),
    ActionKind("reviewed", "县级复核", COUNTY),
    ActionKind("included", "纳入监测", COUNTY, details=(CLASS, CADRE)),
    ActionKind("planned", "制定帮扶计划", details=(MEASURES,)),
    ActionKind("delivered", "帮扶措施已落实", details=(MEASURE,)),
    ActionKind("insufficient", "现有政策不足以化解风险", reasons=INSUFFICIENT_REASONS),
    ActionKind("fund_paid", "救助基金已支付", COUNTY, details=(MEASURE, AMOUNT)),
    ActionKind("clear_proposed", "提出风险消除"),
    ActionKind("cleared", "同意风险消除", COUNTY),
    ActionKind("returned", "退回继续帮扶", COUNTY),
    ActionKind("nation_marked", "国家系统已标注风险消除", COUNTY),
    ActionKind("closed", "跟踪期满结案", COUNTY),
)
ACTIONS: Mapping[str, ActionKind] = MappingProxyType({kind.code: kind for kind in _KINDS})
PARTS = ("visited", "analysed", "consulted", "fed_back")
"""The four parts of an archive, in their order; titles are those of the actions."""

HOUSEHOLD_CLASSES: Mapping[str, str] = MappingProxyType(
    {"unstable": "脱贫不稳定户", "marginal": "边缘易致贫户", "sudden": "突发严重困难户"}
)
PROPOSALS: Mapping[str, str] = MappingProxyType(
    {
        "plan": "纳入监测已超过期限，还没有帮扶计划，请尽快制定",
        "reopen": "跟踪期内又出现风险，建议重新核实并恢复帮扶",
        "clear": "风险已稳定，建议提出风险消除",
        "close": "一年跟踪期已满，建议结案",
    }
)
STATUSES: Mapping[str, str] = MappingProxyType(
    {
        "LEAD": "关注线索",
        "ALERTED": "待核实",
        "WITHDRAWN": "已撤销",
        "ACKED": "已签收",
        "VERIFYING": "核实中",
        "CONFIRMED": "情况属实",
        "REJECTED": "情况不属实",
        "ALREADY_COVERED": "已有帮扶",
        "REVIEWED": "县级已复核",
        "INCLUDED": "已纳入监测",
        "PLANNED": "已制定帮扶计划",
        "HELPING": "帮扶中",
        "CLEAR_PROPOSED": "已提出风险消除",
        "CLEARED_TRACKING": "风险已消除，跟踪中",
        "CLOSED": "已结案",
        "REOPENED": "风险再现，待核实",
    }
)
"""States of a case (domain.md 4.0) and WITHDRAWN."""

REFUSALS: Mapping[str, str] = MappingProxyType(
    {
        "answered": "他人已先答复，本次答复仅作记录",
        "wrong_role": "您的角色不能进行此操作",
        "wrong_township": "本户现由其他乡镇负责",
        "out_of_turn": "预警的当前状态不能进行此操作",
        "unknown_version": "所看的预警版本不存在，请刷新后重试",
        "bad_reason": "请从列表中选择原因",
        "bad_details": "所填内容不完整或不在列表中",
        "not_referred": "现在不能由基金支付：须先记录现有政策不足，且没有应付未付的保险理赔",
        "archive_incomplete": "入户排查、原因分析、集中会商、信息反馈尚未全部完成",
        "red_open": "仍有红色预警原因未消除",
        "nothing_delivered": "还没有已落实的帮扶措施",
        "no_labour": "家庭无劳动力，不能作风险消除",
        "still_tracking": "一年跟踪期未满",
    }
)
"""Why an action did not move its case; `answered` is a conflict, the others are refusals."""

_ID = re.compile(r"[\x21-\x7e]{1,64}")
_CODE = re.compile(r"[a-z_]{1,40}")
_TOWNSHIP_CODE = re.compile(r"\d{0,12}")
_DETAIL = re.compile(r"[A-Za-z0-9_ .:-]{1,200}")
_MOST_DETAILS = 8
_FEN = re.compile(r"[1-9]\d{0,12}")
_EARLIEST_MS, _LATEST_MS = -2_208_988_800_000, 7_258_118_400_000  # 1900, 2200
_MOST_INT = 2**31 - 1
_FIELDS: Mapping[str, Callable[[Any], object]] = MappingProxyType(
    {
        "action_id": _ID.fullmatch,
        "alert_id": _ID.fullmatch,
        "actor": _ID.fullmatch,
        "role": ROLES.__contains__,
        "township_code": _TOWNSHIP_CODE.fullmatch,
        "version_seen": lambda version: -_MOST_INT <= version <= _MOST_INT,
    }
)


def fen_of(detail: str) -> int:
    """Amount of a detail, fen; 0 for what is none."""
    return int(detail) if _FEN.fullmatch(detail) else 0


def problem_of(action: Mapping[str, Any]) -> Problem | None:
    """First thing wrong with a decoded `action` that nobody could answer on an alert, or None."""
    if action["action"] not in ACTIONS:
        return Problem("unknown_action", "action")
    if bad_household_id(action["household_id"]):
        return Problem("bad_household_id", "household_id")
    if not _EARLIEST_MS <= action["acted_at"] <= _LATEST_MS:
        return Problem("bad_time", "acted_at")
    wrong = next((field for field, fits in _FIELDS.items() if not fits(action[field])), None)
    return _codes(action) if wrong is None else Problem("bad_action", wrong)


def _codes(action: Mapping[str, Any]) -> Problem | None:
    """Codes only: free text never goes on the bus."""
    if action["reason"] is not None and not _CODE.fullmatch(action["reason"]):
        return Problem("bad_action", "reason")
    details: Mapping[str, str] = action["details"]
    fit = all(_CODE.fullmatch(name) and _DETAIL.fullmatch(value) for name, value in details.items())
    return None if fit and len(details) <= _MOST_DETAILS else Problem("bad_action", "details")
