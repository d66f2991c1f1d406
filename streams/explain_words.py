"""An explanation in plain Chinese for the county monitor: sentences, and the whole as text. No names, no diagnoses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from schemas.actions import ACTIONS, OUTCOMES, REFUSALS, ROLES, STATUSES
from schemas.departments import BY_CODE
from streams.explain import Answer, seal_of
from streams.explain_help import LABOUR, help_lines
from streams.symbols import word_of

LEVELS = {"red": "红色", "orange": "橙色", "yellow": "黄色", "watch": "关注"}
STATES = {
    "counts": "计入",
    "superseded": "已被更正，不计",
    "retracted": "已撤回，不计",
    "elsewhere": "发生当日不在本户，不计",
    "forgotten": "超过保存期，不计",
    "refused": "本户记录过多，未收",
}
_UNITS = {"times": "笔", "days": "天", "aspects": "项", "percent": "%"}
_ASKS = {"below": ("须低于", "高出"), "at_most": ("不超过", "超出"), "at_least": ("须达到", "还差")}
_WITHDRAWN = "WITHDRAWN"


def as_text(answer: Answer) -> str:
    """The whole answer as text."""
    parts = [
        f"户 {answer['household_id']} 预警情况说明  截至 {day_text(answer['at'])}",
        *conclusion(answer),
        *_section("最接近触发的规则", (line for rule in near_misses(answer) for line in rule_lines(rule))),
        *_section("成立的规则", (line for rule in fired(answer) for line in rule_lines(rule))),
        *_section("其他规则", (line for rule in others(answer) for line in rule_lines(rule))),
        *_section("已收到的事实", map(fact_text, answer["facts"])),
        *_section("户籍登记", (line for member in answer["members"] for line in member_lines(member, answer))),
        *_section("帮扶", help_lines(answer)),
        *_section("预警版本", map(version_text, answer["versions"])),
        *_section("处理情况", map(action_text, answer["actions"])),
        *_section("各部门数据报到日期", [positions_text(answer)]),
        "",
        rule_set_text(answer),
        f"内容校验 SHA-256  {seal_of(answer)}",
    ]
    return "\n".join(parts) + "\n"


def _section(title: str, lines: Iterable[str]) -> list[str]:
    return ["", f"【{title}】", *(list(lines) or ["无。"])]


def conclusion(answer: Answer) -> list[str]:
    """What it comes to, in a few sentences."""
    lines = []
    if answer["removed_before"] is not None:
        lines.append(f"注意：{time_text(answer['removed_before'])}以前的原始记录已过保存期，以下只依据仍保存的记录。")
    if not answer["known"]:
        return [*lines, "到这一天为止，系统没有收到本户的任何记录。"]
    if not answer["rules"]:
        return [*lines, "到这一天为止，系统还没有启用任何规则。"]
    holding = [f"{rule['title']}（{LEVELS[rule['level']]}）" for rule in fired(answer)]
    alert = current(answer)
    if alert is None:
        lines.append("本户没有预警。")
    else:
        state = f"{level_text(alert)}，{STATUSES[alert['status']]}"
        lines.append(f"本户预警 {alert['alert_id']} 第{alert['version']}版：{state}。")
    lines.append(f"成立的规则：{'；'.join(holding)}。" if holding else "没有规则成立。")
    if near := [rule["title"] for rule in near_misses(answer)]:
        lines.append(f"接近触发：{'；'.join(near)}。")
    return lines


def current(answer: Answer) -> Mapping[str, Any] | None:
    """Newest version of the household's present alert; None where it has none, or it is withdrawn."""
    last = max(answer["versions"], key=lambda each: (each["ordinal"], each["version"]), default=None)
    return None if last is None or last["status"] == _WITHDRAWN else last


def near_misses(answer: Answer) -> list[Answer]:
    """Rules that did not fire and were not far from it, the nearest first."""
    return [rule for rule in answer["rules"] if rule["near_miss"]]


