"""bytes <-> record: Avro single-object encoding, one by one and many at once.

SchemaError          the message cannot be read; carries a reason of reasons.py, for the dead letter
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any, cast

from fastavro import schemaless_reader, schemaless_writer
from fastavro.validation import ValidationError, validate

from schemas.fault_place import field_at_fault
from schemas.registry import GUARD, MAGIC, Schema, registry

MAX_MESSAGE_BYTES = 64 * 1024
HEADER_BYTES = 10

Record = dict[str, Any]
Decoded = tuple[str, Record]
"""Schema name (`housing`, `household_fact`, `tick` …) and the record."""


class SchemaError(Exception):
    """A message that cannot be read, or a record that does not fit its schema."""

    def __init__(self, reason: str, field: str | None = None, detail: str = "") -> None:
        """Keep the reason code, the field where known, and a detail for developers that holds no values."""
        super().__init__(f"{reason}{f' ({field})' if field else ''}{f': {detail}' if detail else ''}")
        self.reason = reason
        self.field = field


def encode(name: str, record: Mapping[str, Any]) -> bytes:
    """Message of a record under the newest schema of that name.

    A record with a body names its kind; a body is a mapping of the kind's fields, or None.

    Raises:
        SchemaError: the record does not fit; `field` says where.

    """
    schema = registry()[1][name]
    out = BytesIO()
    out.write(schema.header)
    try:
        schemaless_writer(out, schema.parsed, _tagged(schema, record), strict=True)
    except Exception as error:  # fastavro raises whatever the value provokes
        raise _misfit(schema, record, error) from error
    message = out.getvalue()
    if len(message) > MAX_MESSAGE_BYTES and name != "dead_letter":
        raise SchemaError("too_long", None, f"{len(message)} bytes")
    return message


def _tagged(schema: Schema, record: Mapping[str, Any]) -> Mapping[str, Any]:
    """Name the union branch of the body, so that fastavro need not try them all."""
    if not schema.bodies or record.get("body") is None:
        return record
    branch = schema.bodies.get(record["kind"])
    if branch is None:
        raise SchemaError("unknown_kind", "kind")
    return {**record, "body": (branch, record["body"])}


def _misfit(schema: Schema, record: Mapping[str, Any], error: Exception) -> SchemaError:
    if isinstance(error, SchemaError):
        return error
    try:
        validate(dict(_tagged(schema, record)), schema.parsed, raise_errors=True, strict=True)
    except ValidationError as invalid:
        field = str(invalid.errors[0].field).rpartition(".")[2] if invalid.errors else None
        return SchemaError("unreadable", field, "does not fit the schema")
    except Exception as stumble:  # noqa: BLE001  # validation itself may stumble over the same value
        error = stumble
    return SchemaError("unreadable", None, type(error).__name__)


def _schema_of(message: bytes | None) -> Schema:
    if not message:
        raise SchemaError("empty")
    if message[:2] != MAGIC or len(message) < HEADER_BYTES:
        raise SchemaError("not_avro")
    schema = registry()[0].get(message[:HEADER_BYTES])
    if schema is None:
        raise SchemaError("unknown_schema")
    if len(message) > MAX_MESSAGE_BYTES and schema.name != "dead_letter":
        raise SchemaError("too_long")
    return schema


def decode(message: bytes | None) -> Decoded:
    """Read one message.

    Raises:
        SchemaError: empty, not_avro, unknown_schema, too_long, unreadable (with the field), trailing_bytes.

    """
    schema = _schema_of(message)
    body = BytesIO(message or b"")
    body.seek(HEADER_BYTES)
    try:
        record = cast(Record, schemaless_reader(body, schema.parsed, schema.reader))
    except Exception as error:  # corrupt input makes fastavro raise anything, IndexError included
        place = field_at_fault(schema.parsed, (message or b"")[HEADER_BYTES:])
        raise SchemaError("unreadable", place, type(error).__name__) from error
    if body.read(1):
        raise SchemaError("trailing_bytes")
    return schema.name, record


def decode_many(messages: Sequence[bytes | None]) -> list[Decoded | SchemaError]:
    """Read many messages, in order; unreadable ones come back as SchemaError.

    Messages of one schema are read in a single call, as an Avro array whose items each end in a random guard:
    bytes too many or too few in one message cannot pass for a part of the next.
    """
    results: list[Decoded | SchemaError | None] = [None] * len(messages)
    groups: dict[bytes, list[int]] = {}
    for place, message in enumerate(messages):
        header = message[:HEADER_BYTES] if message else b""
        group = groups.get(header)
        if group is None:
            groups[header] = [place]
        else:
            group.append(place)
    for header, places in groups.items():
        _decode_group(header, places, messages, results)
    return results  # type: ignore[return-value]  # every place belongs to one group


def _decode_group(
    header: bytes,
    places: list[int],
    messages: Sequence[bytes | None],
    results: list[Decoded | SchemaError | None],
) -> None:
    schema = registry()[0].get(header)
    records = None
    if schema is not None and len(places) > 1:
        records = _read_array(schema, [messages[place] or b"" for place in places])
    if records is None or schema is None:
        for place in places:
            results[place] = _decode_or_error(messages[place])
        return
    name = schema.name
    for place, item in zip(places, records, strict=True):
        results[place] = (name, item)


def _decode_or_error(message: bytes | None) -> Decoded | SchemaError:
    try:
        return decode(message)
    except SchemaError as error:
        return error


def _read_array(schema: Schema, messages: list[bytes]) -> list[Record] | None:
    """All records of a group, or None where any message is at fault: then each is read alone."""
    if max(map(len, messages)) > MAX_MESSAGE_BYTES:
        return None
    guard = os.urandom(8)
    parts = [message[HEADER_BYTES:] for message in messages]
    data = BytesIO(avro_long(len(parts)) + guard.join(parts) + guard + b"\0")
    try:
        items = cast(list[Record], schemaless_reader(data, schema.guarded, schema.guarded_reader))
    except Exception:  # noqa: BLE001  # read one by one to find which
        return None
    if data.read(1) or len(items) != len(parts):
        return None
    return items if all(item.pop(GUARD) == guard for item in items) else None


def avro_long(number: int) -> bytes:
    """Avro's zigzag varint of a number that is not negative."""
    rest, out = number << 1, bytearray()
    while rest > 0x7F:
        out.append(rest & 0x7F | 0x80)
        rest >>= 7
    out.append(rest)
    return bytes(out)
