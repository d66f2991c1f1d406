"""Which facts stood on which version of an alert."""

from __future__ import annotations

import msgspec

from streams.basis import MOST_GONE, mark_of, marks_of, packed, page, turned, unpacked, with_older
from streams.finding import Finding
from tests.builders import bill, digest_of


def found(*facts: str) -> Finding:
    digests = b"".join(digest_of(fact) for fact in facts)
    return Finding("R13", "red", 0, list(facts), 0, 0, len(facts), -1, "", digests)


def marks(*facts: str) -> set[bytes]:
    return set(marks_of(found(*facts)))


def test_a_fact_stands_from_the_version_that_shows_it_to_the_last_before_it_left() -> None:
    pages = b""
    for version, shown in ((1, "ab"), (2, "b"), (4, "ab")):
        pages = turned(pages, version, [found(*shown)])

    assert [page(pages, version) for version in (1, 2, 3, 4)] == [marks(*shown) for shown in ("ab", "b", "b", "ab")]
    assert page(b"", 1) == set()


def test_of_what_left_so_much_is_remembered_and_the_last_of_it() -> None:
    pages, stays = b"", b""
    for version in range(1, MOST_GONE + 3):
        pages = turned(pages, version, [found(f"f{version}")])
        stays = turned(stays, version, [found("b") if version > 1 else found("a", "b")])

    assert MOST_GONE == 400
    assert [page(pages, version) for version in (1, 2, 3)] == [set(), marks("f2"), marks("f3")]
    assert page(stays, 1) == marks("a", "b"), "what never left takes no place of what did"


def test_one_page_is_the_same_bytes_in_whatever_order_its_facts_are_named() -> None:
    facts = [f"f{number}" for number in range(30)]

    one, other = (turned(b"", 1, [found(*order)]) for order in (facts, facts[::-1]))
    assert one == other
    assert [one.index(mark) for mark in sorted(marks(*facts))] == sorted(one.index(mark) for mark in marks(*facts))
    assert packed(marks(*facts)) == b"".join(sorted(marks(*facts)))
    assert unpacked(packed(marks(*facts))) == marks(*facts)


def test_pages_kept_by_an_earlier_release_are_read() -> None:
    (here,), (left,) = marks("here"), marks("left")
    kept = msgspec.msgpack.encode([{here: 2}, [[left, 1, 1]]])

    assert [page(kept, version) for version in (1, 2)] == [{left}, {here}]
    assert turned(kept, 3, [found("here")]) == kept


def test_an_answer_deals_with_all_bills_up_to_the_last_one_seen_but_for_those_that_came_since() -> None:
    days = ("2023-01-01", "2023-03-01", "2023-06-01", "2023-06-01", "2023-06-02")
    first, between, last, along, after = (bill(1, when, f"b{number}") for number, when in enumerate(days))
    seen, everything = frozenset({mark_of(first), mark_of(last)}), [first, between, last, along, after]

    dealt_with = with_older(seen, everything, seen)
    assert dealt_with == seen | {mark_of(between), mark_of(along)}
    assert with_older(seen, everything[::-1], seen | {mark_of(between)}) == dealt_with - {mark_of(between)}
