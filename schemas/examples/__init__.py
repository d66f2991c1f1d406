"""One valid record per schema, invented people only; a department's file shows each of its kinds.

Tests, docs and the demo read them. Bytes stand in JSON as latin-1, as in Avro's own JSON encoding.
"""

from __future__ import annotations

import json
from pathlib import Path

from schemas.codec import Record

FOLDER = Path(__file__).parent
_BYTES = {
    ("household_fact", "fact"),
    ("area_fact", "fact"),
    ("household_action", "action"),
    ("dead_letter", "key"),
    ("dead_letter", "value"),
}


def examples_of(name: str) -> list[Record]:
    """Every example record of a schema, as the codec takes it; at least one."""
    loaded = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    records = loaded if isinstance(loaded, list) else [loaded]
    return [{field: _value(name, field, value) for field, value in r.items()} for r in records]


def _value(name: str, field: str, value: object) -> object:
    if (name, field) in _BYTES and isinstance(value, str):
        return value.encode("latin-1")
    return value
