"""Reads all that the bus says of one department's deliveries."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from producers.results.deliveries import Read
from schemas.codec import Record, SchemaError
from schemas.topics import ALERTS, DEAD_LETTERS, DELIVERIES, OUTCOMES, events_topic
from streams.log_reader import decode_each, read_all


def read_results(servers: str, department: str) -> Read:
    """Read up to the present ends: alerts before events, of which only those are kept that an alert names.

    Raises:
        KafkaError: the bus does not answer.

    """
    read = Read(department)
    for record, name, content in _contents(servers, DELIVERIES, OUTCOMES):
        read.books.take(name, content, record.offset)
    for _, _, letter in _contents(servers, DEAD_LETTERS):
        read.letters.take(letter)
    for _, name, content in _contents(servers, ALERTS):
        if name == "alert":
            read.came_of.take_alert(content)
    for record, name, content in _contents(servers, events_topic(department)):
        if name == department:
            read.came_of.take_event(content, record.timestamp, record.partition, record.offset)
    return read


def _contents(servers: str, *topics: str) -> Iterator[tuple[Any, str, Record]]:
    """Records that can be read; of the others nobody knows what they say."""
    for record, found in decode_each(read_all(servers, topics)):
        if not isinstance(found, SchemaError):
            yield record, *found
