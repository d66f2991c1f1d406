"""Rows of a changelog: damage is seen, and of several writers' copies the right one stands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.changelog import (
    TAG_BYTES,
    Copies,
    CorruptRowError,
    check_row,
    due_of,
    furthest,
    last_owner,
    new_tag,
    pack_row,
    through_of,
)

TAGS = (b"writer-1", b"writer-2", b"writer-3")
KEYS = (b"eH1", b"eH2", b"eH22")

writes = st.tuples(st.sampled_from(KEYS), st.sampled_from(TAGS), st.integers(0, 30) | st.none())


def log_of(entries: list[tuple[bytes, bytes, int | None]]) -> list[tuple[bytes, bytes | None]]:
    """Changelog records: a write at some `through`, or a tombstone."""
    return [
        (key + tag, None if through is None else pack_row(through, 0, b"%d" % through)) for key, tag, through in entries
    ]


def compacted(log: list[tuple[bytes, bytes | None]], upto: int) -> list[tuple[bytes, bytes | None]]:
    """What compaction of the log's first part leaves."""
    newest = {key: place for place, (key, _) in enumerate(log[:upto])}
    kept = [record for place, record in enumerate(log[:upto]) if newest[record[0]] == place]
    return kept + log[upto:]


def settled(log: list[tuple[bytes, bytes | None]]) -> dict[bytes, bytes]:
    copies = Copies()
    for key, row in log:
        copies.apply(key, row)
    copies.settle(lambda _: furthest)
    return copies.rows


@given(st.lists(writes, max_size=40), st.integers(0, 40))
def test_whoever_wrote_when_the_furthest_live_copy_stands_before_and_after_compaction(
    entries: list[tuple[bytes, bytes, int | None]], upto: int
) -> None:
    live: dict[bytes, dict[bytes, int]] = {}
    for key, tag, through in entries:
        copies = live.setdefault(key, {})
        copies.pop(tag, None)
        if through is not None:
            copies[tag] = through
    expected = {key: max(copies.values()) for key, copies in live.items() if copies}
    log = log_of(entries)

    assert {key: through_of(row) for key, row in settled(log).items()} == expected
    assert settled(compacted(log, upto)) == settled(log)


@given(st.lists(writes, max_size=40))
def test_recovery_names_every_writer_whose_copy_is_to_be_removed(
    entries: list[tuple[bytes, bytes, int | None]],
) -> None:
    last = {(key, tag): through for key, tag, through in entries}
    copies = Copies()
    for key, row in log_of(entries):
        copies.apply(key, row)
    writers = copies.settle(lambda _: furthest)

    assert {(key, tag) for key, tags in writers.items() for tag in tags} == {
        place for place, through in last.items() if through is not None
    }


def test_an_entry_of_which_all_copies_were_removed_is_gone() -> None:
    entries = [(KEYS[0], TAGS[0], 1), (KEYS[0], TAGS[1], 2), (KEYS[0], TAGS[0], None), (KEYS[0], TAGS[1], None)]

    assert settled(log_of(entries)) == {}


@given(st.integers(-1, 2**40), st.integers(0, 2**31), st.binary(max_size=80))
def test_a_row_says_how_far_it_goes_and_when_it_is_due(through: int, due: int, body: bytes) -> None:
    row = pack_row(through, due, body)

    check_row(row)
    assert (through_of(row), due_of(row)) == (through, due)
    assert row.endswith(body)


@given(st.binary(min_size=1, max_size=60), st.data())
def test_a_changed_or_shortened_body_is_refused(body: bytes, data: st.DataObject) -> None:
    row = bytearray(pack_row(7, 0, body))
    place = data.draw(st.integers(len(row) - len(body), len(row) - 1))
    row[place] ^= data.draw(st.integers(1, 255))

    with pytest.raises(CorruptRowError):
        check_row(bytes(row))
    with pytest.raises(CorruptRowError):
        check_row(pack_row(7, 0, body)[:-1])


@pytest.mark.parametrize("row", [b"", b"short", b"x" * 40])
def test_recovery_refuses_what_is_no_row(row: bytes) -> None:
    with pytest.raises(CorruptRowError):
        Copies().apply(b"eH1" + TAGS[0], row)


def test_recovery_refuses_a_key_without_room_for_an_entry() -> None:
    with pytest.raises(CorruptRowError, match="key of 8 bytes"):
        Copies().apply(b"x" * TAG_BYTES, pack_row(1, 0, b""))


def test_each_writer_has_a_name_of_its_own() -> None:
    assert len({new_tag() for _ in range(100)}) == 100
    assert len(new_tag()) == TAG_BYTES


ledger_rows = st.builds(pack_row, st.integers(-1, 50), st.integers(0, 5), st.binary(max_size=2))


@given(ledger_rows, ledger_rows, ledger_rows)
def test_merging_ledgers_and_rows_depends_on_no_order(one: bytes, two: bytes, three: bytes) -> None:
    for merge in (furthest, last_owner):
        assert merge(one, two) == merge(two, one)
        assert merge(merge(one, two), three) == merge(one, merge(two, three))


def test_the_ledger_of_the_last_owner_stands_however_far_a_stopped_worker_went() -> None:
    stopped, owner = pack_row(20, 6, b"stopped"), pack_row(15, 7, b"owner")

    assert last_owner(stopped, owner) == owner
    assert furthest(stopped, owner) == stopped
