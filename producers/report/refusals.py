"""What is said where a report cannot be taken or shown, to people and to programs. No text repeats what was sent."""

from __future__ import annotations

from typing import NamedTuple


class Words(NamedTuple):
    """One refusal."""

    status: int
    zh: str
    en: str


REFUSALS: dict[str, Words] = {
    "too_many_from_here": Words(
        429,
        "从您这里提交的申报太多了，请稍后再试，或者拨打 12317。",
        "Too many reports from this address: try again as Retry-After says",
    ),
    "too_many_on_person": Words(
        429,
        "这个人今天已经申报过几次，申报都已收到。请用受理编号查看进度，有新情况请明天再报，或者拨打 12317。",
        "This person was reported several times today, and all of it was taken: try again tomorrow",
    ),
    "busy": Words(
        429,
        "现在申报的人很多，请等一会儿再提交。您填写的内容还没有收到。",
        "Too many reports at once: try again as Retry-After says",
    ),
    "not_found": Words(
        404,
        "没有查到：请核对受理编号和查询码。",
        "There is no such report, or its code is another",
    ),
    "too_many_tries": Words(
        429,
        "编号或查询码错的次数太多，请过一会儿再试，或者拨打 12317。",
        "Too many wrong numbers or codes: try again as Retry-After says",
    ),
    "answered": Words(409, "这件申报已经办结，不能撤回。", "This report was answered: it cannot be taken back"),
    "not_answered": Words(
        409,
        "这件申报还没有办结，请等待核实结果。",
        "This report has no answer yet: there is nothing to appeal against",
    ),
    "bad_form": Words(
        400, "提交的内容不完整，请返回重新填写。", "The body is not what it should be: compare it with /openapi.json"
    ),
    "too_large": Words(413, "提交的内容太长，请返回缩短后再试。", "The body is too large"),
    "too_slow": Words(408, "网络太慢，内容没有收完，请再试一次。", "The body did not arrive in time: try again"),
    "unknown_type": Words(415, "请用网页上的表格提交。", "Send application/json"),
    "not_from_here": Words(403, "这次提交不是从本页面发出的。", "The form came from another site"),
    "robot": Words(
        400, "提交的内容不像是人填写的，没有收下。请重新打开网页再填。", "A field that people do not see was filled in"
    ),
    "other_content": Words(
        422,
        "此 Idempotency-Key 已用于另一份内容：内容不同请换新的",
        "This Idempotency-Key was used for other content: take a new one",
    ),
    "bad_idempotency_key": Words(
        422,
        "Idempotency-Key 应为 16 至 200 个可打印 ASCII 字符：请改正",
        "Idempotency-Key must be 16 to 200 printable ASCII characters: correct it",
    ),
    "other_channel": Words(
        403, "此密钥不能用这个渠道申报：请核对", "This key may not report by that channel: check both"
    ),
    "sign_in": Words(403, "请先用县里发的话务员密钥登录。", "Sign in with a hotline key first"),
    "no_page": Words(404, "没有这个页面。", "There is no such address"),
    "store_away": Words(
        503,
        "系统暂时不能用，您填写的内容还没有收到。请过几分钟再提交一次，或者拨打 12317。",
        "The store cannot be used, so the report was not taken: send it again as Retry-After says",
    ),
    "broken": Words(
        500, "系统出了错，这一步没有做成。请再试一次，或者拨打 12317。", "Internal error, noted: try again"
    ),
}


class TurnedAwayError(Exception):
    """Somebody who cannot be served: a code of REFUSALS."""

    def __init__(self, code: str, retry_after: int = 0) -> None:
        """`retry_after` in seconds."""
        super().__init__(code)
        self.code = code
        self.words = REFUSALS[code]
        self.headers = {"retry-after": str(retry_after)} if retry_after else {}

    def body(self) -> dict[str, object]:
        """What programs are told."""
        return {"error": self.code, "message": self.words.zh, "message_en": self.words.en}
