"""Dead letters of one department by batch and reason, and which of them were published again after a fix. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from schemas.codec import SchemaError, decode


class Letter(NamedTuple):
    """A dead letter; `batch_id` is empty where nobody can read it."""

    at: int
    reason: str
    batch_id: str


@dataclass(slots=True)
class Letters:
    """What was read."""

    department: str
    known: dict[str, Letter] = field(default_factory=dict)
    replayed: set[str] = field(default_factory=set)

    def take(self, letter: Mapping[str, Any]) -> None:
        """Take in a letter, or the note that it was published again."""
        if letter["department"] != self.department:
            return
        if letter["replayed"]:
            self.replayed.add(letter["id"])
        else:
            self.known[letter["id"]] = Letter(letter["at"], letter["reason"], _batch_of(letter["value"]))

    def replays(self) -> Counter[str]:
        """Batch -> letters that were published again."""
        return Counter(found.batch_id for letter_id, found in self.known.items() if letter_id in self.replayed)

    def open(self) -> list[Letter]:
        """Letters that were not, oldest first."""
        return sorted(found for letter_id, found in self.known.items() if letter_id not in self.replayed)


def _batch_of(value: bytes) -> str:
    try:
        return decode(value)[1].get("batch_id") or ""
    except SchemaError:
        return ""
