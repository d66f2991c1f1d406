"""What can be wrong with a row, and what the clerk must do, in words a clerk understands.

    FileError     the file cannot be read as a whole: nothing of it is sent
    FieldError    one field of one row; becomes a RowProblem, the other rows go on

No text repeats a value: identity numbers must not reach reasons or logs.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from schemas.reasons import REASONS

FAULTS: dict[str, str] = {
    "missing": "必填项为空：请填写",
    "id_length": "身份证号应为 18 位（旧号 15 位）：请核对后重新填写",
    "id_digits": "身份证号只能是数字，末位可为 X：请核对后重新填写",
    "id_birth": "身份证号中的出生日期不存在或晚于今天：请核对后重新填写",
    "id_check": "身份证号校验位不符，可能抄错一位：请与证件核对",
    "id_as_number": "身份证号被表格软件存成了数字（如 1.23E+17），末几位已丢失：请把该列设为“文本”格式后重新录入",
    "id_in_text": "此处含有身份证号，不允许上传：请改用不含身份证号的编号",
    "text": "应为文字：请改正",
    "amount": "金额应为 0 至 100 亿元、最多两位小数的数字（单位：元）：请改正",
    "range": "应为 {words} 的整数：请改正",
    "integer": "应为不小于 0 的整数：请改正",
    "text_long": "文字过长：请缩短到 {words} 字以内",
    "phone": "电话只能有数字、空格和 + - ( ) 、：请改正",
    "household_twice": "同一户在文件中出现两次，内容不同：请只保留正确的一行",
    "column_twice": "有两列都是这一项：请只保留一列",
    "truth": "应填 true/false、1/0 或 是/否：请改正",
    "date": "日期不存在或格式不对，应如 2026-03-14：请改正",
    "date_serial": "日期被表格软件存成了序号（如 46095）：请把该列设为“日期”格式，或按 2026-03-14 的写法重新录入",
    "time": "时间不存在或格式不对，应如 2026-03-14T09:30 或 2026-03-14（北京时间）：请改正",
    "words": "有不在可选值之内的词，可选 {words}，多个用分号隔开：请改正",
    "word": "不在可选值之内，应为 {words} 之一：请改正",
    "unknown_kind": "没有这种业务类型，应为 {words} 之一：请改正 kind",
    "unknown_column": "没有这一列：请核对列名，或删去该列",
    "no_subject": "身份证号和户编号都为空：至少填写一项",
    "not_an_object": "这一行不是 JSON 对象：请每行写一个 {{…}}",
    "too_many_cells": "这一行的格数多于表头：请检查逗号和引号",
    "tags": "户标签应为 lifted、monitored、relocated，多个用分号隔开：请改正",
    "code_region": "行政区划代码应为 6、9 或 12 位数字：请改正",
    "codes_12": "应为 12 位村代码，至少一个，多个用分号隔开：请改正",
    "codes_region": "应为 6 位县、9 位乡镇或 12 位村代码，至少一个，多个用分号隔开：请改正",
    "reporter": "应填申报人的身份证号或电话号码，不填姓名（只保留加密后的标识）：请改正或留空",
    "code_9": "乡镇代码应为 9 位数字：请改正",
    "code_12": "村代码应为 12 位数字：请改正",
    "code_grid": "网格代码应为 12 至 20 位数字：请改正",
    "valid_to": "截止日期早于生效日期：请改正",
}

_COLUMN = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,39}")


class FileError(Exception):
    """A file that cannot be read as a whole; the message is for the clerk."""


class FieldError(Exception):
    """A field that cannot be read: its column and a code of FAULTS or REASONS."""

    def __init__(self, field: str, code: str, words: tuple[str, ...] = ()) -> None:
        """Keep what is wrong where, and the allowed words where there are any."""
        super().__init__(field, code)
        self.field = field
        self.code = code
        self.words = words


class RowProblem(NamedTuple):
    """Why a row was not sent.

    Attributes:
        row: from 1, headings excluded.
        field: the column; `?` where even its name is unfit to repeat.
        reason: plain Chinese, says what to do.
        code: the same for programs.
        words: the allowed words, where the reason names them.

    """

    row: int
    field: str
    reason: str
    code: str
    words: tuple[str, ...] = ()


def problem(row: int, fault: FieldError) -> RowProblem:
    """Word a fault for the clerk."""
    field = fault.field if _COLUMN.fullmatch(fault.field) else "?"
    return RowProblem(row, field, _worded(fault.code, fault.words), fault.code, fault.words)


@lru_cache(maxsize=1000)
def _worded(code: str, words: tuple[str, ...]) -> str:
    """Text of a fault, one for all rows that have it: a million may be wrong in the same way."""
    template = FAULTS.get(code) or REASONS.get(code) or code
    return template.format(words="、".join(words))
