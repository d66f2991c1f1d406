"""A released schema never changes, and all versions of a name read one another."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from io import BytesIO
from itertools import permutations
from pathlib import Path

import avro.schema
import pytest
from avro.compatibility import ReaderWriterCompatibilityChecker, SchemaCompatibilityType
from fastavro import schemaless_reader

from schemas.codec import HEADER_BYTES, encode
from schemas.examples import examples_of
from schemas.registry import FOLDER, load, registry

RELEASED: dict[str, list[str]] = json.loads((FOLDER / "released.json").read_text(encoding="utf-8"))
PATHS = sorted(FOLDER.glob("*.avsc"))
MAX_DEPTH, MAX_FIELDS, MAX_BYTES = 8, 200, 64 * 1024


def _versions() -> dict[str, list[Path]]:
    found: dict[str, list[Path]] = {}
    for path in PATHS:
        found.setdefault(path.stem.partition(".v")[0], []).append(path)
    return found


def _reads(reader: str, writer: str) -> bool:
    checker = ReaderWriterCompatibilityChecker()
    result = checker.get_compatibility(avro.schema.parse(reader), avro.schema.parse(writer))
    return bool(result.compatibility == SchemaCompatibilityType.compatible)


@pytest.mark.parametrize("name", sorted(_versions()))
def test_all_versions_of_a_schema_read_one_another(name: str) -> None:
    texts = [path.read_text(encoding="utf-8") for path in _versions()[name]]

    assert all(_reads(text, text) for text in texts)
    assert all(_reads(reader, writer) for reader, writer in permutations(texts, 2))


def test_the_check_sees_a_field_added_without_a_default() -> None:
    text = (FOLDER / "tick.avsc").read_text(encoding="utf-8")
    changed = json.loads(text)
    changed["fields"].append({"name": "weekday", "type": "int"})

    assert not _reads(json.dumps(changed), text)
    assert _reads(text, json.dumps(changed))


def test_every_released_fingerprint_is_still_known() -> None:
    known = {schema.header[2:].hex(): schema.name for schema in registry()[0].values()}

    missing = {name: [f for f in fingerprints if known.get(f) != name] for name, fingerprints in RELEASED.items()}

    assert not any(missing.values()), f"put the old text back and add NAME.v2.avsc: {missing}"


def test_every_schema_is_on_the_list_of_released_ones() -> None:
    unlisted = [
        f"{schema.name}: {schema.header[2:].hex()}"
        for schema in registry()[0].values()
        if schema.header[2:].hex() not in RELEASED.get(schema.name, [])
    ]

    assert unlisted == [], "add these to schemas/released.json"


def _walk(node: object, depth: int, named: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    """Depth of each node, and what is wrong with it, if anything."""
    yield depth, ""
    if isinstance(node, list):
        for branch in node:
            yield from _walk(branch, depth, named)
    elif isinstance(node, str):
        yield depth, f"{node} holds itself" if node in named else ""
    elif isinstance(node, Mapping):
        yield from _walk_type(node, depth, named)


def _walk_type(node: Mapping[str, object], depth: int, named: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    kind = node["type"]
    if kind == "record":
        fields = node["fields"]
        assert isinstance(fields, list)
        yield depth, "" if fields else "a record without fields takes no bytes"
        for field in fields:
            yield from _walk(field["type"], depth + 1, (*named, str(node["name"])))
    elif kind in ("array", "map"):
        items = node["items" if kind == "array" else "values"]
        yield depth, "items of no bytes" if items == "null" else ""
        yield from _walk(items, depth + 1, named)


def _fields(node: object) -> int:
    if isinstance(node, list):
        return sum(map(_fields, node))
    if isinstance(node, Mapping):
        own = len(node["fields"]) if node.get("type") == "record" else 0
        return own + sum(map(_fields, node.values()))
    return 0


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_schema_is_small_flat_and_without_recursion(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    schema = json.loads(text)
    found = list(_walk(schema, 0, ()))

    assert [fault for _, fault in found if fault] == []
    assert max(depth for depth, _ in found) <= MAX_DEPTH
    assert _fields(schema) <= MAX_FIELDS
    assert len(text.encode()) <= MAX_BYTES


def test_the_guard_sees_recursion_and_items_of_no_bytes() -> None:
    loop = {"type": "record", "name": "A", "fields": [{"name": "a", "type": ["null", "A"]}]}
    bomb = {"type": "record", "name": "B", "fields": [{"name": "b", "type": {"type": "array", "items": "null"}}]}

    assert [fault for _, fault in _walk(loop, 0, ()) if fault] == ["A holds itself"]
    assert [fault for _, fault in _walk(bomb, 0, ()) if fault] == ["items of no bytes"]


def test_a_message_of_the_old_version_is_read_as_the_new_one(tmp_path: Path) -> None:
    old = json.loads((FOLDER / "housing.avsc").read_text(encoding="utf-8"))
    new = copy.deepcopy(old)
    new["fields"][-1]["type"][1]["fields"].append({"name": "storeys", "type": "int", "default": 1})
    (tmp_path / "housing.avsc").write_text(json.dumps(old), encoding="utf-8")
    (tmp_path / "housing.v2.avsc").write_text(json.dumps(new), encoding="utf-8")
    event = examples_of("housing")[0]
    message = encode("housing", event)

    by_header, newest = load(tmp_path)
    schema = by_header[message[:HEADER_BYTES]]
    record = schemaless_reader(BytesIO(message[HEADER_BYTES:]), schema.parsed, schema.reader)

    assert schema.version == 1
    assert newest["housing"].version == 2
    assert record == {**event, "body": {**event["body"], "storeys": 1}}
