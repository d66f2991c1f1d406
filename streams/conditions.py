"""What a rule may ask. One class per condition type; each reads facts, tags and the tick, nothing else.

    Sum        the money of a window's facts reaches a line
    Count      so many facts of a window fit
    Standing   a value that stands fits
    Parts      so many other rules' conditions hold, their counted ones within one window

A rule's levels are its grades here, 0 the highest. Evidence is all that the answer rests on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from schemas.fact import Fact
from streams.series import Series
from streams.thresholds import Thresholds, line_on
from streams.view import View
from streams.where import Group, Where, fits


class Held(NamedTuple):
    """That a condition holds.

    Attributes:
        number: facts, or parts of a combination.
        value: money of the window, fen; `line` what it reached, 0 without a line.
        group: whose line.

    """

    grade: int
    evidence: Sequence[Fact]
    number: int
    value: int = 0
    line: int = 0
    group: str = ""


class Windows(NamedTuple):
    """A counted condition's facts, ready to be asked for any window.

    Attributes:
        bars: from a window's end to what each grade asks for, the highest grade first.
        line: from a window's end to the line, 0 without one.
        lowest: what no window may fall short of anywhere, at any time.

    """

    series: Series
    bars: Callable[[int], Sequence[int]]
    line: Callable[[int], int]
    group: str
    lowest: int

    @property
    def able(self) -> bool:
        """Whether all facts together weigh enough for any window to hold."""
        return self.series.weight >= self.lowest

    def held(self, end: int, length: int) -> Held | None:
        """What the window (end - length, end] reaches."""
        total = self.series.total(end, length)
        if total < self.lowest:
            return None
        for grade, bar in enumerate(self.bars(end)):
            if total >= bar:
                evidence = self.series.within(end, length)
                return Held(grade, evidence, len(evidence), total, self.line(end), self.group)
        return None

    def best(self, length: int) -> Held | None:
        """Window of the highest grade, of those the one with the greatest value, of those the latest."""
        best: Held | None = None
        for end in dict.fromkeys(self.series.times):
            held = self.held(end, length)
            if held and (best is None or (-held.grade, held.value) >= (-best.grade, best.value)):
                best = held
        return best


@dataclass(frozen=True, slots=True)
class Sum:
    """Money of a window's facts reaches a line, or so many times the line.

    Attributes:
        place: of the field in the fact's values.
        window: ms; None for a part, which takes the combination's.
        factors: of the grades.
        groups: the first that has the household gives its line.
        lowest: what all facts together must weigh before any window of any household can hold, fen.

    """

    kind: int
    place: int
    where: Where
    window: int | None
    factors: tuple[int, ...]
    thresholds: Thresholds
    groups: tuple[Group, ...]
    lowest: int

    @property
    def reads(self) -> frozenset[int]:
        """Kinds on which the answer depends."""
        return frozenset({self.kind}) | {stands.kind for group in self.groups for stands in group.standing}

    def weight(self, fact: Fact) -> int:
        """What a fact of the kind adds to a window; all windows together cannot outweigh all facts."""
        return self._value(fact) if not self.where or fits(fact, self.where) else 0

    def windows(self, view: View) -> Windows:
        """Make ready for a household."""
        group = next(group for group in self.groups if group.has(view))
        lines = self.thresholds.lines_at(view.place.township, view.place.village)

        def line(end: int) -> int:
            return line_on(lines, end, group.name)

        def bars(end: int) -> Sequence[int]:
            return [factor * line(end) for factor in self.factors]

        fitting = [fact for fact in view.facts(self.kind) if fits(fact, self.where)]
        return Windows(Series(fitting, self._value), bars, line, group.title, self.lowest)

    def judge(self, view: View) -> Held | None:
        """Answer by the rule's own window."""
        return None if self.window is None else self.windows(view).best(self.window)

    def _value(self, fact: Fact) -> int:
        values = fact.values
        value = values[self.place] if self.place < len(values) else None
        return value if isinstance(value, int) else 0


