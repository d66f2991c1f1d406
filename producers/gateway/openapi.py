"""The OpenAPI document, made from the schemas of the departments: every address, row and refusal, with examples."""

from __future__ import annotations

from datetime import date
from typing import Any

from producers.gateway.examples import example_member, example_rows, kinds_of
from producers.gateway.media import JSON, MULTIPART, SUFFIXES
from producers.gateway.words import REFUSALS
from producers.results.came_of import Verdicts
from schemas.departments import DEPARTMENTS, Department
from schemas.kinds import Field, Kind

Document = dict[str, Any]

NDJSON, TEXT = "application/x-ndjson", {"type": "string"}
_ENVELOPE: Document = {
    "event_id": {**TEXT, "minLength": 1, "maxLength": 64, "description": "事件编号; the department's own, unique"},
    "id_number": {**TEXT, "description": "身份证号; becomes an id that says nothing, and goes no further"},
    "household_id": {**TEXT, "maxLength": 64, "description": "户编号"},
    "region_code": {**TEXT, "description": "行政区划代码, 6, 9 or 12 digits"},
    "occurred_at": {**TEXT, "description": "发生时间, 2026-03-14 or 2026-03-14T09:30 (Beijing)"},
    "revision": {"type": "integer", "minimum": 0, "description": "修订号; a higher one replaces a lower one"},
    "retracted": {"type": "boolean", "description": "撤销; such a row needs no more than the columns above"},
}
_HEADERS = [
    {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "Yours, one for each delivery: sent again under it, nothing is sent twice.",
        "schema": {**TEXT, "minLength": 1, "maxLength": 200, "pattern": "^[ -~]+$"},
    },
    *(
        {"name": name, "in": "header", "description": "Standard Webhooks, where the key asks for it.", "schema": TEXT}
        for name in ("webhook-id", "webhook-timestamp", "webhook-signature")
    ),
    {
        "name": "covers_to",
        "in": "query",
        "description": "Day up to which the sender has now stated everything.",
        "schema": {**TEXT, "format": "date"},
    },
    {
        "name": "check",
        "in": "query",
        "description": "true: look at the rows, send nothing.",
        "schema": {"type": "boolean"},
    },
]
_COUNT = {"type": "integer", "minimum": 0}
_PROBLEM = {
    "type": "object",
    "required": ["row", "field", "rule", "reason", "reason_en"],
    "properties": {"row": _COUNT, "field": TEXT, "rule": TEXT, "reason": TEXT, "reason_en": TEXT},
}
_BECAME = ("applied", "duplicate", "parked", "dead_lettered", "waiting", "repeated")
_SCHEMAS: Document = {
    "Problem": _PROBLEM,
    "Error": {
        "type": "object",
        "required": ["error", "message", "message_en"],
        "properties": {"error": {**TEXT, "enum": sorted(REFUSALS)}, "message": TEXT, "message_en": TEXT},
    },
    "Receipt": {
        "type": "object",
        "required": ["rows", "accepted", "rejected", "problems"],
        "properties": {
            **dict.fromkeys(("receipt", "department", "received_at"), TEXT),
            "state": {**TEXT, "enum": ["taken", "unfinished"]},
            **dict.fromkeys(("rows", "accepted", "rejected"), _COUNT),
            "problems": {"type": "array", "items": {"$ref": "#/components/schemas/Problem"}},
            "became": {"type": "object", "properties": dict.fromkeys(_BECAME, _COUNT)},
            "adds_up": {"type": "boolean"},
            "came_of_it": {
                "type": "object",
                "description": "预警条数; alerts that name an event of this delivery, by what was found",
                "properties": dict.fromkeys(Verdicts._fields, _COUNT),
            },
        },
    },
}


def document(today: date) -> Document:
    """OpenAPI document; its examples happened today."""
    paths = {f"/v1/events/{d.code}": {"post": _delivery(d, today)} for d in DEPARTMENTS}
    register = {"type": "object", "additionalProperties": True}
    paths["/v1/register"] = {
        "post": _operation("户籍登记: rows of the household register", register, {"register": example_member(today)})
    }
    paths["/v1/receipts/{receipt}"] = {"get": _receipt()}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Household Alert Bus", "version": "1", "description": "Rows of departments' systems."},
        "paths": paths,
        "components": {
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
            "schemas": {**_SCHEMAS, **{f"row_{d.code}": _row(d) for d in DEPARTMENTS}},
        },
        "security": [{"key": []}],
    }


def _delivery(department: Department, today: date) -> Document:
    row = {"$ref": f"#/components/schemas/row_{department.code}"}
    return _operation(f"{department.name}: events", row, dict(example_rows(department, today)))


def _operation(summary: str, row: Document, examples: Document) -> Document:
    named = {name: {"value": value} for name, value in examples.items()}
    content: Document = {JSON: {"schema": {"anyOf": [row, {"type": "array", "items": row}]}, "examples": named}}
    content |= {media: {"schema": {**TEXT, "format": "binary"}} for media in SUFFIXES}
    form = {"type": "object", "required": ["file"], "properties": {"file": {**TEXT, "format": "binary"}}}
    content[MULTIPART] = {"schema": form}
    return {
        "summary": summary,
        "parameters": _HEADERS,
        "requestBody": {"required": True, "content": content},
        "responses": {
            "202": answered("The bus has every accepted row.", "Receipt"),
            "200": answered("What would be taken.", "Receipt"),
            "422": answered("Nothing was taken: all rows are wrong, or the body cannot be read.", "Receipt", "Error"),
            "503": answered("Not taken: send it again as Retry-After says.", "Error"),
            "default": answered("Refused; `message` says what to do.", "Error"),
        },
    }


def _receipt() -> Document:
    return {
        "summary": "回执: what became of a delivery so far",
        "parameters": [{"name": "receipt", "in": "path", "required": True, "schema": TEXT}],
        "responses": {"200": answered("So far.", "Receipt"), "default": answered("Refused.", "Error")},
    }


def answered(description: str, *schemas: str) -> Document:
    """Answer in JSON, as one of these schemas says."""
    named = [_named(schema) for schema in schemas]
    return {"description": description, "content": {JSON: {"schema": {"anyOf": named} if named[1:] else named[0]}}}


def _named(schema: str) -> Document:
    return {"$ref": f"#/components/schemas/{schema}"}


def _row(department: Department) -> Document:
    return {"oneOf": [_row_of(kind) for kind in kinds_of(department)]}


def _row_of(kind: Kind) -> Document:
    fields = {field.column: _property(field) for field in kind.fields}
    return {
        "type": "object",
        "title": kind.title,
        "required": ["event_id", "kind", "occurred_at"],
        "properties": {"kind": {"const": kind.name}, **_ENVELOPE, **fields},
        "additionalProperties": False,
    }


def _property(field: Field) -> Document:
    said: Document = {"description": field.title}
    if field.type == "set":
        return {**said, "type": "array", "items": {**TEXT, **({"enum": list(field.symbols)} if field.symbols else {})}}
    if field.symbols:
        return {**said, **TEXT, "enum": list(field.symbols)}
    if field.unit == "fen":
        return {"description": f"{field.title} (yuan, two decimals)", "type": ["number", "string"]}
    if field.type == "boolean":
        return {**said, "type": "boolean"}
    if field.type in {"int", "long"} and field.unit not in {"day", "ms"}:
        limits = {"minimum": field.least or 0, **({} if field.most is None else {"maximum": field.most})}
        return {**said, "type": "integer", **limits}
    return {**said, **TEXT}
