"""A record that cannot be read or may not count, kept as it came, with the reason."""

from __future__ import annotations

from typing import Any

from schemas.codec import encode

KEPT_BYTES = 1024 * 1024


def dead_letter(record: Any, department: str, reason: str, field: str | None) -> tuple[bytes, bytes]:
    """Key and message for dead.letters; the same record always makes the same letter.

    Args:
        record: as fetched: topic, partition, offset, timestamp (ms), key, value.
        department: whose topic it came on.
        reason: code of schemas.reasons.
        field: at fault, where known.

    """
    letter_id = f"{record.topic}|{record.partition}|{record.offset}"
    value = record.value or b""
    message = encode(
        "dead_letter",
        {
            "id": letter_id,
            "department": department,
            "reason": reason,
            "field": field,
            "at": record.timestamp,
            "key": record.key,
            "value": value[:KEPT_BYTES],
            "size": len(value),
            "replayed": False,
            "known_at": record.timestamp,
            "source_topic": record.topic,
            "source_partition": record.partition,
            "source_offset": record.offset,
        },
    )
    return letter_id.encode(), message
