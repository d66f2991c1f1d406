"""What a rule may ask of other rules: such as come before it only, so that there are no cycles.

    Near       a value that stands fits, and another rule's evidence is not far from it in time
    Lacking    another rule holds, and the help that is due did not come in so many days
    Parts      so many other rules hold, the counted ones within one window

`Near` and `Lacking` read base rules; `Near` weighs like one by its own value, and may be a part in its turn.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeGuard

from streams.conditions import Base, Count, Standing, Sum, held_by
from streams.lacking import Lacking
from streams.scales import Asks
from streams.view import View
from streams.windows import Held, Windows, earliest, undealt

_COUNTED = (Sum, Count)
_DEPARTMENT_BITS = 6


@dataclass(frozen=True, slots=True)
class Near:
    """A value that stands fits, and counts only in company.

    Attributes:
        own: what it asks of the value.
        others: of which one must hold, with evidence no further away than `span` (ms), before or after.

    """

    own: Standing
    others: tuple[Base, ...]
    span: int

    @property
    def kind(self) -> int:
        """Kind of its own value."""
        return self.own.kind

    @property
    def reads(self) -> frozenset[int]:
        """Kinds on which the answer depends."""
        return self.own.reads.union(*(other.reads for other in self.others))

    @property
    def asks(self) -> Asks:
        """What facts must weigh before it is worth judging."""
        return self.own.asks

    @property
    def watches(self) -> bool:
        """Whether a tick may change the answer."""
        return self.own.watches or any(other.watches for other in self.others)

    def judge(self, view: View) -> Held | None:
        """Highest grade of any value in company; evidence is the values, not their company."""
        graded = self.own.graded(view)
        if not graded:
            return None
        held = [held for other in self.others if (held := other.judge(view))]
        times = sorted({fact.occurred_at for each in held for fact in each.evidence})
        return held_by([(grade, fact) for grade, fact in graded if self._has_company(fact.occurred_at, times)])

    def next_tick(self, view: View) -> int | None:
        """Day of the first tick that may change the answer."""
        return earliest(other.next_tick(view) for other in (self.own, *self.others))

    def _has_company(self, occurred_at: int, times: Sequence[int]) -> bool:
        first = bisect_left(times, occurred_at - self.span)
        return first < len(times) and times[first] <= occurred_at + self.span


@dataclass(frozen=True, slots=True)
class Part:
    """Another rule, as a combination reads it.

    Attributes:
        grades: those that count; None: all.
        cause: of the rule; empty where it is only for combinations.

    """

    condition: Base | Near
    grades: frozenset[int] | None = None
    cause: str = ""

    @property
    def department(self) -> int:
        """Number of the department whose facts it rests on."""
        return self.condition.kind >> _DEPARTMENT_BITS

    def counts(self, held: Held | None) -> TypeGuard[Held]:
        """Whether it found something that counts."""
        return held is not None and self.takes(held.grade)

    def takes(self, grade: int) -> bool:
        """Whether it counts at a grade."""
        return self.grades is None or grade in self.grades


@dataclass(frozen=True, slots=True)
class Parts:
    """So many other rules hold.

    Attributes:
        window: ms, in which the counted ones must hold together; None: each holds as it does by itself.
        at_least: of the grades.
        tags: the household must have one of them; none: every household.
        distinct: they are told apart by cause and by department, and whichever are fewer count.

    """

    parts: tuple[Part, ...]
    window: int | None
    at_least: tuple[int, ...]
    tags: frozenset[str] = frozenset()
    distinct: bool = False

    @property
    def reads(self) -> frozenset[int]:
        """Kinds on which the answer depends."""
        return frozenset().union(*(part.condition.reads for part in self.parts))

    @property
    def asks(self) -> Asks:
        """What facts must weigh before it is worth judging: of each part what is seldomest."""
        asks = [part.condition.asks for part in self.parts]
        return Asks(tuple(each.all[0] for each in asks), min(self.at_least))

    @property
    def watches(self) -> bool:
        """Whether a tick may change the answer."""
        return any(part.condition.watches for part in self.parts)

    def judge(self, view: View) -> Held | None:
        """Window with the highest grade, of those the one with most parts, of those the latest.

        Where any has a fact that no answer has dealt with, such ones alone.
        """
        if self.tags and self.tags.isdisjoint(view.place.tags):
            return None
        always: list[_Holding] = []
        counted = []
        for part in self.parts:
            if self.window is not None and isinstance(part.condition, _COUNTED):
                counted.append((part, part.condition.windows(view)))
            elif part.counts(held := part.condition.judge(view)):
                always.append((part, held))
        if len(always) + sum(windows.able for _, windows in counted) < min(self.at_least):
            return None
        found = undealt([held for held in self._windows(always, counted) if held], view.dealt)
        best = max(reversed(found), key=lambda held: (-held.grade, held.number), default=None)
        return best and best._replace(since=min(held.since for held in found))

    def _windows(self, always: list[_Holding], counted: Sequence[tuple[Part, Windows]]) -> Iterator[Held | None]:
        """What holds in no window, then in each."""
        able = [(part, windows) for part, windows in counted if windows.able]
        yield self._together(always)
        for end in sorted({time for _, windows in counted for time in windows.series.times}):
            holding = always.copy()
            for part, windows in able:
                if part.counts(held := windows.held(end, self.window or 0)):
                    holding.append((part, held))
            yield self._together(holding)

    def next_tick(self, view: View) -> int | None:
        """Day of the first tick that may change the answer."""
        return earliest(part.condition.next_tick(view) for part in self.parts)

    def _together(self, holding: Sequence[_Holding]) -> Held | None:
        number = self._number(holding)
        for grade, bar in enumerate(self.at_least):
            if number >= bar:
                evidence = [fact for _, held in holding for fact in held.evidence]
                return Held(grade, evidence, number, since=self._since(holding))
        return None

    def _number(self, holding: Sequence[_Holding]) -> int:
        if not self.distinct:
            return len(holding)
        return min(len({part.cause for part, _ in holding}), len({part.department for part, _ in holding}))

    def _since(self, holding: Sequence[_Holding]) -> int:
        """When so many of them held that they were enough for the lowest grade."""
        ordered = sorted(holding, key=lambda each: each[1].came_true())
        enough = min(self.at_least)
        while self._number(ordered[:-1]) >= enough:
            ordered.pop()
        return ordered[-1][1].came_true()


_Holding: TypeAlias = tuple[Part, Held]
Combination: TypeAlias = Near | Lacking | Parts
Condition: TypeAlias = Base | Combination


def rests_on(condition: Condition) -> list[Base]:
    """Base rules that a condition is or reads."""
    if isinstance(condition, Near):
        return [condition.own, *condition.others]
    if isinstance(condition, Lacking):
        return [base for base in condition.others if isinstance(base, Base)]
    if isinstance(condition, Parts):
        return [base for part in condition.parts for base in rests_on(part.condition)]
    return [condition]
