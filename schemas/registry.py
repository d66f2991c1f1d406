"""Every schema this code knows, from the .avsc files.

A released schema never changes; the next stands beside it as NAME.v2.avsc. Readers resolve older ones to the newest.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from fastavro import parse_schema
from fastavro.schema import fingerprint, to_parsing_canonical_form

from schemas.kinds import snake

FOLDER = Path(__file__).parent
MAGIC = b"\xc3\x01"
GUARD = "_guard"
_PLAIN = {"doc", "title", "standing", "own_key", "sensitive", "area", "unit", "least", "most"}


@dataclass(frozen=True, slots=True)
class Schema:
    """A schema version, ready for fastavro.

    Attributes:
        name: file name without version.
        header: C3 01 and the fingerprint, little-endian: the first 10 bytes of each message.
        reader: the newest version, to which this one is resolved; None where it is the newest itself.
        guarded: Avro array of this schema's records, each ending in 8 guard bytes.
        bodies: kind -> full name of its body's record, for schemas that carry a body.

    """

    name: str
    version: int
    header: bytes
    parsed: Any
    reader: Any
    guarded: Any
    guarded_reader: Any
    bodies: dict[str, str]


def _strip(value: Any) -> Any:
    """Without titles and documentation: fastavro keeps what it is given, record by record."""
    if isinstance(value, dict):
        return {k: _strip(v) for k, v in value.items() if k not in _PLAIN}
    return [_strip(v) for v in value] if isinstance(value, list) else value


def _versions(folder: Path) -> Iterator[tuple[str, int, dict[str, Any]]]:
    """Yield name, version and schema of every file."""
    for path in sorted(folder.glob("*.avsc")):
        name, _, suffix = path.stem.partition(".v")
        raw = json.loads(path.read_text(encoding="utf-8"))
        yield name, int(suffix or 1), raw


def header_of(parsed: Any) -> bytes:
    """First ten bytes of a message: marker and CRC-64-AVRO fingerprint (Avro 1.12, single-object encoding)."""
    number = fingerprint(to_parsing_canonical_form(parsed), "CRC-64-AVRO")
    return MAGIC + bytes.fromhex(number)


def _guarded(plain: Any) -> Any:
    guard = {"name": GUARD, "type": {"type": "fixed", "name": "alertbus.Guard", "size": 8}}
    return parse_schema({"type": "array", "items": {**plain, "fields": [*plain["fields"], guard]}})


def _bodies(raw: dict[str, Any]) -> dict[str, str]:
    body = next((f for f in raw["fields"] if f["name"] == "body"), None)
    records = [t for t in body["type"] if t != "null"] if body else []
    return {snake(r["name"]): f"{raw['namespace']}.{r['name']}" for r in records}


def load(folder: Path = FOLDER) -> tuple[dict[bytes, Schema], dict[str, Schema]]:
    """All versions by message header, and the newest by name."""
    by_header: dict[bytes, Schema] = {}
    newest: dict[str, Schema] = {}
    versions = sorted(_versions(folder), key=lambda v: -v[1])
    for name, version, raw in versions:
        plain = _strip(raw)
        parsed = parse_schema(plain)
        latest = newest.get(name)
        schema = Schema(
            name=name,
            version=version,
            header=header_of(parsed),
            parsed=parsed,
            reader=latest.parsed if latest else None,
            guarded=_guarded(plain),
            guarded_reader=latest.guarded if latest else None,
            bodies=_bodies(raw),
        )
        newest.setdefault(name, schema)
        by_header[schema.header] = schema
    return by_header, newest


@cache
def registry() -> tuple[dict[bytes, Schema], dict[str, Schema]]:
    """Load the shipped schemas once."""
    return load()
