"""A department's page for its IT person, in Chinese: what to send, how, how often; made from the declarations."""

from __future__ import annotations

import json
from collections.abc import Iterator

from deploy.department_sample import kinds_of_department, sample_rows
from schemas.departments import BY_CODE, DEPARTMENTS
from schemas.event_columns import AREAS, ENVELOPE
from schemas.feed_calendar import shipped_calendar
from schemas.kinds import Field, Kind
from schemas.rule_table import RuleError
from streams.symbols import symbols

_CADENCES = {"monthly": "每月", "quarterly": "每季度", "semester": "每学期", "prompt": "随时"}
_TYPES = {
    "fen": "金额（元，最多两位小数）",
    "day": "日期，如 2026-03-14",
    "ms": "时间，如 2026-03-14T09:30（北京时间）",
    "code": "编号，1-64 个字母、数字或 . _ : / # -",
    "household": "户编号",
    "village": "12 位村代码，多个用分号隔开",
    "region": "6、9 或 12 位行政区划代码，多个用分号隔开",
    "reporter": "申报人的身份证号或电话（只保留加密标识）",
    "int": "整数",
    "long": "整数",
    "boolean": "是 / 否",
    "enum": "下列之一",
    "set": "下列的一个或几个，用分号隔开",
    "string": "文字",
}
_ENVELOPE = {
    "event_id": ("本部门自己的编号，1-64 个字母、数字、符号，不重复；不得含身份证号", "必填"),
    "kind": ("业务类型的英文名", "必填"),
    "id_number": ("18 位或 15 位身份证号，按“文本”格式填写；到县里即加密，不外传", "与户编号至少一项"),
    "household_id": ("户籍登记里的户编号", "与身份证号至少一项"),
    "occurred_at": ("事情发生的时间，如 2026-03-14T09:30 或 2026-03-14（北京时间）", "必填"),
    "revision": ("更正时加 1；不填为 0", "可不填"),
    "retracted": ("是 / 否；撤销时填“是”，业务内容可不填", "可不填"),
    "region_code": ("6 位县、9 位乡镇或 12 位村代码", "村、乡镇的事件填；可由村代码得出"),
}


def page(code: str, on: int | None = None) -> str:
    """Markdown of a department's page; its row may be sent `on` a day, None: on the examples' own."""
    department = BY_CODE[code]
    lines = [
        f"# {department.name}（`{code}`）如何推送",
        "",
        "本页由 `alertbus departments page` 从数据声明生成，请勿手改。",
        "",
        f"- 示例文件：[{code}.csv]({code}.csv)，人员均为虚构，可直接用 `--check` 试。",
        f"- 示例的日期超过 400 天时，用 `alertbus departments sample {code}` 生成近期的一份。",
        f"- 推送周期：{_cadence(code)}",
        "- 表格（CSV、XLSX）的列名用中文或英文都可以；JSON 行用英文。没有数据也要推送空表，表示“本期无”。",
        "",
        *_how(code, on),
        "## 每行都有的列",
        "",
        *_table(("列", "中文列名", "填写", "是否必填"), _envelope(code)),
        "",
    ]
    for kind in kinds_of_department(code):
        lines += _kind(kind)
    return "\n".join(lines).rstrip("\n") + "\n"


def index() -> str:
    """Markdown list of all departments' pages."""
    said = (
        "每个部门一页：列、可填的词、示例文件、命令和接口。由 `alertbus departments write` 生成。\n"
        "用 Python 程序推送见 [sdk.md](../sdk.md)；由总线直接读数据库见 [database-feed.md](../database-feed.md)。"
    )
    return f"# 各部门推送说明\n\n{said}\n\n" + "".join(
        f"- [{each.name}]({each.code}.md)（`{each.code}`）\n" for each in DEPARTMENTS
    )


def _cadence(code: str) -> str:
    try:
        feed = shipped_calendar().feeds[code]
    except RuleError:  # a department whose days are not agreed yet
        return "尚未约定。"
    if feed.cadence == "prompt":
        return "随时，事情发生后尽快。"
    return f"{_CADENCES[feed.cadence]}，期末之后第 {feed.due} 个工作日之前，宽限 {feed.grace} 个工作日；再晚算迟到。"


def _how(code: str, on: int | None) -> Iterator[str]:
    first = json.dumps(sample_rows(code, on)[0], ensure_ascii=False)
    yield from (
        "## 推送文件",
        "",
        "```",
        f"alertbus publish {code} {code}.csv --check    # 只检查，不发送",
        f"alertbus publish {code} {code}.csv            # 发送；有误的行会指出行号、列和改法，其余照常发送",
        "```",
        "",
        "## 通过接口推送",
        "",
        "密钥由县里发给本部门。一行、JSON 行或整个文件都可以；返回的回执写明收下几行、退回几行、为什么。",
        "",
        "```",
        f'curl -X POST "$ALERTBUS_GATEWAY/v1/events/{code}" -H "Authorization: Bearer $KEY" \\',
        "  -H 'Content-Type: application/json' \\",
        f"  -d '{first}'",
        "",
        f'curl -X POST "$ALERTBUS_GATEWAY/v1/events/{code}" -H "Authorization: Bearer $KEY" \\',
        f"  -H 'Content-Type: text/csv' --data-binary @{code}.csv",
        "```",
        "",
    )


def _envelope(code: str) -> Iterator[tuple[str, ...]]:
    areas = {kind.area for kind in kinds_of_department(code)}
    for column, titles in ENVELOPE.items():
        if column in {"id_number", "household_id"} and areas == {True}:
            continue
        said, needed = _ENVELOPE[column]
        yield f"`{column}`", " / ".join(titles), said, needed


def _kind(kind: Kind) -> Iterator[str]:
    whom = "针对村或乡镇，不填身份证号和户编号" if kind.area else "针对人或户"
    counted = "以最新一条为准，不限时间" if kind.standing else "逐条计数，发生 400 天后不再接收"
    yield from (f"## {kind.title}（`{kind.name}`）", "", f"{whom}；{counted}。", "")
    yield from _table(("列", "中文列名", "填写", "是否必填"), map(_field, kind.fields))
    yield ""


def _field(field: Field) -> tuple[str, ...]:
    said = _TYPES.get(field.unit) or _TYPES[field.type]
    if field.least is not None:
        said = f"{field.least} 至 {field.most} 的整数"
    if field.symbols:
        said += "：" + "、".join(f"`{word}` {symbols().get(word, '')}".rstrip() for word in field.symbols)
    needed = "必填" if field.default is None else "可不填"
    if field.unit in AREAS:
        said += "（不填行政区划代码时取第一个）"
    return f"`{field.column}`", field.title, said, needed


def _table(head: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> Iterator[str]:
    for row in (head, ("---",) * len(head), *rows):
        yield f"| {' | '.join(row)} |"
