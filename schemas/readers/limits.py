"""What a process that reads a workbook from outside may use, and what is said when that is not enough."""

from __future__ import annotations

from typing import NamedTuple

EX_REFUSED = 65
"""The file is not what it should be; standard error says so."""
EX_MEMORY = 66
EX_SIZE = 67
_ABORTED, _KILLED, _FAULTED, _OUT_OF_TIME = -6, -9, -11, -24
"""SIGABRT is how the workbook library ends without memory."""
MAX_ROW_BYTES = 1 << 20
"""Of one row, in any format."""


class Limits(NamedTuple):
    """What one reading may use.

    Attributes:
        memory: bytes of address space.
        seconds: of computing; twice as many may pass on the clock.
        rows: bytes of all rows that are read.

    """

    memory: int = 1 << 30
    seconds: int = 120
    rows: int = 1 << 30


def in_words(name: str, code: int, limits: Limits) -> str:
    """Say why a reader ended as it did: which file, why, what to do; in Chinese and English.

    Args:
        name: of the file.
        code: of the process, negative for a signal.
        limits: that it had.

    """
    if code in {EX_MEMORY, _ABORTED, _FAULTED}:
        amount = f"{limits.memory >> 20} MB"
        return (
            f"文件 {name} 读取时要用的内存超过 {amount}：请删去数据之外的空白行、列，或另存为 CSV 后重新提交"
            f" / {name} takes more than {amount} of memory: delete empty rows and columns, or save it as CSV"
        )
    if code in {_OUT_OF_TIME, _KILLED}:
        return (
            f"文件 {name} 在 {limits.seconds} 秒内读不完：请另存为 CSV，或分成几个文件后重新提交"
            f" / {name} takes more than {limits.seconds} s to read: save it as CSV, or in several files"
        )
    if code == EX_SIZE:
        amount = f"{limits.rows >> 20} MB"
        return (
            f"文件 {name} 展开后的数据超过 {amount}：请另存为 CSV，或分成几个文件后重新提交"
            f" / the rows of {name} are more than {amount}: save it as CSV, or in several files"
        )
    return (
        f"文件 {name} 已损坏，读取程序中断（{code}）：请用表格软件打开后重新另存"
        f" / {name} is damaged, its reader ended with {code}: open it in a spreadsheet program and save it again"
    )
