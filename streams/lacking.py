"""Help that is due and did not come: another rule holds for so many days, and no help stands or was given since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from schemas.beijing import day_of
from schemas.fact import Fact
from schemas.kinds import kinds_by_number
from streams.scales import Ask, Asks, Scale
from streams.view import View
from streams.where import Stands, fits
from streams.windows import Held, Onset, earliest, undealt


class Trigger(Protocol):
    """What is read of the other rule."""

    @property
    def kind(self) -> int:
        """Kind whose department reports the trouble."""

    @property
    def reads(self) -> frozenset[int]:
        """Kinds on which the answer depends."""

    @property
    def asks(self) -> Asks:
        """What facts must weigh before it is worth judging."""

    def onsets(self, view: View) -> list[Onset]:
        """When it came true, and on what."""

    def next_tick(self, view: View) -> int | None:
        """Day of the first tick that may change the answer."""


@dataclass(frozen=True, slots=True)
class Lacking:
    """Another rule holds, and none of the help came in so many days after it came true.

    It is found at a tick, once the feeds of those who would report the help have come past the last of the days.

    Attributes:
        others: of which one must hold.
        days: in which help is to come.
        given: of which any ends it: a value standing, or one counted since the day of the first fact of the trouble.
        entitled: values of which each must stand; it rests on them too.
        tags: the household must have one of them; none: every household.

    """

    others: tuple[Trigger, ...]
    days: int
    given: tuple[Stands, ...]
    entitled: tuple[Stands, ...] = ()
    tags: frozenset[str] = frozenset()

    @property
    def kind(self) -> int:
        """Kind of the first help, whose department it is that owes it."""
        return self.given[0].kind

    @property
    def reads(self) -> frozenset[int]:
        """Kinds on which the answer depends."""
        asked = (stands.kind for stands in (*self.given, *self.entitled))
        return frozenset(asked).union(*(other.reads for other in self.others))

    @property
    def asks(self) -> Asks:
        """What facts must weigh before it is worth judging: the title to help, and the trouble."""
        titles = tuple(Ask(Scale(stands.kind, (stands.where,)), 1) for stands in self.entitled)
        return Asks(tuple(other.asks.all[0] for other in self.others), 1, titles)

    @property
    def watches(self) -> bool:
        """Whether a tick may change the answer."""
        return True

    def judge(self, view: View) -> Held | None:
        """Evidence is what each trouble rested on when it came true, and the title to help.

        Where any has a fact that no answer has dealt with, such ones alone.
        """
        over = [trouble for trouble in self.troubles(view) if self._is_over(trouble, view)]
        held = undealt([Held(0, facts, len(facts), since=at) for at, facts in over], view.dealt)
        facts = {fact.id: fact for each in held for fact in each.evidence}
        return Held(0, list(facts.values()), len(facts), since=min(each.since for each in held)) if facts else None

    def next_tick(self, view: View) -> int | None:
        """Day of the first tick that may find the days over."""
        waiting = [self._due(trouble, view) for trouble in self.troubles(view) if not self._is_over(trouble, view)]
        return earliest([*waiting, *(other.next_tick(view) for other in self.others)])

    def troubles(self, view: View) -> list[Onset]:
        """Troubles for which no help came, each with the title to help among its facts."""
        if self.tags and self.tags.isdisjoint(view.place.tags):
            return []
        titles = [stands.standing(view) for stands in self.entitled]
        if not all(titles):
            return []
        entitling = [fact for each in titles for fact in each]
        onsets = [onset for other in self.others for onset in other.onsets(view)]
        return [Onset(at, [*facts, *entitling]) for at, facts in onsets if not self._is_helped(facts, view)]

    def _is_helped(self, facts: Sequence[Fact], view: View) -> bool:
        since = min(day_of(fact.occurred_at) for fact in facts)
        return any(_is_given(stands, since, view) for stands in self.given)

    def _is_over(self, trouble: Onset, view: View) -> bool:
        if view.tick is None or view.tick < self._due(trouble, view):
            return False
        departments = {kinds_by_number()[stands.kind].department.code for stands in self.given}
        return view.fed(departments, day_of(trouble.at) + self.days)

    def _due(self, trouble: Onset, view: View) -> int:
        """First tick that may find the days over: after the last of them, and after all that it rests on came."""
        return max(view.earliest(fact, day_of(trouble.at) + self.days) for fact in trouble.facts)


def _is_given(stands: Stands, since: int, view: View) -> bool:
    if kinds_by_number()[stands.kind].standing:
        return stands.holds(view)
    facts = view.facts(stands.kind)
    return any(fits(fact, stands.where) and day_of(fact.occurred_at) >= since for fact in facts)
