"""What facts weigh, so that nothing is judged that could not hold: sums over all facts, whatever the window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from schemas.fact import Fact
from streams.where import Where, figure_of, fits


@dataclass(frozen=True, slots=True)
class Scale:
    """Facts of a kind, added up; rules that ask the same share one.

    Attributes:
        asked: a fact must pass one of these to weigh anything.
        place: of the figure that it weighs, fen for money; None: each weighs 1.

    """

    kind: int
    asked: tuple[Where, ...]
    place: int | None = None

    def weight(self, fact: Fact) -> int:
        """What a fact of the kind weighs; no window outweighs all facts together."""
        for where in self.asked:
            if fits(fact, where):
                return 1 if self.place is None else figure_of(fact, self.place)
        return 0

    def quick(self) -> Callable[[Fact], int]:
        """`weight`, in the shortest way: it is asked for every fact."""
        place = self.place
        if place is None or self.asked != ((),):
            return self.weight
        return lambda fact: figure_of(fact, place)


@dataclass(frozen=True, slots=True)
class Ask:
    """What facts must weigh before a condition can hold."""

    scale: Scale
    lowest: int


@dataclass(frozen=True, slots=True)
class Asks:
    """When a condition is worth judging: all of `must` are reached, and so many of the others."""

    some: tuple[Ask, ...]
    needs: int = 1
    must: tuple[Ask, ...] = ()

    @property
    def all(self) -> tuple[Ask, ...]:
        """Both."""
        return (*self.must, *self.some)

    @property
    def kinds(self) -> frozenset[int]:
        """Kinds that are weighed."""
        return frozenset(ask.scale.kind for ask in self.all)
