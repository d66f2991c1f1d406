"""How much at a time, how soon, how often, how much at most."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """All of a publisher's limits.

    Attributes:
        batch_rows: in one request; the gateway takes 10 000.
        batch_bytes: likewise, unpacked.
        linger_seconds: until rows that are no full batch go out.
        retry_seconds: before the second attempt; each further waits twice as long, up to `most_seconds`.
        spool_rows: that may wait, those set aside included.
        spool_bytes: likewise, of their JSON text.
        full_seconds: how long a call waits for room in a full spool.
        close_seconds: how long `close` waits for what is still in the spool.

    """

    batch_rows: int = 1_000
    batch_bytes: int = 1 << 20
    linger_seconds: float = 1.0
    retry_seconds: float = 0.5
    most_seconds: float = 30.0
    spool_rows: int = 1_000_000
    spool_bytes: int = 1 << 30
    full_seconds: float = 30.0
    close_seconds: float = 30.0
