"""The funnel, from what departments send to what people found true: each line adds up. Pure.

What a line is divided into is counted apart from the line itself, so that a mistake in either shows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from consumers.notify_changes import HANDED_OVER, RESTORED, WITHDRAWN
from consumers.quiet import Heeded

OUTCOMES = ("applied", "duplicate", "parked", "dead_lettered")
WAITING, CONFIRMED, _PUSHED = "waiting", "confirmed", "pushed"
_VERDICTS: Mapping[str, str] = {
    "LEAD": "watch",
    "WITHDRAWN": "withdrawn",
    "ALERTED": WAITING,
    "ACKED": WAITING,
    "VERIFYING": WAITING,
    "REOPENED": WAITING,
    "REJECTED": "rejected",
    "ALREADY_COVERED": "covered",
}
"""Of a case; every other state follows a confirmation."""

TITLES: Mapping[str, str] = {
    "records": "部门推送",
    "evidence": "作为预警依据的记录",
    "alerts": "预警",
    "news": "应通知的变化",
    "applied": "归到农户",
    "duplicate": "重复",
    "parked": "待登记",
    "dead_lettered": "死信",
    "unread": "待处理",
    "first": "各预警的第一条",
    "merged": "并入已有预警",
    "watch": "关注",
    "withdrawn": "撤回",
    WAITING: "待核实",
    "not_mine": "非本乡镇",
    CONFIRMED: "属实",
    "rejected": "不属实",
    "covered": "已有保障",
    _PUSHED: "推送",
    "taken_back": "撤回或移交",
    "restored": "恢复（只进收件箱）",
    "held": "静默期内不重复通知",
}


class Line(NamedTuple):
    """A whole and what it is divided into."""

    name: str
    whole: int
    parts: Mapping[str, int]

    @property
    def adds_up(self) -> bool:
        """Whether the parts are the whole."""
        return self.whole == sum(self.parts.values()) and all(part >= 0 for part in self.parts.values())

    def __str__(self) -> str:
        """`部门推送 10 条：归到农户 8，重复 2。`."""
        parts = "，".join(f"{TITLES[part]} {number:,}" for part, number in self.parts.items())
        return f"{TITLES[self.name]} {self.whole:,} 条：{parts}。"


def sums_of(before: Mapping[str, Any] | None, after: Mapping[str, Any], heeded: Heeded) -> Counter[str]:
    """What a version adds to the sums, or takes from them."""
    more = Counter(alerts=int(before is None), held=heeded.held, news=len(heeded.say) + heeded.held)
    more.update(_fate(change.kind) for change in heeded.say)
    more.update(_of_evidence(after))
    more.subtract(_of_evidence(before) if before is not None else {})
    return more


def alert_lines(sums: Mapping[str, int], states: Mapping[str, int], disowned: Mapping[str, int]) -> list[Line]:
    """Lines from evidence to verdicts and what was told.

    Args:
        sums: what all versions added up to.
        states: alerts by state.
        disowned: those of them of which their township says that they are not its own, by state.

    """
    verdicts = Counter(dict.fromkeys((*_VERDICTS.values(), CONFIRMED), 0))
    for status, number in states.items():
        verdicts[_VERDICTS.get(status, CONFIRMED)] += number - disowned.get(status, 0)
    verdicts["not_mine"] = sum(disowned.values())
    return [
        _line("evidence", sums, ("first", "merged")),
        Line("alerts", sums.get("alerts", 0), dict(verdicts)),
        _line("news", sums, (_PUSHED, "taken_back", "restored", "held")),
    ]


def records_line(published: int, outcomes: Mapping[str, int]) -> Line:
    """The line of all that departments sent; `outcomes` were read before `published`, so that none is ahead of it."""
    parts = {outcome: outcomes.get(outcome, 0) for outcome in OUTCOMES}
    return Line("records", published, {**parts, "unread": published - sum(parts.values())})


def steps(lines: Iterable[Line]) -> dict[str, int]:
    """Lines as numbers with names: `news`, `news.held`."""
    found: dict[str, int] = {}
    for line in lines:
        found[line.name] = line.whole
        found |= {f"{line.name}.{part}": number for part, number in line.parts.items()}
    return found


def lines_in(steps: Mapping[str, int]) -> list[Line]:
    """Lines again from numbers with names, in their order."""
    wholes = [name for name in steps if "." not in name]
    parts = {w: {n.partition(".")[2]: steps[n] for n in steps if n.startswith(f"{w}.")} for w in wholes}
    return [Line(whole, steps[whole], parts[whole]) for whole in wholes]


def _line(name: str, sums: Mapping[str, int], parts: Iterable[str]) -> Line:
    return Line(name, sums.get(name, 0), {part: sums.get(part, 0) for part in parts})


def is_push(kind: str) -> bool:
    """Whether a change of this kind sends somebody out: what a township's weekly burden is counted in."""
    return _fate(kind) == _PUSHED


def _fate(kind: str) -> str:
    if kind in {WITHDRAWN, HANDED_OVER}:
        return "taken_back"
    return "restored" if kind == RESTORED else _PUSHED


def _of_evidence(alert: Mapping[str, Any]) -> dict[str, int]:
    """Records that an alert rests on, each once; where not all are listed, as few as there can be."""
    listed = {event for cause in alert["causes"] for event in cause["evidence"]}
    number = max([len(listed), *(cause["evidence_count"] for cause in alert["causes"])])
    return {"evidence": number, "first": min(number, 1), "merged": max(number - 1, 0)}
