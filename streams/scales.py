"""What facts weigh, so that nothing is judged that could not hold: over all facts, whatever the window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from schemas.fact import Fact
from streams.where import Where, figure_of, fits


@dataclass(frozen=True, slots=True)
class Scale:
    """Facts of a kind, added up, or the least of them; rules that ask the same share one.

    Attributes:
        asked: a fact must pass one of these to weigh anything.
        place: of the figure that it weighs, fen for money; None: each weighs 1.
        least: the smallest figure counts, as so much under MOST, so that more facts never weigh less.

    """

    kind: int
    asked: tuple[Where, ...]
    place: int | None = None
    least: bool = False

    def weight(self, fact: Fact, known: int = 0) -> int:
        """What all facts weigh with one more; no window outweighs all facts together."""
        for where in self.asked:
            if fits(fact, where):
                figure = 1 if self.place is None else figure_of(fact, self.place)
                return max(known, MOST - max(0, figure)) if self.least else known + figure
        return known

    def quick(self) -> Callable[[Fact, int], int]:
        """`weight`, in the shortest way: it is asked for every fact."""
        place = self.place
        if place is None or self.least or self.asked != ((),):
            return self.weight
        return lambda fact, known: known + figure_of(fact, place)


_PERCENT = 100
MOST = 1 << 50
"""More fen than anybody has."""


@dataclass(frozen=True, slots=True)
class Ask:
    """What facts must weigh before a condition can hold."""

    scale: Scale
    lowest: int


@dataclass(frozen=True, slots=True)
class Bar:
    """That all of `some` together come to a share of the least figure on another scale, less an amount.

    Attributes:
        percent: of the figure.
        less: fen, taken off the share.

    """

    scale: Scale
    percent: int
    less: int

    def reached(self, total: int, weight: int) -> bool:
        """Whether a sum comes to it; `weight` is what stands on the scale."""
        return (total + self.less) * _PERCENT >= (MOST - weight) * self.percent


@dataclass(frozen=True, slots=True)
class Asks:
    """When a condition is worth judging: all of `must` are reached, and so many of the others, and the bar."""

    some: tuple[Ask, ...]
    needs: int = 1
    must: tuple[Ask, ...] = ()
    bar: Bar | None = None

    @property
    def all(self) -> tuple[Ask, ...]:
        """Both."""
        return (*self.must, *self.some)

    @property
    def kinds(self) -> frozenset[int]:
        """Kinds that are weighed."""
        return frozenset(ask.scale.kind for ask in self.all)
