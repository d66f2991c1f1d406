"""A receipt as people and programs are shown it: status, days, the reason in words; nothing about any household."""

from __future__ import annotations

from typing import Any

from producers.report.receipt import Receipt
from producers.report.standing import CONCLUDED
from producers.report.words import CHANNELS, MEANINGS, NEEDS, RESULTS, STATES, WHAT_FOLLOWS, reason_of
from schemas.beijing import date_of, instant

_APPEALABLE = frozenset({"REJECTED", "ALREADY_COVERED"})


def shown(receipt: Receipt) -> dict[str, Any]:
    """What a page shows of a receipt; days as `2026年3月2日`."""
    report, standing = receipt.kept.report, receipt.kept.standing
    answer = standing.answer
    return {
        "number": report.number,
        "channel": CHANNELS[report.channel],
        "needs": "、".join(NEEDS[need] for need in report.need),
        "accepted_on": _day_of(report.accepted_at),
        "visit_by": _day(receipt.visit_by),
        "decide_by": _day(receipt.decide_by),
        "state": standing.state,
        "state_text": STATES[standing.state],
        "meaning": MEANINGS.get(standing.state, ""),
        "looked_on": _day_of(standing.looked_at) if standing.looked_at is not None else "",
        "result_text": RESULTS[answer.result] if answer else "",
        "reason": reason_of(answer.result, answer.reason) if answer else "",
        "answered_on": _day_of(answer.at) if answer else "",
        "follows": WHAT_FOLLOWS[answer.result] if answer else "",
        "may_appeal": bool(answer and answer.result in _APPEALABLE),
        "may_withdraw": standing.state != CONCLUDED,
        "earlier": report.earlier or "",
    }


def as_json(receipt: Receipt) -> dict[str, Any]:
    """What a program is shown of a receipt; fields may be added, never renamed."""
    report, standing = receipt.kept.report, receipt.kept.standing
    answer = standing.answer
    return {
        "receipt": report.number,
        "channel": report.channel,
        "appeals_against": report.earlier,
        "accepted_at": instant(report.accepted_at).isoformat(timespec="seconds"),
        "visit_by": date_of(receipt.visit_by).isoformat(),
        "decide_by": date_of(receipt.decide_by).isoformat(),
        "state": standing.state,
        "state_text": STATES[standing.state],
        "result": answer.result if answer else None,
        "result_text": RESULTS[answer.result] if answer else None,
        "reason": (answer.reason or None) if answer else None,
        "reason_text": (reason_of(answer.result, answer.reason) or None) if answer else None,
        "answered_at": instant(answer.at).isoformat(timespec="seconds") if answer else None,
    }


def _day_of(at: int) -> str:
    day = instant(at)
    return f"{day.year}年{day.month}月{day.day}日"


def _day(number: int) -> str:
    day = date_of(number)
    return f"{day.year}年{day.month}月{day.day}日"