def fired(answer: Answer) -> list[Answer]:
    """Rules that hold and raise something."""
    return [rule for rule in answer["rules"] if rule["fired"] and not rule["part"]]


def others(answer: Answer) -> list[Answer]:
    """All other rules."""
    return [rule for rule in answer["rules"] if not rule["near_miss"] and (rule["part"] or not rule["fired"])]


def rule_lines(rule: Answer) -> list[str]:
    """A rule with its figures and its basis."""
    heading = f"{rule['rule']} 第{rule['version']}版 {rule['title']}：{rule_state(rule)}"
    return [heading, *(f"    {line}" for line in figure_lines(rule)), f"    依据：{basis_text(rule)}"]


def figure_lines(rule: Answer) -> list[str]:
    """Figures of a rule, each in a sentence."""
    return [figure_text(figure) for figure in rule["figures"]] or ["没有相关记录"]


def rule_state(rule: Answer) -> str:
    """Whether a rule holds, or how near it came."""
    if rule["fired"]:
        return f"成立，{LEVELS[rule['level']]}" if rule["level"] else "成立，只供组合规则使用"
    return f"不成立，接近程度 {percent_text(rule)}" if rule["closeness"] else "不成立"


def percent_text(rule: Answer) -> str:
    """How near a rule came to its line."""
    return f"{rule['closeness'] // 10}.{rule['closeness'] % 10}%"


def basis_text(rule: Answer) -> str:
    """Policy clause of a rule."""
    return "本系统的假定，尚无政策条文" if rule["basis"] == "assumption" else str(rule["basis"])


def figure_text(figure: Answer) -> str:
    """One thing measured, against its lines."""
    said = [_measured(figure)] if figure["value"] is not None else [figure["what"]]
    said += [_asked(asked) for asked in figure["asked"]]
    part = f"{figure['part']}：" if figure["part"] else ""
    return part + "，".join(said) + _references(figure["facts"])


def _measured(figure: Answer) -> str:
    unit = figure["unit"]
    window = f"{figure['window_days']}天内" if figure["window_days"] else ""
    span = "" if figure["from"] is None or unit == "days" else f"（{_span(figure['from'], figure['to'])}）"
    said = f"{window}{figure['what']} {amount_text(figure['value'], unit)}{span}"
    if not figure["lines"]:
        return said
    word, short = _ASKS[figure["asks"]]
    lines = [f"{LEVELS.get(line['level'], '')}{amount_text(line['at'], unit)}" for line in figure["lines"]]
    bars = "、".join(reversed(lines))
    missing = "" if figure["missing"] is None else f"，{short}{amount_text(figure['missing'], unit)}"
    return f"{said}，{figure['group']}{word}{bars}{missing}"


def _span(first: str, last: str) -> str:
    start, end = day_text(first[:10]), day_text(last[:10])
    return start if start == end else f"{start}至{end}"


def _asked(asked: Mapping[str, Any]) -> str:
    return f"{asked['field']}为{asked['says']}，要求{asked['asked']}（{'符合' if asked['fits'] else '不符合'}）"


def _references(facts: Sequence[int]) -> str:
    return f"〔事实 {'、'.join(map(str, facts))}〕" if facts else ""


def amount_text(value: str | int, unit: str) -> str:
    """A figure with its unit."""
    if unit == "fen":
        whole, _, cents = str(value).partition(".")
        return f"{int(whole):,}.{cents}元"
    return f"{value}{_UNITS[unit]}"


def day_text(day: str) -> str:
    """`2026-03-01` as officials write it."""
    found = date.fromisoformat(day)
    return f"{found.year}年{found.month}月{found.day}日"


def time_text(time: str) -> str:
    """An ISO time as officials write it, to the minute."""
    found = datetime.fromisoformat(time)
    return f"{found.year}年{found.month}月{found.day}日{found:%H:%M}"


def department_text(code: str) -> str:
    """What officials call a department."""
    return BY_CODE[code].name if code in BY_CODE else code


