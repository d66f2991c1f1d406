"""An action on its way to its household: what assign copies on, and how correlate reads the copy. No I/O."""

from __future__ import annotations

from typing import Any

from schemas.actions import problem_of
from schemas.codec import Decoded, Record, SchemaError, decode, encode
from schemas.events import Problem
from schemas.partition import partition_of


def trouble_with(item: Decoded, record: Any) -> Problem | None:
    """Why a readable record of township.actions is not copied on, or None."""
    name, action = item
    if name != "action":
        return Problem("wrong_schema", None)
    return problem_of(action) or _misplaced(action, record)


def copy_of(record: Any) -> bytes:
    """`household_action` of a record as fetched from township.actions."""
    return encode(
        "household_action",
        {
            "action": record.value,
            "known_at": record.timestamp,
            "source_topic": record.topic,
            "source_partition": record.partition,
            "source_offset": record.offset,
        },
    )


def action_in(copy: Record, record: Any) -> Record | Problem:
    """Action of a copy read at a record of household.events, or what is wrong with it."""
    try:
        item = decode(copy["action"])
    except SchemaError as error:
        return Problem(error.reason, error.field)
    return trouble_with(item, record) or item[1]


def _misplaced(action: Record, record: Any) -> Problem | None:
    key = action["household_id"].encode()
    fits = record.key == key and partition_of(key) == record.partition
    return None if fits else Problem("wrong_key", None)
