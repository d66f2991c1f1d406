"""What was put into the made-up county, counted while it was put in. No program but the demo's last step reads it."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import date

from producers.county_events import Happening
from schemas.departments import DEPARTMENTS

OUTCOMES = ("published", "applied", "duplicate", "parked", "dead_lettered", "rejected")


@dataclass(frozen=True, slots=True)
class Expected:
    """What must come of a household's story.

    Attributes:
        level: of its alert at the end; `""`: none, or a withdrawn one.

    """

    story: str
    level: str
    causes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ExpectedArea:
    """What must come of the story of a village or township.

    Attributes:
        place: its code.
        kind: `area` of its own events, `regional` of its households.
        level: of its alert at the end; `""`: none, or a withdrawn one.

    """

    story: str
    place: str
    kind: str
    level: str
    causes: tuple[str, ...]


@dataclass(slots=True)
class Truth:
    """What must be found at the end."""

    seed: int
    households: int
    people: int
    end: date
    register_rows: int = 0
    stories: dict[str, Expected] = field(default_factory=dict)
    areas: list[ExpectedArea] = field(default_factory=list)
    moves: list[tuple[str, str, date]] = field(default_factory=list)
    dead_letters: dict[str, int] = field(default_factory=dict)
    _counts: dict[str, Counter[str]] = field(default_factory=lambda: {d.code: Counter() for d in DEPARTMENTS})

    def expect(self, household_id: str, expected: Expected) -> None:
        """A household has a story."""
        self.stories[household_id] = expected

    def expect_area(self, expected: ExpectedArea) -> None:
        """A village or township has a story."""
        self.areas.append(expected)

    def count_month(self, department: str, rows: int, bad: int, repeats: int) -> None:
        """A month's file."""
        self._counts[department].update(published=rows - bad, rejected=bad, duplicate=repeats)

    def count_repeated(self, department: str, rows: int, bad: int) -> None:
        """A whole file comes twice."""
        self._counts[department].update(published=rows - bad, rejected=bad, duplicate=rows - bad)

    def count_garbage(self, department: str, reasons: list[str]) -> None:
        """Messages that are none."""
        self._counts[department].update(published=len(reasons), dead_lettered=len(reasons))
        for reason in reasons:
            self.dead_letters[reason] = self.dead_letters.get(reason, 0) + 1

    def count_parked(self, happenings: list[Happening]) -> None:
        """Events of people whom the register never learns of."""
        for happening in happenings:
            self._counts[happening.department]["parked"] += 1

    def counts(self) -> dict[str, dict[str, int]]:
        """Department -> outcome -> events; what is nothing else was applied."""
        return {department: _complete(found) for department, found in self._counts.items()}

    def alerts(self) -> dict[str, Expected]:
        """Household -> the alert that must stand at the end."""
        return {home: expected for home, expected in sorted(self.stories.items()) if expected.level}

    def area_alerts(self) -> list[ExpectedArea]:
        """Alerts of villages and townships that must stand at the end."""
        return [expected for expected in self.areas if expected.level]

    def as_json(self) -> dict[str, object]:
        """For truth.json: no identity numbers."""
        stories = {
            home: {"story": e.story, "level": e.level, "causes": list(e.causes)}
            for home, e in sorted(self.stories.items())
        }
        return {
            "seed": self.seed,
            "households": self.households,
            "people": self.people,
            "end": self.end.isoformat(),
            "register_rows": self.register_rows,
            "departments": self.counts(),
            "dead_letters": self.dead_letters,
            "stories": stories,
            "areas": [{**asdict(area), "causes": list(area.causes)} for area in self.areas],
            "moves": [[left, joined, day.isoformat()] for left, joined, day in self.moves],
        }


def _complete(found: Counter[str]) -> dict[str, int]:
    accounted = found["duplicate"] + found["parked"] + found["dead_lettered"]
    return {outcome: found[outcome] for outcome in OUTCOMES} | {"applied": found["published"] - accounted}