def member_text(fact: Answer) -> str:
    """Whom a fact concerns."""
    if fact["member"] is None:
        return "全户"
    return f"成员{fact['member']}" if fact["member"] else "未登记的成员"


def state_text(fact: Answer) -> str:
    """Whether a fact counts, and if not, why."""
    again = f"；又到 {fact['repeats']} 次，未重复计" if fact["repeats"] else ""
    return f"{STATES[fact['state']]}{again}"


def fact_text(fact: Answer) -> str:
    """A fact in a line."""
    what = f"{department_text(fact['department'])}·{fact['title']}{'（撤回）' if fact['retracts'] else ''}"
    when = f"{day_text(fact['occurred_at'][:10])}发生，{time_text(fact['known_at'])}到达"
    return (
        f"{fact['number']}. {what} {fact['event_id']} 修订{fact['revision']}，"
        f"{member_text(fact)}，{when}：{state_text(fact)}"
    )


def member_lines(member: Answer, answer: Answer) -> list[str]:
    """Rows of a member of the household."""
    here = "现住本户" if member["lives_here"] else "现不在本户"
    return [
        f"成员{member['member']}，{here}",
        *(f"    {row_text(row, answer['household_id'])}" for row in member["rows"]),
    ]


def row_text(row: Answer, household_id: str) -> str:
    """A row of the register."""
    until = f"至{day_text(row['valid_to'])}" if row["valid_to"] else "起"
    where = "本户" if row["household_id"] == household_id else f"户 {row['household_id']}"
    tags = "、".join(word_of(tag) for tag in row["tags"])
    return f"{day_text(row['valid_from'])}{until}在{where}，村 {row['village_code']}，{LABOUR[row['labour']]}" + (
        f"，{tags}" if tags else ""
    )


def version_text(version: Answer) -> str:
    """A version of an alert in a line."""
    causes = "、".join(f"{cause['rule']}{LEVELS[cause['level']]}" for cause in version["causes"]) or "无"
    level, status = level_text(version), STATUSES[version["status"]]
    return (
        f"{version['alert_id']} 第{version['version']}版，"
        f"{time_text(version['known_at'])}的记录：{level}{status}，原因 {causes}"
    )


def level_text(version: Mapping[str, Any]) -> str:
    """Level of a version, and the rule that puts it above that of every cause."""
    reason = f"（{version['level_rule']} {version['level_reason']}）" if version["level_rule"] else ""
    return LEVELS.get(version["level"], "") + reason


def action_text(action: Answer) -> str:
    """Something that a person did, in a line."""
    kind = ACTIONS[action["action"]]
    reason = f"（{kind.reasons.get(action['reason'], action['reason'])}）" if action["reason"] else ""
    why = f"：{REFUSALS[action['why']]}" if action["why"] else ""
    who = f"{ROLES[action['role']]} {action['actor']}"
    seen = f"看到第{action['version_seen']}版时"
    return f"{time_text(action['acted_at'])}，{who}{seen}：{kind.title}{reason}，{OUTCOMES[action['outcome']]}{why}"


def positions_text(answer: Answer) -> str:
    """How far each department's feed had come, in a sentence."""
    if answer["tick"] is None:
        return "尚无日切记录。"
    said = [f"{department_text(code)} {day_text(day)}" for code, day in answer["as_of"].items() if day]
    silent = [department_text(code) for code, day in answer["as_of"].items() if not day]
    rest = f"；尚未报到：{'、'.join(silent)}" if silent else ""
    return f"最近一次日切 {day_text(answer['tick'])}。{'，'.join(said) or '各部门均未报到'}{rest if said else ''}。"


def rule_set_text(answer: Answer) -> str:
    """Which rule set judged."""
    active = answer["rule_set"]
    if active is None:
        return "尚未启用规则集。"
    return f"规则集 {active['hash']}，{time_text(active['activated_at'])}启用"
