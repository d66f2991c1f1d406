"""What the gateway says when it refuses, in Chinese and English, and what to do. No text repeats what was sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Words(NamedTuple):
    """One refusal.

    Attributes:
        status: HTTP's.
        zh: for the clerk.
        en: for the programmer.

    """

    status: int
    zh: str
    en: str


REFUSALS: dict[str, Words] = {
    "no_key": Words(
        401,
        "没有密钥：请在 Authorization 中写 Bearer 和县里发的密钥",
        "No API key: send Authorization: Bearer and the key that the county gave you",
    ),
    "bad_key": Words(
        401,
        "密钥不对、已过期或已停用：请核对，或向县里申请新密钥",
        "The API key is wrong, expired or revoked: check it, or ask the county for a new one",
    ),
    "too_many_wrong_keys": Words(
        429, "错误密钥过多：请核对密钥，一分钟后再试", "Too many wrong keys: check the key, try again in a minute"
    ),
    "other_department": Words(
        403,
        "此密钥不属于这个部门：请使用本部门的地址或密钥",
        "This key is another department's: use your department's address, or its key",
    ),
    "no_signature": Words(
        401,
        "此密钥要求签名：请按 Standard Webhooks 写 webhook-id、webhook-timestamp、webhook-signature",
        "This key needs a signature: send webhook-id, webhook-timestamp and webhook-signature (Standard Webhooks)",
    ),
    "bad_signature": Words(
        401,
        "签名不对：请用密钥的密文部分对“编号.时间.正文”做 HMAC-SHA256",
        "Wrong signature: HMAC-SHA256 of `id.timestamp.body` under the bytes of the key's secret, body as sent",
    ),
    "old_signature": Words(
        401,
        "签名时间与本机相差超过五分钟：请校准时钟后重新签名",
        "The signature's time is more than five minutes off: set your clock and sign anew",
    ),
    "replayed": Words(
        401,
        "此签名编号已用过：重新提交请换 webhook-id，并保留原来的 Idempotency-Key",
        "This webhook-id was used before: sign again under a new one, and keep the Idempotency-Key",
    ),
    "too_many_requests": Words(
        429,
        "请求过于频繁：请按 Retry-After 等待，或把多行合成一批",
        "Too many requests: wait as Retry-After says, or send rows in batches",
    ),
    "not_found": Words(404, "没有这个地址或回执：请核对", "There is no such address or receipt: check it"),
    "wrong_method": Words(
        405, "此地址不接受这种请求方法：请查看说明", "This address does not take that method: see the manual"
    ),
    "bad_request": Words(
        400, "请求不合规范：请对照 /openapi.json 改正", "The request is malformed: compare it with /openapi.json"
    ),
    "bad_covers_to": Words(
        422, "covers_to 应是一天，如 2026-03-31：请改正", "covers_to must be a day such as 2026-03-31: correct it"
    ),
    "bad_idempotency_key": Words(
        422,
        "Idempotency-Key 应为 1 至 200 个可打印 ASCII 字符：请改正",
        "Idempotency-Key must be 1 to 200 printable ASCII characters: correct it",
    ),
    "other_content": Words(
        422,
        "此 Idempotency-Key 已用于另一份内容：内容不同请换新的",
        "This Idempotency-Key was used for other content: take a new one",
    ),
    "in_hand": Words(
        409,
        "同一 Idempotency-Key 的提交正在处理：请稍候重试",
        "A delivery under this Idempotency-Key is being taken: try again in a moment",
    ),
    "unknown_type": Words(
        415,
        "不支持这种内容类型：请用 application/json、application/x-ndjson、text/csv、XLSX 或 multipart/form-data",
        "Unknown content type: send application/json, application/x-ndjson, text/csv, XLSX or multipart/form-data",
    ),
    "unknown_encoding": Words(
        415, "Content-Encoding 只支持 gzip：请改正", "Content-Encoding can only be gzip: correct it"
    ),
    "bad_gzip": Words(400, "正文不是完整的 gzip：请检查后重新提交", "The body is no complete gzip: send it again"),
    "bad_json": Words(
        422,
        "正文不是一个 JSON 对象或数组：请检查后重新提交；空交付请写 []",
        "The body is neither a JSON object nor an array: correct it; an empty delivery is []",
    ),
    "bad_multipart": Words(
        400,
        "表单中没有恰好一个名为 file 的文件：请检查后重新提交",
        "The form must hold exactly one file, named `file`: correct it",
    ),
    "bad_file": Words(
        422,
        "文件不能整体读取，没有发送任何一行：请按说明改正",
        "The file cannot be read as a whole and nothing of it was sent: correct it as it says",
    ),
    "body_too_large": Words(
        413,
        "正文（解压后）超过 {limit}：请分成几批",
        "The body is over {limit} (after unpacking): send several batches",
    ),
    "too_many_rows": Words(413, "超过 {limit} 行：请分成几批", "More than {limit} rows: send several batches"),
    "too_slow": Words(
        408,
        "正文在 {limit} 内没有送完：请检查网络后重试",
        "The body did not arrive within {limit}: check the line, try again",
    ),
    "broken": Words(
        500,
        "内部错误，已记录：请稍后用同一 Idempotency-Key 重试",
        "Internal error, noted: try again under the same Idempotency-Key",
    ),
    "busy": Words(503, "正忙：请按 Retry-After 等待后重试", "Busy: try again as Retry-After says"),
    "bus_away": Words(
        503,
        "消息总线没有确认，这一批不算收到：请按 Retry-After 等待，用同一 Idempotency-Key 重新提交，不会重复计数",
        "The bus did not confirm, so this batch was not taken: send it again as Retry-After says under the same "
        "Idempotency-Key; nothing counts twice",
    ),
    "store_away": Words(
        503,
        "回执库暂时不能用，这一批不算收到：请按 Retry-After 等待后重新提交",
        "The store of receipts cannot be used, so this batch was not taken: send it again as Retry-After says",
    ),
}


class RefusedError(Exception):
    """A request that is refused: a code of REFUSALS."""

    def __init__(
        self,
        code: str,
        *,
        detail: str = "",
        detail_en: str = "",
        limit: str = "",
        retry_after: int = 0,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Keep what to say.

        Args:
            code: of REFUSALS.
            detail: Chinese words that say it better than the table's.
            detail_en: English ones.
            limit: with its unit.
            retry_after: seconds.
            headers: more of the answer's.

        """
        super().__init__(code)
        self.code = code
        self.status = REFUSALS[code].status
        self.detail = detail
        self.detail_en = detail_en
        self.limit = limit
        self.headers = {**(headers or {}), **({"retry-after": str(retry_after)} if retry_after else {})}

    def body(self) -> dict[str, object]:
        """What the answer says."""
        words = REFUSALS[self.code]
        return {
            "error": self.code,
            "message": self.detail or words.zh.format(limit=self.limit),
            "message_en": self.detail_en or words.en.format(limit=self.limit),
        }
