"""So many a minute (or any other while), by name: what is over waits. The clock is the caller's."""

from __future__ import annotations

import math
from typing import NamedTuple

_MOST_NAMES = 10_000


class _Bucket(NamedTuple):
    left: float
    at: float


class Rate:
    """Token buckets: full at first, filled again evenly."""

    def __init__(self, most: int, seconds: float = 60) -> None:
        """So many in so many seconds, all of them at once if one likes."""
        self._most = most
        self._seconds = seconds
        self._buckets: dict[str, _Bucket] = {}

    def wait(self, name: str, now: float) -> int:
        """Seconds until one more is allowed; 0 now."""
        return 0 if (left := self._left(name, now)) >= 1 else math.ceil((1 - left) * self._seconds / self._most)

    def take(self, name: str, now: float) -> int:
        """Count one more; seconds to wait where it is one too many, which is not counted."""
        seconds = self.wait(name, now)
        if not seconds:
            left = self._left(name, now) - 1
            if name not in self._buckets and len(self._buckets) >= _MOST_NAMES:
                self._forget(now)
            self._buckets[name] = _Bucket(left, now)
        return seconds

    def _left(self, name: str, now: float) -> float:
        bucket = self._buckets.get(name)
        return float(self._most) if bucket is None else self._filled(bucket, now)

    def _filled(self, bucket: _Bucket, now: float) -> float:
        return min(bucket.left + max(now - bucket.at, 0) * self._most / self._seconds, float(self._most))

    def _forget(self, now: float) -> None:
        """Leave out what is full again; if that is nobody, begin anew."""
        self._buckets = {n: b for n, b in self._buckets.items() if self._filled(b, now) < self._most}
        if len(self._buckets) >= _MOST_NAMES:
            self._buckets.clear()
