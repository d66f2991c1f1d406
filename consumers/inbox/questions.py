"""What the page asks for with each action: codes to choose from and dates, never free text. What is asked is data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from consumers.inbox.words import CAUSES, LABOUR, MEASURES
from schemas.actions import AMOUNT, CADRE, CLASS, HOUSEHOLD_CLASSES, MEASURE
from schemas.actions import MEASURES as PLAN

Kind = Literal["one", "many", "date", "cadre", "measures", "measure", "fund", "amount"]

_YUAN = re.compile(r"([0-9]{1,10})(?:\.([0-9]{1,2}))?")


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a form; its answer is a detail of the action.

    Attributes:
        name: of the detail.
        kind: one or many of the choices; a date; a cadre of the township; measures of the catalogue; a fund that may be
            asked; an amount in yuan.
        choices: code -> title.

    """

    name: str
    title: str
    kind: Kind
    choices: Mapping[str, str] = field(default_factory=dict)


QUESTIONS: Mapping[str, tuple[Question, ...]] = {
    "visited": (
        Question("on", "入户日期", "date"),
        Question("met", "见到了谁", "one", {"head": "户主", "member": "家庭成员", "neighbour": "村组干部或邻居"}),
        Question(
            "found", "看到的情况", "one", {"as_alerted": "与预警一致", "worse": "比预警更严重", "better": "比预警轻"}
        ),
    ),
    "analysed": (
        Question("causes", "主要原因（可多选）", "many", CAUSES),
        Question("labour", "家庭劳动力", "one", LABOUR),
    ),
    "consulted": (
        Question("on", "会商日期", "date"),
        Question(
            "decision",
            "会商结论",
            "one",
            {"include": "建议纳入监测", "help": "先落实政策帮扶", "watch": "继续关注", "none": "没有返贫风险"},
        ),
    ),
    "fed_back": (
        Question("on", "反馈日期", "date"),
        Question(
            "to", "反馈给谁（可多选）", "many", {"household": "农户", "village": "村委会", "department": "推送部门"}
        ),
    ),
    "included": (
        Question(CLASS, "监测对象类型", "one", HOUSEHOLD_CLASSES),
        Question(CADRE, "责任干部", "cadre"),
    ),
    "planned": (Question(PLAN, "一户一策：帮扶措施（可多选）", "measures", MEASURES),),
    "delivered": (Question(MEASURE, "已落实的措施", "measure", MEASURES),),
    "fund_paid": (Question(MEASURE, "支付的基金", "fund", MEASURES), Question(AMOUNT, "金额（元）", "amount")),
}


def problem_with(question: Question, given: list[str], cadres: Mapping[str, str], today: date) -> str | None:
    """What is wrong with the answer to a question, in words; None if nothing is."""
    if question.kind == "date":
        return _problem_with_date(given, today)
    if question.kind == "amount":
        return None if len(given) == 1 and fen_in(given[0]) else "请填写金额，单位元，最多两位小数。"
    if not given:
        return f"请选择“{question.title}”。"
    choices = cadres if question.kind == "cadre" else question.choices
    if not set(given) <= choices.keys() or (len(given) > 1 and question.kind not in {"many", "measures"}):
        return f"“{question.title}”请从列表中选择。"
    return None


def fen_in(text: str) -> int:
    """Amount given in yuan, in fen; 0 for what is none."""
    found = _YUAN.fullmatch(text.strip())
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0")) if found else 0


def _problem_with_date(given: list[str], today: date) -> str | None:
    try:
        (text,) = given
        chosen = date.fromisoformat(text)
    except ValueError:
        return "请填写日期。"
    return "日期不能晚于今天。" if chosen > today or chosen.year < 2000 else None
