"""The made-up county: reproducible, plausible, and true to its own truth when read by the on-ramp."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from producers.county import SENDERS, File, Plan, Tick, make_county
from producers.county_events import DAYS
from producers.county_mistakes import Garbage
from producers.message import Message
from producers.publish import REGISTER, Outcome, Run, check_rows, event_messages, register_messages
from schemas.beijing import day_number, start_of
from schemas.codec import Record, SchemaError, decode, encode
from schemas.departments import BY_CODE
from schemas.event_columns import event_columns
from schemas.events import problem_of
from schemas.kinds import all_kinds
from schemas.readers import open_source
from schemas.readers.headings import REGISTER_COLUMNS
from streams.rule import CAUSES

END = date(2026, 6, 30)
PUBLISHED = start_of(day_number(END) + 1)
KEY = b"county key of the tests, 32 byte"


@cache
def county(seed: int = 1) -> Plan:
    return make_county(seed, 400, END)


def files(plan: Plan) -> list[File]:
    return [step for step in plan.steps if isinstance(step, File)]


def carried(file: File, folder: Path) -> tuple[Outcome, list[Message]]:
    """What the on-ramp makes of a file."""
    path = folder / file.name
    path.write_bytes(file.content)
    run = Run(file.sender, PUBLISHED, "00")
    of_register = file.sender == REGISTER
    source = open_source(path, REGISTER_COLUMNS if of_register else event_columns(file.sender))
    to_messages = (register_messages if of_register else event_messages)(run, KEY)
    outcome = check_rows(source.rows(), to_messages)
    messages = [to_messages(row, number) for number, row in source.rows() if isinstance(row, dict)]
    return outcome, [message for found in messages if not hasattr(found, "reason") for message in found]


def test_the_same_seed_gives_the_same_county_and_another_seed_another() -> None:
    again = make_county(1, 400, END)

    assert again.steps == county().steps
    assert again.truth.as_json() == county().truth.as_json()
    assert files(make_county(7, 400, END)) != files(county())


@pytest.mark.parametrize("seed", [1, 7])
def test_the_on_ramp_refuses_exactly_the_rows_that_were_spoilt(tmp_path: Path, seed: int) -> None:
    for file in files(county(seed)):
        outcome, _ = carried(file, tmp_path)

        assert {p.row: p.field for p in outcome.rejected} == file.bad_rows, file.name
        assert outcome.accepted == file.rows - len(file.bad_rows)


def folded(plan: Plan, folder: Path) -> dict[str, Counter[str]]:
    """Outcomes by the definition of design 7.4, counted by a loop that knows nothing of the generator."""
    known: dict[tuple[str, str], tuple[int, bool]] = {}
    subjects: dict[tuple[str, str], str] = {}
    registered: set[str] = set()
    counts: dict[str, Counter[str]] = {code: Counter() for code in BY_CODE}
    waiting: list[tuple[str, str]] = []
    for step in plan.steps:
        if isinstance(step, Garbage):
            counts[step.department].update(dict.fromkeys(("published", "dead_lettered"), len(step.messages)))
        if not isinstance(step, File):
            continue
        outcome, messages = carried(step, folder)
        if step.sender != REGISTER:
            counts[step.sender]["rejected"] += len(outcome.rejected)
        for message in messages:
            record = decode(message.value)[1]
            if step.sender == REGISTER:
                registered |= {record["person_id"], record["household_id"]}
                continue
            counts[step.sender]["published"] += 1
            fact, rank = (step.sender, record["event_id"]), (record["revision"], record["retracted"])
            assert subjects.setdefault(fact, message.key.decode()) == message.key.decode()
            if fact in known and rank <= known[fact]:
                counts[step.sender]["duplicate"] += 1
                continue
            known[fact] = rank
            waiting.append((step.sender, message.key.decode()))
    for department, subject in waiting:
        counts[department]["applied" if subject in registered or subject.isdigit() else "parked"] += 1
    return counts


@pytest.mark.parametrize("seed", [1, 7])
def test_the_truth_is_what_a_simple_loop_over_the_files_counts(tmp_path: Path, seed: int) -> None:
    plan = county(seed)

    counts = folded(plan, tmp_path)

    assert {d: {k: c[k] for k in plan.truth.counts()[d]} for d, c in counts.items()} == plan.truth.counts()


def test_published_is_applied_duplicate_parked_and_dead_lettered() -> None:
    for counts in county().truth.counts().values():
        parts = ("applied", "duplicate", "parked", "dead_lettered")

        assert counts["published"] == sum(counts[part] for part in parts)
        assert all(counts[part] >= 0 for part in parts)


def test_every_kind_of_trouble_occurs() -> None:
    truth = county().truth
    total: Counter[str] = Counter()
    for counts in truth.counts().values():
        total.update(counts)

    assert all(total[outcome] for outcome in ("applied", "duplicate", "parked", "dead_lettered", "rejected"))
    causes = [*(e.causes for e in truth.alerts().values()), *(e.causes for e in truth.area_alerts())]
    assert {cause for some in causes for cause in some} == set(CAUSES)
    assert {e.level for e in truth.stories.values()} == {"red", "orange", "yellow", "watch", ""}
    assert truth.moves


def test_the_noise_is_far_larger_than_the_truth() -> None:
    plan = make_county(3, 2000, END)

    published = sum(counts["published"] for counts in plan.truth.counts().values())
    assert published > 250 * len(plan.truth.alerts())


def test_garbage_is_refused_for_the_reason_it_says() -> None:
    for step in county().steps:
        if isinstance(step, Garbage):
            for value, reason in step.messages:
                assert reason_of(value, step.department) == reason


def reason_of(value: bytes, department: str) -> str:
    try:
        name, record = decode(value)
    except SchemaError as error:
        return error.reason
    if name != department:
        return "wrong_schema"
    problem = problem_of(record, department)
    return problem.reason if problem else "none"


def test_the_year_ends_with_a_tick_on_the_day_after_its_end() -> None:
    ticks = [step.day for step in county().steps if isinstance(step, Tick)]

    assert len(ticks) == 12
    assert ticks == sorted(ticks)
    assert (ticks[-1] - END).days == 1


def test_each_department_delivers_each_month_and_states_how_far() -> None:
    covers: dict[str, list[date]] = {}
    for file in files(county()):
        if file.covers_to:
            covers.setdefault(file.sender, []).append(file.covers_to)

    assert covers.keys() == set(SENDERS)
    assert all(set(days) == set(covers["housing"]) and len(set(days)) == 12 for days in covers.values())


def events_of(plan: Plan, folder: Path) -> list[Record]:
    found = [carried(f, folder)[1] for f in files(plan) if f.sender != REGISTER]
    return [decode(message.value)[1] for messages in found for message in messages]


def test_events_lie_in_the_year_and_some_come_late(tmp_path: Path) -> None:
    first_day, last_day = day_number(END) - DAYS + 1, day_number(END)
    days = {(e["occurred_at"] + 8 * 3_600_000) // 86_400_000 for e in events_of(county(), tmp_path)}

    assert first_day <= min(days)
    assert max(days) <= last_day


def test_no_identity_number_is_in_the_truth_or_on_the_bus(tmp_path: Path) -> None:
    numbers = {
        str(row["id_number"])
        for _, row in open_source(written(county(), tmp_path), REGISTER_COLUMNS).rows()
        if isinstance(row, dict)
    }
    said = json.dumps(county().truth.as_json()) + str(events_of(county(), tmp_path))

    assert len(numbers) > 1000
    assert not any(number in said for number in numbers)


def written(plan: Plan, folder: Path) -> Path:
    first = files(plan)[0]
    path = folder / "first.csv"
    path.write_bytes(first.content)
    return path


def test_too_few_households_for_the_stories_are_refused() -> None:
    with pytest.raises(ValueError, match="400"):
        make_county(1, 10, END)


def test_all_fourteen_send_every_kind_there_is_and_each_event_fits_the_codec(tmp_path: Path) -> None:
    kinds: Counter[tuple[str, str]] = Counter()
    for event in events_of(make_county(7, 1000, END), tmp_path):
        kinds[event["department"], event["kind"]] += 1
        encode(event["department"], event)

    assert set(SENDERS) == BY_CODE.keys()
    assert kinds.keys() == set(all_kinds())
