"""The OpenAPI document of `/v1/reports`, made from the schema of reports and the tables of words, with examples."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from producers.gateway.examples import NUMBER
from producers.gateway.openapi import TEXT, Document, answered
from producers.gateway.words import REFUSALS as KEY_REFUSALS
from producers.report.refusals import REFUSALS
from producers.report.report import CHANNELS_OF, OTHER, SELF, kind_of_reports
from producers.report.standing import RESULTS as RESULT_CODES
from producers.report.words import CHANNELS, HEARD, NEEDS, REASONS, RESULTS, STATES

EARLIER = "4821-0937-5512"
"""Stands in the examples for a number that the reader has."""
_DOOR = ("no_key", "bad_key", "too_many_wrong_keys", "too_many_requests", "other_department")
_POST = (
    *("bad_form", "too_large", "too_slow", "unknown_type", "bad_idempotency_key", "other_content", "other_channel"),
    *("not_found", "not_answered", "too_many_on_person", "store_away", "broken"),
)
_GET = ("not_found", "store_away", "broken")
_NUMBER: Document = {**TEXT, "pattern": "^[1-9][0-9]{3}-[0-9]{4}-[0-9]{4}$"}
_DAY: Document = {**TEXT, "format": "date"}
_TIME: Document = {**TEXT, "format": "date-time"}


def _said(zh: str, en: str, words: Mapping[str, str] = MappingProxyType({})) -> str:
    """Description in both languages, and what each code means."""
    codes = "，".join(f"{code} {title}" for code, title in words.items())
    return f"{zh} {en}" + (f": {codes}" if codes else "")


def document() -> Document:
    """OpenAPI document."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "一键报贫 Household Alert Bus: reports of the public",
            "version": "1",
            "description": _said(
                "小程序、门户和 12317 系统用来代群众申报、查进度；密钥向县里申请。身份证号和电话换成代号，原号码不留。",
                "For the county's mini-program, portal and hotline: report, and ask where it stands. The county "
                "issues the keys. Identity numbers and telephones become ids at once and are not kept.",
            ),
        },
        "paths": {"/v1/reports": {"post": _post()}, "/v1/reports/{receipt}": {"get": _get()}},
        "components": {"securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}, "schemas": _schemas()},
        "security": [{"key": []}],
    }


def examples() -> Document:
    """Bodies that are taken as they stand; the appeal, once EARLIER is a report that was answered."""
    person = {"id_number": NUMBER, "for_whom": SELF, "phone": "13800000000", "need": ["illness", "income"]}
    said = {"heard_via": "media", "consent": True}
    return {
        "report": {**person, **said},
        "portal": {**person, **said, "for_whom": OTHER, "need": ["house"], "channel": "portal"},
        "appeal": {"appeals_against": EARLIER},
    }


def _post() -> Document:
    named = {name: {"value": value} for name, value in examples().items()}
    content = {"schema": {"$ref": "#/components/schemas/Report"}, "examples": named}
    header = {
        "name": "Idempotency-Key",
        "in": "header",
        "description": _said(
            "每件申报一个；超时后用同一个重发，只算一件。",
            "One for each report: sent again under it, it counts once.",
        ),
        "schema": {**TEXT, "minLength": 16, "maxLength": 200, "pattern": "^[ -~]+$"},
    }
    taken = answered(_said("已受理；回执在库里。", "Taken: the receipt is in the store."), "NewReceipt")
    return {
        "summary": _said("申报，或申请重新核实", "Report, or appeal against an answer"),
        "parameters": [header],
        "requestBody": {"required": True, "content": {"application/json": content}},
        "responses": {"202": taken, **_refused([*_DOOR, *_POST])},
    }


def _get() -> Document:
    receipt = {"name": "receipt", "in": "path", "required": True, "schema": TEXT, "example": EARLIER}
    stands = answered(_said("到目前为止。", "So far."), "Receipt")
    return {
        "summary": _said("查进度", "Where a report stands"),
        "parameters": [{**receipt, "description": _said("受理编号", "Of a report that came by a key of this scope")}],
        "responses": {"200": stands, **_refused([*_DOOR, *_GET])},
    }


def _refused(codes: Iterable[str]) -> Document:
    """Answers by status: which codes, and what to do."""
    by_status: dict[str, list[str]] = {}
    for code in codes:
        words = REFUSALS[code] if code in REFUSALS else KEY_REFUSALS[code]
        by_status.setdefault(str(words.status), []).append(f"{code}: {words.zh} {words.en}")
    named = {status: answered("\n\n".join(sorted(said)), "Error") for status, said in sorted(by_status.items())}
    if "422" in named:
        named["422"] = answered(named["422"]["description"], "Error", "Faults")
    return named


