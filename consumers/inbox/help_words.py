"""What an alert says of help, in the words of its page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from consumers.inbox.alert import Alert, Given
from consumers.inbox.deadline import day
from consumers.inbox.words import LABOUR, MEASURES, department
from schemas.actions import HOUSEHOLD_CLASSES


class Help(NamedTuple):
    """Help of one household.

    Attributes:
        missing: in the order in which to try it; `why` says by what it is ordered.
        to_do: what somebody is to do about it now.
        proposed_class: empty where none is proposed.

    """

    missing: list[str]
    why: str
    given: list[str]
    planned: list[str]
    delivered: list[str]
    to_do: list[str]
    proposed_class: str


def help_of(alert: Alert) -> Help:
    """Words of an alert's help."""
    return Help(
        missing=titles(missing(alert)),
        why=f"家庭劳动力：{LABOUR[alert.labour]}。排在前面的先落实。"
        if alert.labour and alert.labour in LABOUR
        else "",
        given=[_given(each) for each in alert.given_help],
        planned=titles(alert.planned),
        delivered=titles(alert.measures),
        to_do=_to_do(alert),
        proposed_class=HOUSEHOLD_CLASSES.get(alert.proposed_class or "", alert.proposed_class or ""),
    )


def missing(alert: Alert) -> list[str]:
    """Codes of the help that is missing, in the order in which to try it; last resorts are no help to plan with.

    An alert of an earlier release suggests nothing: then all that it misses.
    """
    ordered = alert.suggested or alert.missing_help
    return [code for code in ordered if code in alert.missing_help]


def titles(codes: Iterable[str]) -> list[str]:
    """What measures are called."""
    return [MEASURES.get(code, code) for code in codes]


def yuan(fen: int) -> str:
    """`258,800.00元`."""
    return f"{fen // 100:,}.{fen % 100:02}元"


def _given(given: Given) -> str:
    title = MEASURES.get(given.measure, given.measure)
    return f"{title}（{department(given.department)}，{day(given.occurred_at)}）"


def _to_do(alert: Alert) -> list[str]:
    said = []
    if alert.insurer_nudge:
        said.append("提醒保险公司理赔：本户已投保，超过期限仍没有理赔记录。")
    if alert.fund_referral:
        funds = "、".join(titles(alert.fund_referral))
        said.append(f"可申请{funds}：乡镇已记录现有政策不足以化解风险。")
    elif alert.policies_insufficient and not alert.fund_paid_fen:
        said.append("已记录现有政策不足。有保险的先等保险理赔。")
    if alert.without_follow_up:
        said.append("易地搬迁户，还没有任何帮扶措施：请至少落实一项。")
    return said
