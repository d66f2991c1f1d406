"""Which partition a key belongs to: the rule of Kafka's own clients (murmur2), so that any client may write."""

from __future__ import annotations

from functools import lru_cache

from schemas.topics import PARTITIONS

_MASK = 0xFFFFFFFF
_M = 0x5BD1E995


def murmur2(data: bytes) -> int:
    """Hash of a key, unsigned 32 bits, as in `org.apache.kafka.common.utils.Utils.murmur2`."""
    length = len(data)
    h = 0x9747B28C ^ length
    whole = length & ~3
    for i in range(0, whole, 4):
        k = int.from_bytes(data[i : i + 4], "little") * _M & _MASK
        k = (k ^ (k >> 24)) * _M & _MASK
        h = (h * _M & _MASK) ^ k
    if whole < length:
        h = (h ^ int.from_bytes(data[whole:], "little")) * _M & _MASK
    h = (h ^ (h >> 13)) * _M & _MASK
    return h ^ (h >> 15)


@lru_cache(maxsize=1 << 17)
def partition_of(key: bytes, partitions: int = PARTITIONS) -> int:
    """Partition of a key, 0 … partitions - 1."""
    return (murmur2(key) & 0x7FFFFFFF) % partitions
