"""The spool through any life: what was put comes out once, in its order, whenever the process is killed."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from producers.sdk.errors import Problem, SpoolFullError
from producers.sdk.spool import Batch, Room, Spool
from producers.sdk.spool_file import SpoolFile

WRONG = Problem(1, "due", "amount", "请改正", "correct it")
ROOM = Room(rows=12, size=200)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.integers(0, 5), st.booleans()),
        st.tuples(st.just("take"), st.integers(1, 4), st.integers(1, 60)),
        st.tuples(st.just("refuse"), st.integers(1, 4), st.integers(1, 60)),
        st.tuples(st.just("unfit"), st.integers(1, 4), st.integers(1, 60)),
        st.tuples(st.just("apart"), st.integers(1, 4), st.integers(1, 60)),
        st.tuples(st.just("kill"), st.just(0), st.just(0)),
    ),
    max_size=25,
)


class Life:
    """A spool, and what must be in it."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "a.spool"
        self.open()
        self.names = 0
        self.put: list[str] = []
        self.out: list[str] = []
        self.aside: list[str] = []
        self.days: list[str] = []

    def open(self) -> None:
        self.spool = Spool(SpoolFile(self.file, "education"), ROOM)

    def step(self, what: str, number: int, more: int | bool) -> None:
        if what == "put":
            self._put(number, f"2026-01-{len(self.days) % 28 + 1:02d}" if more else None)
        elif what == "kill":
            self.spool.close()
            self.open()
        elif (batch := self.spool.batch(number, int(more))) is not None:
            self._end(what, batch)

    def _put(self, number: int, day: str | None) -> None:
        lines = [f'{{"n":{self.names + place}}}' for place in range(number)]
        try:
            self.spool.put(lines, day)
        except SpoolFullError:
            held = self.spool.waiting()
            size = held.size + held.set_aside_size + sum(map(len, lines))
            assert held.rows + held.set_aside + number > ROOM.rows or size > ROOM.size
            return
        self.names += number
        self.put += lines
        self.days += [day] if day else []

    def _end(self, what: str, batch: Batch) -> None:
        if what == "apart":
            self.spool.apart(batch)
            return
        if what == "unfit":
            self.spool.unfit(batch, "bad_json", "请改正", "correct it")
            self.aside += batch.lines
        elif what == "refuse" and batch.lines:
            self.spool.taken(batch, batch.name, len(batch.lines) - 1, [WRONG])
            self.aside.append(batch.lines[0])
        else:
            self.spool.taken(batch, batch.name, len(batch.lines), [])
        self.out += batch.lines


@settings(max_examples=60)
@given(STEPS)
def test_what_was_put_comes_out_once_in_its_order(steps: list[tuple[str, int, int | bool]]) -> None:
    with TemporaryDirectory() as folder:
        life = Life(Path(folder))
        for step in steps:
            life.step(*step)
        held = life.spool.waiting()
        assert held.rows >= len(life.put) - len(life.out), "days that were stated wait as well"
        while (batch := life.spool.batch(3, 1_000)) is not None:
            life._end("take", batch)
        aside = [dict(each.row) for each in life.spool.set_aside()]
        empty = life.spool.waiting()
        life.spool.close()

    assert life.out == life.put
    assert aside == [{"n": int(line[5:-1])} for line in life.aside]
    assert (empty.rows, empty.size) == (0, 0)
    assert (empty.set_aside, empty.set_aside_size) == (len(life.aside), sum(map(len, life.aside)))


@settings(max_examples=30)
@given(st.integers(1, 9), st.integers(1, 5), st.integers(1, 5))
def test_a_batch_that_was_begun_is_the_same_after_a_crash_whatever_came_since(rows: int, most: int, later: int) -> None:
    with TemporaryDirectory() as folder:
        life = Life(Path(folder))
        life._put(rows, None)
        before = life.spool.batch(most, 1_000)
        life.spool.close()
        life.open()
        life._put(min(later, ROOM.rows - rows), None)
        after = life.spool.batch(1, 1)
        life.spool.close()

    assert before is not None
    assert before == after
    assert len(before.lines) == min(rows, most)
