"""Lines in yuan that differ by region, year and group of households."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

ANYWHERE = "*"


@dataclass(frozen=True, slots=True)
class Line:
    """Lines from the start of a year on.

    Attributes:
        since: first millisecond of the year in Beijing.
        fen: group -> line.

    """

    since: int
    fen: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Lines by region code ("*" for anywhere else), in order of years."""

    regions: Mapping[str, tuple[Line, ...]]

    @property
    def lowest(self) -> int:
        """Lowest line anywhere, fen."""
        return min(fen for lines in self.regions.values() for line in lines for fen in line.fen.values())

    @property
    def highest(self) -> int:
        """Highest line anywhere, fen."""
        return max(fen for lines in self.regions.values() for line in lines for fen in line.fen.values())

    def lines_at(self, township: str | None, village: str | None) -> tuple[Line, ...]:
        """Lines of the longest region code that begins the household's village or township code."""
        codes = (township or "", village or "")
        fitting = [region for region in self.regions if any(code.startswith(region) for code in codes)]
        return self.regions[max(fitting, key=len, default=ANYWHERE)]


def line_on(lines: tuple[Line, ...], instant: int, group: str) -> int:
    """Line of the latest year begun at an instant (ms), before all of them the earliest; fen."""
    standing = lines[0]
    for line in lines[1:]:
        if line.since <= instant:
            standing = line
    return standing.fen[group]
