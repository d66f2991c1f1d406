"""A scorecard in plain Chinese: the same sentences for the terminal and for the page. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from producers.results.scorecard import AWAITED, IN_GRACE, LATE, ON_TIME, OWED
from schemas.faults import FAULTS
from schemas.reasons import REASONS

Card = dict[str, Any]
_STATES = {ON_TIME: "按时", IN_GRACE: "宽限期内", AWAITED: "未到期，尚未推送"}
_ENDED = {"corrected": "已更正", "retracted": "已撤销", "upheld": "核对无误，已重报"}

_WHAT_TO_DO = (
    "乡镇核实后认为数据有误。请按批次和行号核对原始数据：有误的以更高的修订号更正，或撤销；"
    "无误的以更高的修订号原样重报。一条预警依据几个部门的数据时，各部门都会收到。"
)


def title(card: Card) -> str:
    """What it is."""
    year, month = card["month"].split("-")
    return f"{card['name']} {year}年{int(month)}月推送情况反馈"


def feed(card: Card) -> list[str]:
    """Whether deliveries were on time."""
    if not card["feed"]:
        return ["本月没有到期的定期推送。"]
    return [f"{each['period']}：应于 {each['due']} 前推送，{_feed_state(each)}" for each in card["feed"]]


def _feed_state(period: Card) -> str:
    if period["state"] == OWED:
        return f"至今没有收到，已迟 {period['days_late']} 天"
    if period["state"] == LATE:
        return f"{period['delivered']} 收到，迟到 {period['days_late']} 天"
    said = _STATES[period["state"]]
    return f"{period['delivered']} 收到，{said}" if period["delivered"] else said


def rows(card: Card) -> list[str]:
    """What became of the rows."""
    found, sent = card["rows"], card["deliveries"]
    parts = (
        f"采用 {found['applied']} 行，待户籍登记 {found['parked']} 行，重复 {found['duplicate']} 行，"
        f"退回 {found['rejected']} 行，无法处理 {found['dead_lettered']} 行"
    )
    waiting = f"，仍在处理 {found['waiting']} 行" if found["waiting"] else ""
    said = [f"本月推送 {sent['delivered']} 次，共 {found['rows']} 行：{parts}{waiting}。"]
    if sent["unfinished"]:
        said.append(f"另有 {sent['unfinished']} 次没有推送完，请重新推送，重复推送不会重复计算。")
    if sent["not_adding_up"]:
        said.append(f"行数尚不相符的批次：{'、'.join(sent['not_adding_up'])}。")
    return said


def rejections(card: Card) -> list[tuple[int, str]]:
    """Rows that were refused, by reason."""
    return [(each["count"], reason(each["reason"])) for each in card["rejected_by"]]


def letters(card: Card) -> list[tuple[int, str]]:
    """Records that may not count, by reason."""
    return [(each["count"], reason(each["reason"])) for each in card["dead_letters_by"]]


def reason(code: str) -> str:
    """Words of a reason, whatever list it is of; rows of older deliveries have none."""
    return (FAULTS.get(code) or REASONS.get(code) or code or "原因未记录").format(words="数据说明所列")


def came(card: Card) -> list[str]:
    """What came of it: counts only."""
    found = card["came_of_it"]
    answered = found["confirmed"] + found["rejected"]
    verdicts = (
        f"属实 {found['confirmed']} 条，不属实 {found['rejected']} 条，"
        f"已有帮扶 {found['already_covered']} 条，尚无结论 {found['unanswered']} 条"
    )
    said = [f"以本月数据为依据的预警 {found['alerts']} 条：{verdicts}。"]
    if answered:
        said.append(f"准确情况：核实 {answered} 条，其中属实 {found['confirmed']} 条。")
    return said


def objections(card: Card) -> list[str]:
    """Of objections, how many."""
    found = card["objections"]
    ended = "，".join(f"{_ENDED[how]} {count} 条" for how, count in found["ended"].items()) or "没有办结的"
    return [
        f"本月新提出 {found['raised']} 条；本月{ended}；目前待核对 {len(found['open'])} 条。",
        _WHAT_TO_DO,
    ]


def open_objections(card: Card) -> Iterator[tuple[str, ...]]:
    """Of each open objection: event, batch, row, file, since, how long, how often it came again."""
    for each in card["objections"]["open"]:
        row = "" if each["row"] is None else str(each["row"])
        file = (each["content_sha256"] or "")[:12]
        since = f"{each['since'][:10]}（{each['days']} 天）"
        yield each["event_id"], each["batch_id"], row, file, since, f"{each['again']} 次"


def footer(card: Card) -> str:
    """As of when, and what it leaves out."""
    at = card["as_of"][:16].replace("T", " ")
    return f"截至 {at}。只列本部门推送的行数和预警条数，不含农户、人员和其他部门的情况。"


def as_text(card: Card) -> str:
    """All of it, for a terminal."""
    parts = [title(card), "", *feed(card), *rows(card)]
    parts += [f"  退回 {count} 行：{said}" for count, said in rejections(card)]
    parts += [f"  无法处理 {count} 行：{said}" for count, said in letters(card)]
    parts += [*came(card), *objections(card)]
    parts += [
        f"  {event_id}  批次 {batch_id} 第 {row} 行  文件 {file}  自 {since}，又推送 {again}"
        for event_id, batch_id, row, file, since, again in open_objections(card)
    ]
    return "\n".join([*parts, footer(card), ""])
