"""The fast way to read household.events says of any bytes what the codec says."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.codec import MAX_MESSAGE_BYTES, SchemaError, decode, encode
from schemas.examples import examples_of
from schemas.fact import Fact, RoutedFact, pack_routed, unpack_routed
from streams.household_records import FACT, Item, read_many


def routed(detail: str) -> RoutedFact:
    """A fact whose packed length follows the detail's."""
    fact = Fact("1:e1", 64, 0, False, b"12345678", "p_1", 1_700_000_000_000, 1_700_000_000_000, [detail, 5, True])
    return RoutedFact(fact, 1_700_000_000_000, "events.health_insurance", 3, 12)


def message(detail: str) -> bytes:
    """Message of such a fact."""
    return encode(FACT, {"fact": pack_routed(routed(detail))})


def by_codec(value: bytes | None) -> Item:
    """What the codec and MessagePack say of one message."""
    try:
        name, record = decode(value)
        return unpack_routed(record["fact"]) if name == FACT else (name, record)
    except SchemaError as error:
        return error
    except (msgspec.DecodeError, UnicodeDecodeError):
        return SchemaError("unreadable", "fact")


def comparable(item: Item) -> object:
    """An item, or why it is none."""
    return (item.reason, item.field) if isinstance(item, SchemaError) else item


_OTHERS = [encode(name, record) for name in ("tick", "membership", "activation") for record in examples_of(name)]


@st.composite
def messages(draw: st.DrawFn) -> bytes | None:
    """Facts of any length, other records, none; whole, cut, trailed, or with a byte changed."""
    value = bytearray(draw(st.one_of(st.integers(0, 300).map(lambda n: message("x" * n)), st.sampled_from(_OTHERS))))
    match draw(st.integers(0, 4)):
        case 0:
            del value[draw(st.integers(0, len(value))) :]
        case 1:
            value += draw(st.binary(min_size=1, max_size=9))
        case 2:
            value[draw(st.integers(0, len(value) - 1))] = draw(st.integers(0, 255))
        case 3 if draw(st.booleans()):
            return None
    return bytes(value)


@settings(max_examples=2000)
@given(st.lists(messages(), max_size=8))
def test_any_bytes_are_read_as_the_codec_reads_them(batch: list[bytes | None]) -> None:
    items = [comparable(item) for item in read_many(batch)]

    assert items == [comparable(by_codec(value)) for value in batch]


@pytest.mark.parametrize("length", [0, 1, 100, 8_000, 8_190, 8_191, 8_192, 9_000, 60_000])
def test_facts_of_any_length_are_read(length: int) -> None:
    detail = "x" * length

    assert read_many([message(detail)]) == [routed(detail)]


def test_a_message_over_the_limit_is_refused() -> None:
    value = message("x" * 100) + bytes(MAX_MESSAGE_BYTES)

    (item,) = read_many([value])

    assert isinstance(item, SchemaError)
    assert item.reason == "too_long"
