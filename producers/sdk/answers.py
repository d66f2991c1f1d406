"""What the gateway's answer to a batch means for the batch. Pure."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from producers.sdk.errors import Problem

LONGEST_WAIT_S = 600.0
_NOT_THE_GATEWAY = (
    "答复的不是网关（HTTP {status}）：请核对地址和中间的代理 / "
    "whatever answers is not the gateway (HTTP {status}): check the address, and proxies between"
)


class Taken(NamedTuple):
    """The bus has the good rows; the others were refused."""

    receipt: str
    accepted: int
    problems: tuple[Problem, ...]


class Later(NamedTuple):
    """Not taken: send the same again, after so many seconds where the gateway says so.

    Attributes:
        broken: the gateway failed over this batch, which may be the batch's fault.

    """

    words: str
    seconds: float | None = None
    broken: bool = False


class Stop(NamedTuple):
    """Nothing of this publisher is taken until somebody has mended key, signature, clock or address."""

    words: str


class Smaller(NamedTuple):
    """More at a time than the gateway takes."""

    code: str
    zh: str
    en: str


class Unpacked(NamedTuple):
    """The gateway, or a proxy before it, takes nothing packed."""


class Unfit(NamedTuple):
    """The batch as a whole is refused, and would be again."""

    code: str
    zh: str
    en: str


Verdict = Taken | Later | Stop | Smaller | Unpacked | Unfit


class _Problem(msgspec.Struct, frozen=True):
    row: int
    field: str
    rule: str
    reason: str
    reason_en: str


class _Receipt(msgspec.Struct, frozen=True):
    receipt: str
    state: str
    rows: int
    accepted: int
    problems: tuple[_Problem, ...]


class _Refusal(msgspec.Struct, frozen=True):
    error: str
    message: str
    message_en: str


def verdict_of(status: int, content: bytes, retry_after: str | None, rows: int) -> Verdict:
    """Meaning of an answer to a batch of so many rows."""
    if status in {202, 422} and (receipt := _receipt(content, rows)) is not None:
        problems = tuple(Problem(*msgspec.structs.astuple(each)) for each in receipt.problems)
        return Taken(receipt.receipt, receipt.accepted, problems)
    said, words = _refusal(content), refusal_of(status, content)
    if said is None:
        return Later(words, _seconds(retry_after))
    if status >= 500 or status in {408, 409, 429} or said.error == "replayed":  # signed anew each time
        return Later(words, _seconds(retry_after), broken=status == 500)
    if status in {401, 403, 404, 405}:
        return Stop(words)
    if said.error == "unknown_encoding":
        return Unpacked()
    return (Smaller if status == 413 else Unfit)(said.error, said.message, said.message_en)


def refusal_of(status: int, content: bytes) -> str:
    """What a refusal says, in both languages."""
    said = _refusal(content)
    return _NOT_THE_GATEWAY.format(status=status) if said is None else f"{said.message} / {said.message_en}"


def _refusal(content: bytes) -> _Refusal | None:
    try:
        return msgspec.json.decode(content, type=_Refusal)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _receipt(content: bytes, rows: int) -> _Receipt | None:
    """Receipt of an answer, if it is one of so many rows."""
    try:
        found = msgspec.json.decode(content, type=_Receipt)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    refused = {problem.row for problem in found.problems}
    adds_up = found.rows == rows == found.accepted + len(refused) and refused <= set(range(1, rows + 1))
    return found if found.state == "taken" and adds_up else None


def _seconds(retry_after: str | None) -> float | None:
    text = (retry_after or "").strip()
    return min(float(text[:9]), LONGEST_WAIT_S) if text.isascii() and text.isdigit() else None
