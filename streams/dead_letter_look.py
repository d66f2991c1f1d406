"""What may be shown of a dead letter, which may hold anything: its shape, never a name, number or word of it. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from schemas.beijing import instant
from schemas.codec import HEADER_BYTES, SchemaError, decode
from schemas.reasons import explain

_MOST_SHOWN = 400
_PLAIN = frozenset(("department", "kind"))
"""Fields whose words the contract lists, if they are of those lists' characters."""

Letter = Mapping[str, Any]


def for_people(letter: Letter) -> dict[str, Any]:
    """The shape of `alertbus dead-letters list`: no content."""
    return {
        "id": letter["id"],
        "department": letter["department"],
        "reason": letter["reason"],
        "field": letter["field"],
        "at": instant(letter["at"]).isoformat(timespec="seconds"),
        "what_to_do": explain(letter["reason"]),
    }


def looked_at(letter: Letter) -> dict[str, Any]:
    """The same, and the content masked: letters become `a` and `A`, digits `0`, every other sign of writing `字`.

    `size` is the original's in bytes; `cut` says that not all of it was kept, so it cannot be replayed.
    """
    value: bytes = letter["value"]
    schema, content = _content(value)
    return {
        **for_people(letter),
        "size": letter["size"],
        "cut": letter["size"] > len(value),
        "begins": value[:HEADER_BYTES].hex(),
        "schema": schema,
        "content": content,
    }


def _content(value: bytes) -> tuple[str | None, object]:
    try:
        name, record = decode(value)
    except SchemaError:
        return None, masked(value[: 4 * _MOST_SHOWN].decode("utf-8", "replace"))[:_MOST_SHOWN]
    return name, _masked_record(record)


def _masked_record(record: Mapping[str, Any]) -> dict[str, object]:
    return {name: value if name in _PLAIN else _masked_value(value) for name, value in record.items()}


def _masked_value(value: object) -> object:
    if isinstance(value, Mapping):
        return {name: _masked_value(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_masked_value(each) for each in value]
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    return value if value is None or isinstance(value, bool) else masked(str(value))


def masked(text: str) -> str:
    """Shape of a text."""
    return "".join(map(_shape, text))


def _shape(sign: str) -> str:
    if sign.isdigit():
        return "0"
    if not sign.isascii():
        return "字" if sign.isalnum() else "?"
    return ("A" if sign.isupper() else "a") if sign.isalpha() else sign


def counted(letters: Iterable[Letter]) -> list[dict[str, Any]]:
    """How many letters each department has of each reason, most first."""
    found = Counter((letter["department"], letter["reason"]) for letter in letters)
    ordered = sorted(found.items(), key=lambda each: (-each[1], each[0]))
    return [
        {"department": department, "reason": reason, "letters": count, "what_to_do": explain(reason)}
        for (department, reason), count in ordered
    ]
