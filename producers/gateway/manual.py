"""The manual: what to send where, as curl calls that run where KEY holds a key. No script, nothing from elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from html import escape

from producers.gateway.examples import Example, example_member, example_rows
from producers.gateway.media import JSON
from schemas.departments import DEPARTMENTS

_HEAD = """<!DOCTYPE html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>接入说明 Household Alert Bus</title></head><body>
<h1>接入说明</h1>
<p>每个部门用县里发的密钥推送本部门的行；一行、JSON 行、CSV 或 XLSX，一次最多 10000 行。
回执（202）表示总线已确认；503 请按 Retry-After 用同一 Idempotency-Key 重试，不会重复计数。
机器可读的说明：<a href="/openapi.json">/openapi.json</a>。</p>
<p>Send your department's rows with the key that the county gave you: one, JSON lines, CSV or XLSX, up to 10 000.
202 means that the bus has them; after 503 send the same again under the same Idempotency-Key.</p>
"""


def page(base: str, today: date) -> str:
    """Manual of a gateway at an address."""
    parts = [_HEAD]
    for title, calls in _calls(base, today):
        parts.append(f"<h2>{escape(title)}</h2>\n")
        parts += [f"<pre>{escape(call)}</pre>\n" for call in calls]
    return "".join([*parts, "</body></html>\n"])


def _calls(base: str, today: date) -> Iterator[tuple[str, list[str]]]:
    for department in DEPARTMENTS:
        path = f"/v1/events/{department.code}"
        rows = dict(example_rows(department, today))
        yield f"{department.name} {path}", [_call(base, path, row) for row in rows.values()]
    yield "户籍登记 /v1/register", [_call(base, "/v1/register", example_member(today))]
    empty = f"/v1/events/{DEPARTMENTS[0].code}?covers_to={today.isoformat()}"
    yield "空交付 An empty delivery", [_call(base, empty, [])]
    yield "回执 Receipts", [f'curl -sS "{base}/v1/receipts/RECEIPT" -H "Authorization: Bearer $KEY"']


def _call(base: str, path: str, content: Example | list[Example]) -> str:
    body = json.dumps(content, ensure_ascii=False)
    return (
        f'curl -sS "{base}{path}" -H "Authorization: Bearer $KEY" \\\n'
        f"  -H 'Content-Type: {JSON}' -H \"Idempotency-Key: $(date +%s%N)\" \\\n"
        f"  -d '{body}'"
    )
