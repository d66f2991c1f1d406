"""Every kind of event, read from the department schemas: what it is called, which fields it has, how it counts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from schemas.departments import DEPARTMENTS, Department

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a kind's body.

    Attributes:
        type: `long`, `int`, `boolean`, `string`, `enum`, or `set` (of words or codes).
        symbols: the allowed words of an enum or set.
        unit: `fen` (integer, 1/100 yuan), `day` (days since 1970-01-01), `ms` (since 1970-01-01T00:00:00Z), what a
            text is (`code`, `household`, `reporter`) or a set holds (`village`, `region`), or empty.
        title: what clerks call it.
        least: of an integer; `most` likewise.
        default: stands where a row leaves it out; None: it must be filled.

    """

    name: str
    type: str
    symbols: tuple[str, ...]
    unit: str
    title: str
    least: int | None = None
    most: int | None = None
    default: object = None

    @property
    def column(self) -> str:
        """Name in rows: money stands in yuan under the name without `_fen`, who reported not as an id."""
        return self.name.removesuffix("_id") if self.unit == "reporter" else self.name.removesuffix("_fen")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of event.

    Attributes:
        number: stands for the kind in stored state: department number * 64 + place in the schema.
        standing: the newest value stands, however old; other kinds are counted in windows.
        own_key: the field that tells standing values of one subject apart, if any.
        sensitive: health, disability, minors, debt.
        area: concerns villages or townships, named by `region_code`, and no person or household.
        sets: whether some field holds several values.

    """

    number: int
    department: Department
    name: str
    record: str
    title: str
    standing: bool
    own_key: str | None
    sensitive: bool
    area: bool
    fields: tuple[Field, ...]
    sets: bool

    @property
    def code(self) -> str:
        """`department.kind`, as rules name it."""
        return f"{self.department.code}.{self.name}"

    def index(self, field: str) -> int:
        """Place of a field in a stored body; KeyError where there is none."""
        for place, known in enumerate(self.fields):
            if known.name == field:
                return place
        raise KeyError(field)


def snake(record: str) -> str:
    """`TempRelief` -> `temp_relief`."""
    return "".join("_" + c.lower() if c.isupper() else c for c in record).lstrip("_")


def _fields(body: dict[str, object], enums: dict[str, tuple[str, ...]]) -> tuple[Field, ...]:
    fields = []
    for raw in body["fields"]:  # type: ignore[attr-defined]  # JSON: a list of objects
        kind, several = raw["type"], False
        if isinstance(kind, dict) and kind["type"] == "array":
            kind, several = kind["items"], True
        if isinstance(kind, dict):
            enums[kind["name"]] = tuple(kind["symbols"])
            kind = kind["name"]
        unit = "fen" if raw["name"].endswith("_fen") else raw.get("unit", "")
        symbols = enums.get(kind, ())
        type_ = "set" if several else "enum" if symbols else kind
        limits = raw.get("least"), raw.get("most"), raw.get("default")
        fields.append(Field(raw["name"], type_, symbols, unit, raw.get("title", raw["name"]), *limits))
    return tuple(fields)


def kinds_of(department: Department, schema: dict[str, object]) -> tuple[Kind, ...]:
    """Kinds of a department's schema, in its order, which only grows."""
    enums: dict[str, tuple[str, ...]] = {}
    body = next(f for f in schema["fields"] if f["name"] == "body")  # type: ignore[attr-defined]  # JSON
    records = [t for t in body["type"] if t != "null"]
    return tuple(_kind(department, place, record, _fields(record, enums)) for place, record in enumerate(records))


def _kind(department: Department, place: int, record: dict[str, Any], fields: tuple[Field, ...]) -> Kind:
    return Kind(
        number=department.number * 64 + place,
        department=department,
        name=snake(record["name"]),
        record=record["name"],
        title=record["title"],
        standing=bool(record["standing"]),
        own_key=record.get("own_key"),
        sensitive=bool(record.get("sensitive")),
        area=bool(record.get("area")),
        fields=fields,
        sets=any(field.type == "set" for field in fields),
    )


def newest_schema(name: str, folder: Path = FOLDER) -> dict[str, object]:
    """Newest version of a schema file: NAME.v9.avsc … NAME.v2.avsc, NAME.avsc."""
    paths = sorted(folder.glob(f"{name}.v*.avsc"), key=lambda p: int(p.stem.rpartition(".v")[2]))
    path = paths[-1] if paths else folder / f"{name}.avsc"
    loaded: dict[str, object] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


@cache
def all_kinds() -> dict[tuple[str, str], Kind]:
    """(department code, kind name) -> Kind, for every department."""
    return {(d.code, kind.name): kind for d in DEPARTMENTS for kind in kinds_of(d, newest_schema(d.code))}


@cache
def kinds_by_number() -> dict[int, Kind]:
    """Kind.number -> Kind."""
    return {kind.number: kind for kind in all_kinds().values()}


@cache
def kinds_by_code() -> dict[str, Kind]:
    """`department.kind` -> Kind."""
    return {kind.code: kind for kind in all_kinds().values()}
