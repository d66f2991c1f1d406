"""Whatever bytes arrive, the codec answers with a record or a SchemaError, alone and in company alike."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.codec import HEADER_BYTES, MAX_MESSAGE_BYTES, Decoded, SchemaError, decode, decode_many, encode
from schemas.examples import examples_of
from schemas.reasons import REASONS
from schemas.registry import registry

NAMES = sorted(registry()[1])
VALID = [encode(name, record) for name in NAMES for record in examples_of(name)]
HEADERS = sorted(registry()[0])


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A valid message that is cut, extended, or has a byte changed."""
    message = bytearray(draw(st.sampled_from(VALID)))
    for _ in range(draw(st.integers(1, 3))):
        match draw(st.integers(0, 2)):
            case 0:
                del message[draw(st.integers(0, len(message))) :]
            case 1:
                message += draw(st.binary(min_size=1, max_size=40))
            case _ if message:
                place = draw(st.integers(0, len(message) - 1))
                message[place] = draw(st.integers(0, 255))
    return bytes(message)


_headed = st.builds(lambda header, rest: header + rest, st.sampled_from(HEADERS), st.binary(max_size=80))
_neighbours = st.builds(lambda a, b: a + b[10:], st.sampled_from(VALID), st.sampled_from(VALID))
messages = st.one_of(st.sampled_from(VALID), damaged(), st.binary(max_size=60), _headed, _neighbours, st.none())


def _alone(message: bytes | None) -> Decoded | SchemaError:
    try:
        return decode(message)
    except SchemaError as error:
        return error


def _comparable(result: Decoded | SchemaError) -> object:
    return result.reason if isinstance(result, SchemaError) else repr(result)


@settings(max_examples=1500, deadline=None)
@given(st.lists(messages, max_size=12))
def test_many_messages_are_read_as_each_is_read_alone(batch: list[bytes | None]) -> None:
    together = [_comparable(result) for result in decode_many(batch)]

    assert together == [_comparable(_alone(message)) for message in batch]


@settings(max_examples=1500, deadline=None)
@given(messages)
def test_no_bytes_raise_anything_but_a_reason_that_is_explained(message: bytes | None) -> None:
    result = _alone(message)

    if isinstance(result, SchemaError):
        assert result.reason in REASONS


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(VALID), st.binary(min_size=1, max_size=30))
def test_bytes_after_a_record_are_refused(message: bytes, more: bytes) -> None:
    with pytest.raises(SchemaError) as caught:
        decode(message + more)

    assert caught.value.reason == "trailing_bytes"


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (None, "empty"),
        (b"", "empty"),
        (b"{}", "not_avro"),
        (b"\xc3\x01" + b"\0" * 8, "unknown_schema"),
        (VALID[0] + b"\0" * MAX_MESSAGE_BYTES, "too_long"),
        (VALID[0][:-1], "unreadable"),
    ],
)
def test_each_fault_has_its_reason(message: bytes | None, reason: str) -> None:
    with pytest.raises(SchemaError) as caught:
        decode(message)

    assert caught.value.reason == reason


def test_an_over_long_message_is_refused_among_others_and_harms_none() -> None:
    long = VALID[0] + b"\0" * MAX_MESSAGE_BYTES

    first, second, third = decode_many([VALID[0], long, VALID[0]])

    assert isinstance(second, SchemaError)
    assert second.reason == "too_long"
    assert first == third == decode(VALID[0])


def test_a_record_over_64_kib_is_not_encoded() -> None:
    record = {**examples_of("tick")[0], "positions": {f"department-{n}": n for n in range(6000)}}

    with pytest.raises(SchemaError) as caught:
        encode("tick", record)

    assert caught.value.reason == "too_long"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"revision": "one"}, "revision"),
        ({"occurred_at": None}, "occurred_at"),
        ({"body": {"grade": "E", "hazard": "none", "inspected_on": 1}}, "grade"),
        ({"kind": "collapse"}, "kind"),
    ],
)
def test_a_record_that_does_not_fit_names_the_field(change: dict[str, object], field: str) -> None:
    with pytest.raises(SchemaError) as caught:
        encode("housing", {**examples_of("housing")[0], **change})

    assert caught.value.field == field


def test_a_message_that_cannot_be_read_names_the_field_in_its_body_at_which_reading_stopped() -> None:
    message = encode("housing", examples_of("housing")[0])

    for cut in (message[:-1], message[: len(message) - 3]):
        with pytest.raises(SchemaError) as caught:
            decode(cut)
        assert caught.value.field in {"grade", "hazard", "inspected_on"}


@given(st.sampled_from(VALID), st.data())
def test_whatever_was_done_to_a_message_the_field_at_fault_is_one_of_its_schema(
    message: bytes, data: st.DataObject
) -> None:
    place = data.draw(st.integers(HEADER_BYTES, len(message) - 1))
    broken = message[:place] + data.draw(st.binary(max_size=4)) + message[place + data.draw(st.integers(0, 4)) :]
    (found,) = decode_many([broken])

    if isinstance(found, SchemaError) and found.reason == "unreadable":
        assert found.field is not None
        assert found.field.isidentifier()
