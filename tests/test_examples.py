"""Every schema has an example that survives, and every department is complete."""

from __future__ import annotations

import json

import pytest

from schemas.codec import decode, decode_many, encode
from schemas.departments import BY_CODE, DEPARTMENTS
from schemas.events import problem_of
from schemas.examples import FOLDER, examples_of
from schemas.fact import fact_of, pack_routed, unpack_routed
from schemas.kinds import all_kinds, newest_schema
from schemas.registry import registry
from schemas.topics import TOPICS, events_topic

NAMES = sorted(registry()[1])
CODES = sorted(BY_CODE)


@pytest.mark.parametrize("name", NAMES)
def test_every_example_survives_encoding_and_decoding(name: str) -> None:
    records = examples_of(name)

    messages = [encode(name, record) for record in records]

    assert [decode(message) for message in messages] == [(name, record) for record in records]
    assert decode_many(messages * 2) == [(name, record) for record in records * 2]


def test_no_example_stands_without_its_schema() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.json")) == NAMES


@pytest.mark.parametrize("code", CODES)
def test_a_department_has_a_schema_a_topic_and_a_name(code: str) -> None:
    assert code in registry()[1]
    assert events_topic(code) in {topic.name for topic in TOPICS}
    assert BY_CODE[code].name


@pytest.mark.parametrize("code", CODES)
def test_a_departments_examples_show_each_of_its_kinds_and_are_valid_events(code: str) -> None:
    events = examples_of(code)

    assert {e["kind"] for e in events} == {kind for owner, kind in all_kinds() if owner == code}
    assert [problem_of(event, code) for event in events] == [None] * len(events)
    assert any(event["retracted"] for event in events)


@pytest.mark.parametrize("code", CODES)
def test_a_departments_examples_become_facts_that_survive_packing(code: str) -> None:
    for event in examples_of(code):
        routed = unpack_routed(examples_of("household_fact")[0]["fact"])
        fact = fact_of(event, known_at=event["published_at"])

        again = type(routed)(fact, 1, "t", 0, 0)
        assert unpack_routed(pack_routed(again)) == again


def test_department_codes_numbers_and_names_are_each_used_once() -> None:
    for values in zip(*((d.code, d.number, d.name) for d in DEPARTMENTS), strict=True):
        assert len(set(values)) == len(values)


def test_the_envelopes_of_all_departments_are_equal() -> None:
    envelopes = set()
    for code in CODES:
        fields = newest_schema(code)["fields"]
        assert isinstance(fields, list)
        assert fields[-1]["name"] == "body"
        envelopes.add(json.dumps(fields[:-1], sort_keys=True))

    assert len(envelopes) == 1
