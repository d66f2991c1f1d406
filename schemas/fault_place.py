"""At which field a message stops being what its schema says: for whoever must mend the sender."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from fastavro import schemaless_reader

_PROBE = {"type": "record", "name": "alertbus.Probe", "__fastavro_parsed": True}


def field_at_fault(parsed: Any, body: bytes) -> str | None:
    """First field that cannot be read, also inside a union's record; None where all can.

    Avro has no marks between fields: where a wrong type happens to be readable as the right one a later field is named.

    Args:
        parsed: schema of the message, as fastavro parsed it.
        body: what stands behind the header.

    """
    return _first(parsed["fields"], BytesIO(body), parsed["__named_schemas"])


def _first(fields: Any, data: BytesIO, names: Any) -> str | None:
    for field in fields:
        start = data.tell()
        if not _readable({**_PROBE, "fields": [field], "__named_schemas": names}, data):
            data.seek(start)
            return _inside(field["type"], data, names) or str(field["name"])
    return None


def _inside(kind: Any, data: BytesIO, names: Any) -> str | None:
    """Likewise, within the record that a union says is there."""
    if not isinstance(kind, list):
        return None
    try:
        place = int(schemaless_reader(data, "long", None))  # type: ignore[arg-type]  # a primitive's name is a schema
    except Exception:  # noqa: BLE001  # the branch's number itself is broken
        return None
    branch = kind[place] if 0 <= place < len(kind) else None
    return _first(branch["fields"], data, names) if isinstance(branch, dict) and "fields" in branch else None


def _readable(schema: Any, data: BytesIO) -> bool:
    try:
        schemaless_reader(data, schema, None)
    except Exception:  # noqa: BLE001  # corrupt input makes fastavro raise anything
        return False
    return True