@dataclass(frozen=True, slots=True)
class Count:
    """So many facts of a window fit.

    Attributes:
        window: ms; None for a part, which takes the combination's.
        at_least: of the grades.

    """

    kind: int
    where: Where
    window: int | None
    at_least: tuple[int, ...]

    @property
    def reads(self) -> frozenset[int]:
        """Kinds on which the answer depends."""
        return frozenset({self.kind})

    @property
    def lowest(self) -> int:
        """What all facts together must weigh before any window can hold."""
        return min(self.at_least)

    def weight(self, fact: Fact) -> int:
        """What a fact of the kind adds to a window."""
        return int(fits(fact, self.where))

    def windows(self, view: View) -> Windows:
        """Make ready for a household."""
        fitting = [fact for fact in view.facts(self.kind) if fits(fact, self.where)]
        return Windows(Series(fitting, lambda _: 1), lambda _: self.at_least, lambda _: 0, "", self.lowest)

    def judge(self, view: View) -> Held | None:
        """Answer by the rule's own window."""
        return None if self.window is None else self.windows(view).best(self.window)


@dataclass(frozen=True, slots=True)
class Standing:
    """A value that stands fits.

    Attributes:
        where: what every grade asks.
        grades: what each asks besides.

    """

    kind: int
    where: Where
    grades: tuple[Where, ...]

    @property
    def reads(self) -> frozenset[int]:
        """Kinds on which the answer depends."""
        return frozenset({self.kind})

    @property
    def lowest(self) -> int:
        """What all facts together must weigh before any value can hold: one that fits, standing or not."""
        return 1

    def weight(self, fact: Fact) -> int:
        """Whether a fact of the kind fits a grade."""
        return int(self._grade(fact) is not None)

    def judge(self, view: View) -> Held | None:
        """Highest grade of any value standing; evidence is every value that fits a grade."""
        graded = [(grade, fact) for fact in view.standing(self.kind) if (grade := self._grade(fact)) is not None]
        if not graded:
            return None
        return Held(min(grade for grade, _ in graded), [fact for _, fact in graded], len(graded))

    def _grade(self, fact: Fact) -> int | None:
        if fits(fact, self.where):
            for grade, where in enumerate(self.grades):
                if fits(fact, where):
                    return grade
        return None


@dataclass(frozen=True, slots=True)
class Parts:
    """So many other rules' conditions hold, the counted ones within one window.

    Attributes:
        window: ms.
        at_least: of the grades.

    """

    counted: tuple[Sum | Count, ...]
    standing: tuple[Standing, ...]
    window: int
    at_least: tuple[int, ...]

    @property
    def reads(self) -> frozenset[int]:
        """Kinds on which the answer depends."""
        return frozenset().union(*(part.reads for part in (*self.counted, *self.standing)))

    def judge(self, view: View) -> Held | None:
        """Window with the highest grade, of those the one with most parts, of those the latest."""
        always = [held for part in self.standing if (held := part.judge(view))]
        counted = [part.windows(view) for part in self.counted]
        able = [windows for windows in counted if windows.able]
        if len(always) + len(able) < min(self.at_least):
            return None
        best = self._together(always)
        for end in sorted({time for windows in counted for time in windows.series.times}):
            within = [held for windows in able if (held := windows.held(end, self.window))]
            held = self._together([*always, *within])
            if held and (best is None or (-held.grade, held.number) >= (-best.grade, best.number)):
                best = held
        return best

    def _together(self, parts: Sequence[Held]) -> Held | None:
        for grade, bar in enumerate(self.at_least):
            if len(parts) >= bar:
                return Held(grade, [fact for part in parts for fact in part.evidence], len(parts))
        return None


Base: TypeAlias = Sum | Count | Standing
Condition: TypeAlias = Base | Parts