def _schemas() -> Document:
    receipt = _receipt()
    errors = sorted({*_DOOR, *_POST, *_GET})
    return {
        "Report": _report(),
        "Receipt": _object(receipt),
        "NewReceipt": _object({**receipt, "pin": _text("查询码：告诉申报人", "Code for the reporter: look with it")}),
        "Faults": _object(
            {
                "error": {**TEXT, "const": "bad_report"},
                "fields": {
                    "type": "object",
                    "description": _said("字段和要改的地方", "Field, and what to correct"),
                    "additionalProperties": TEXT,
                },
            }
        ),
        "Error": _object(
            {"error": {**TEXT, "enum": errors}, "message": TEXT, "message_en": TEXT},
        ),
    }


def _report() -> Document:
    symbols = {field.name: list(field.symbols) for field in kind_of_reports().fields}
    by_key = "；".join(f"{scope}: {'、'.join(sorted(channels))}" for scope, channels in CHANNELS_OF.items())
    needs = {"type": "array", "minItems": 1, "items": {**TEXT, "enum": symbols["need"]}}
    fields: Document = {
        "id_number": _text("有困难的人的身份证号", "Identity number of the person in need"),
        "for_whom": _choice([SELF, OTHER], _said("self 自己或自家人，other 别人家", "For whom it is reported")),
        "phone": _text("申报人电话，可以不填", "Telephone of who reports; may be left out"),
        "need": {**needs, "description": _said("什么困难", "What is needed", NEEDS)},
        "heard_via": _choice(symbols["heard_via"], _said("从哪里知道可以申报", "How they heard of it", HEARD)),
        "consent": {"type": "boolean", "description": _said("本人同意核实：须为 true", "They agree; must be true")},
        "channel": _choice(symbols["channel"], _said(f"申报渠道（{by_key}）", "Channel; by the key's scope", CHANNELS)),
        "called_at": {**_TIME, "description": _said("来电时间，30 天之内", "When they called; 30 days at most")},
        "appeals_against": {
            **_NUMBER,
            "description": _said("不同意答复：填原编号，别的不用填", "Appeal: number of the answered report, alone"),
        },
    }
    required = [{"required": ["id_number", "for_whom", "need", "consent"]}, {"required": ["appeals_against"]}]
    return {"type": "object", "properties": fields, "additionalProperties": False, "anyOf": required}


def _receipt() -> Document:
    results = {code: RESULTS[code] for code in RESULT_CODES}
    reasons = {code: title for titles in REASONS.values() for code, title in titles.items()}
    return {
        "receipt": {**_NUMBER, "description": _said("受理编号", "Number of the report")},
        "channel": _choice(list(CHANNELS), _said("申报渠道", "Channel", CHANNELS)),
        "appeals_against": _or_null({**_NUMBER, "description": _said("原受理编号", "Number of the earlier report")}),
        "accepted_at": {**_TIME, "description": _said("受理时间", "When it was taken")},
        "visit_by": {**_DAY, "description": _said("上门核实期限", "Day by which somebody comes")},
        "decide_by": {**_DAY, "description": _said("答复期限", "Day by which it is answered")},
        "state": _choice(list(STATES), _said("进度", "Where it stands", STATES)),
        "state_text": _text("进度，给人看", "The same in words"),
        "result": _or_null(_choice(list(results), _said("结果", "Answer", results))),
        "result_text": _or_null(_text("结果，给人看", "The same in words")),
        "reason": _or_null(_text("原因", "Why it was answered so", reasons)),
        "reason_text": _or_null(_text("原因，给人看", "The same in words")),
        "answered_at": _or_null({**_TIME, "description": _said("办结时间", "When it was answered")}),
    }


def _text(zh: str, en: str, words: Mapping[str, str] = MappingProxyType({})) -> Document:
    return {**TEXT, "description": _said(zh, en, words)}


def _choice(codes: list[str], description: str) -> Document:
    return {**TEXT, "enum": codes, "description": description}


def _or_null(schema: Document) -> Document:
    allowed: list[Any] = [*schema["enum"], None] if "enum" in schema else []
    return {**schema, "type": ["string", "null"], **({"enum": allowed} if allowed else {})}


def _object(properties: Document) -> Document:
    """All of them are always there."""
    return {"type": "object", "required": list(properties), "properties": properties, "additionalProperties": False}
