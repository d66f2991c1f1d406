"""What a household's cases must be after facts and actions, worked out slowly from the domain's words.

It knows no versions: a page is what stood at a moment. It shares no code with streams/case*.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from schemas.codec import Record
from schemas.fact import Fact
from schemas.kinds import kinds_by_number
from tests.oracle import DAY, ORDER, Found, Mark, beijing_day

EPOCH = date(1970, 1, 1)
ANSWERABLE = "LEAD ALERTED ACKED VERIFYING REOPENED"
CONFIRMED_ON = "CONFIRMED REVIEWED INCLUDED PLANNED HELPING CLEAR_PROPOSED"
ALIVE = f"{ANSWERABLE} {CONFIRMED_ON} CLEARED_TRACKING"
PARTS = ("visited", "analysed", "consulted", "fed_back")
ALL_BUT_CLOSED = f"{ALIVE} WITHDRAWN REJECTED ALREADY_COVERED"
WAYS = {
    "acknowledged": ("LEAD ALERTED REOPENED", "ACKED"),
    "verifying": ("LEAD ALERTED REOPENED ACKED", "VERIFYING"),
    "confirmed": (ANSWERABLE, "CONFIRMED"),
    "rejected": (ANSWERABLE, "REJECTED"),
    "already_covered": (ANSWERABLE, "ALREADY_COVERED"),
    "not_mine": (ALIVE, ""),
    "keep": (ALIVE, ""),
    "visited": (ALL_BUT_CLOSED, ""),
    "analysed": (ALL_BUT_CLOSED, ""),
    "consulted": (ALL_BUT_CLOSED, ""),
    "fed_back": (ALL_BUT_CLOSED, ""),
    "archived": (ALL_BUT_CLOSED, ""),
    "reviewed": ("CONFIRMED", "REVIEWED"),
    "included": ("CONFIRMED REVIEWED", "INCLUDED"),
    "planned": ("INCLUDED", "PLANNED"),
    "delivered": ("PLANNED HELPING", "HELPING"),
    "insufficient": (CONFIRMED_ON, ""),
    "clear_proposed": ("HELPING", "CLEAR_PROPOSED"),
    "cleared": ("CLEAR_PROPOSED", "CLEARED_TRACKING"),
    "returned": ("CLEAR_PROPOSED", "HELPING"),
    "nation_marked": ("CLEARED_TRACKING", ""),
    "closed": ("CLEARED_TRACKING", "CLOSED"),
}
ENDED = ("REJECTED", "ALREADY_COVERED", "CLOSED")
COUNTYS = {"keep", "reviewed", "included", "cleared", "returned", "nation_marked", "closed"}
WINDOW_DAYS = {"R04": 365, "R12": 180, "C1": 180, "C5": 90, "R05": 365, "C6": 365, "C2": 180, "C4": 90}
WINDOW_DAYS |= {"R18": 90, "R20": 120, "R22": 800}


@dataclass
class Page:
    """What somebody saw at a moment; at an action, what came to that page since."""

    ordinal: int
    moment: int
    marks: frozenset[Mark]
    township: str
    came: frozenset[Mark] = frozenset()


@dataclass
class Known:
    """One case."""

    dealt: frozenset[Mark]
    moved_to: str = ""
    rest: str = "WITHDRAWN"
    level: str = ""
    answered: int = -1
    basis: frozenset[Mark] = frozenset()
    outcomes: list[tuple[str, str]] = field(default_factory=list)
    archive: set[str] = field(default_factory=set)
    archived: bool = False
    measures: set[str] = field(default_factory=set)
    disowned: str = ""
    included_on: int = 0
    insufficient: bool = False
    cleared_on: int = 0
    tracked_to: int = 0
    untouched_relapse: bool = False
    nation: bool = False
    township: str = ""


@dataclass
class Standing:
    """The household between two actions: everything that is known of facts and register, as sets.

    Attributes:
        found: what stands, by rule, where so much has been dealt with.
        facts: every fact that counts here, as it was last reported.

    """

    found: Callable[[frozenset[Mark]], Mapping[str, Found]]
    facts: Sequence[Fact]
    township: str
    today: int

    @property
    def live(self) -> frozenset[Mark]:
        return frozenset((fact.id, fact.digest) for fact in self.facts)

    def and_older(self, seen: frozenset[Mark], came: frozenset[Mark]) -> frozenset[Mark]:
        """What was seen, and what had happened before the last of it of its counted kind; not what came since."""
        older = set(seen)
        for shown in self.facts:
            if (shown.id, shown.digest) in seen and not kinds_by_number()[shown.kind].standing:
                before = [f for f in self.facts if f.kind == shown.kind and f.occurred_at <= shown.occurred_at]
                older |= {(fact.id, fact.digest) for fact in before}
        return frozenset(older - came)


def marks(found: Found) -> frozenset[Mark]:
    return frozenset((fact.id, fact.digest) for fact in found[1])


class CaseOracle:
    """Cases by ordinal; `base` is the last one that people moved."""

    def __init__(self) -> None:
        self.cases = {1: Known(frozenset())}
        self.base = 1
        self.moment = 0
        self.standing = Standing(lambda _: {}, (), "", 0)

    def stands(self, standing: Standing) -> None:
        self.standing = standing
        self.moment += 1

    @property
    def current(self) -> int:
        known = self.cases[self.base]
        fallen = known.moved_to in ("REJECTED", "ALREADY_COVERED")
        shut = known.rest == "CLOSED" and not known.moved_to and not self._relapsed(known)
        if (fallen or shut) and self.counting(known):
            following = self.cases.setdefault(self.base + 1, Known(known.dealt))
            following.dealt = known.dealt
            return self.base + 1
        return self.base

    def counting(self, known: Known) -> dict[str, Found]:
        return {rule: found for rule, found in self.standing.found(known.dealt).items() if marks(found) - known.dealt}

    def _relapsed(self, known: Known) -> bool:
        return any(self._is_back(known, found) for found in self.counting(known).values())

    def _is_back(self, known: Known, found: Found) -> bool:
        """Whether a risk came back in the tracking year."""
        days = [beijing_day(f.occurred_at) for f in found[1] if (f.id, f.digest) not in known.dealt]
        return found[0] != "watch" and any(known.cleared_on <= day <= known.tracked_to for day in days)

    def status(self, ordinal: int) -> str:
        known = self.cases[ordinal]
        if known.moved_to not in ("", "ACKED", "VERIFYING"):
            return known.moved_to
        levels = [level for level, _ in self.counting(known).values()] if ordinal == self.current else []
        grave = [level for level in levels if level != "watch"]
        if known.rest == "CLOSED" and not known.moved_to and not (grave and self._relapsed(known)):
            return "CLOSED"
        if not grave and (known.rest != "WITHDRAWN" or not levels):
            return known.rest
        return known.moved_to or ("REOPENED" if known.rest != "WITHDRAWN" else "ALERTED" if grave else "LEAD")

    def shown(self) -> dict[str, Found]:
        """Causes of the current alert."""
        return {} if self.status(self.current) in ENDED else self.counting(self.cases[self.current])

    def level(self) -> str:
        known = self.cases[self.current]
        places = [ORDER.index(found[0]) - self._is_back(known, found) for found in self.shown().values()]
        return ORDER[max(0, min(places))] if places else known.level

    def page(self) -> Page:
        seen = frozenset(mark for found in self.shown().values() for mark in marks(found))
        return Page(self.current, self.moment, seen, self.standing.township)

    def basis_changed(self) -> bool:
        known = self.cases[self.current]
        return known.moved_to in CONFIRMED_ON.split() and not known.basis <= self.standing.live

    def proposals(self) -> list[str]:
        known, status = self.cases[self.current], self.status(self.current)
        if status == "REOPENED" or (status in ("ACKED", "VERIFYING") and known.rest != "WITHDRAWN"):
            return ["reopen"]
        if status == "CLEARED_TRACKING" and self.standing.today > known.tracked_to:
            return ["close"]
        if status == "INCLUDED" and self.standing.today > known.included_on + 15:
            return ["plan"]
        if status == "HELPING" and known.measures and not self._open({"red", "orange", "yellow"}):
            return ["clear"]
        return []

    def _open(self, levels: set[str]) -> bool:
        causes = self.counting(self.cases[self.current])
        for rule, (level, facts) in causes.items():
            if level not in levels or rule == "C7":  # a red part of it is a red cause of its own
                continue
            over = max(f.occurred_at for f in facts) + WINDOW_DAYS.get(rule, 10**6) * DAY
            if beijing_day(over) >= self.standing.today:
                return True
        return False

    def act(self, action: Record, page: Page) -> str:
        """Fold an action of somebody who saw a page; what became of it."""
        ordinal, present = page.ordinal, self.current
        known, level = self.cases[ordinal], self.level() if ordinal == present else ""
        came = self.page().marks - page.marks
        status = self.status(ordinal)
        outcome = self._outcome(action, page, known, status)
        if outcome == "accepted":
            self._accept(action, replace(page, came=came), known, status, level)
            if known.moved_to or known.rest != "WITHDRAWN":
                self.base = max(self.base, ordinal)
        known.outcomes.append((action["action_id"], outcome))
        self.moment += 1
        if ordinal == present and status not in ENDED:
            known.township = self.standing.township
        return outcome

    def _outcome(self, action: Record, page: Page, known: Known, status: str) -> str:
        code = action["action"]
        sources, _ = WAYS[code]
        fits = status in sources.split()
        if self._is_strangers(action, known, status):
            return "refused"
        answer = code in ("confirmed", "rejected", "already_covered", "not_mine")
        if answer and known.answered >= 0 and (page.moment < known.answered or not fits):
            return "conflict"
        parts = set() if known.untouched_relapse and status == "REOPENED" else known.archive
        missing = {
            "keep": known.disowned != self.standing.township,
            "archived": len(parts) < 4,
            "nation_marked": known.nation,
            "insufficient": known.insufficient,
            "closed": self.standing.today <= known.tracked_to,
            "cleared": self._open({"red"}) or not known.measures,
        }
        return "accepted" if fits and not missing.get(code) else "refused"

    def _is_strangers(self, action: Record, known: Known, status: str) -> bool:
        """Of somebody who has no say, or without the reason that it needs."""
        responsible = known.township if status in ENDED else self.standing.township
        if (action["action"] in COUNTYS) != (action["role"] == "county"):
            return True
        if action["role"] == "township" and responsible not in ("", action["township_code"]):
            return True
        return action["action"] in ("rejected", "already_covered", "insufficient") and not action["reason"]

    def _accept(self, action: Record, page: Page, known: Known, status: str, level: str) -> None:
        code = action["action"]
        if known.untouched_relapse and status == "REOPENED":
            known.archive, known.archived, known.measures, known.basis = set(), False, set(), frozenset()
            known.untouched_relapse = known.nation = known.insufficient = False
        known.level = level or known.level
        known.moved_to = WAYS[code][1] or known.moved_to
        known.archive |= {code} & set(PARTS)
        if code == "visited" and status in ANSWERABLE.split():
            known.moved_to = "VERIFYING"
        known.archived = known.archived or code == "archived"
        known.nation = known.nation or code == "nation_marked"
        known.insufficient = known.insufficient or code == "insufficient"
        known.included_on = beijing_day(action["acted_at"]) if code == "included" else known.included_on
        known.measures |= {action["details"]["measure"]} if code == "delivered" else set()
        if code in ("not_mine", "keep"):
            known.disowned = self.standing.township if code == "not_mine" else ""
        self._answer(code, action, page, known)

    def _answer(self, code: str, action: Record, page: Page, known: Known) -> None:
        if code in ("confirmed", "rejected", "already_covered"):
            known.answered = self.moment + 1
        if code == "confirmed":
            known.basis = page.marks
        if code in ("rejected", "already_covered", "cleared", "closed"):
            known.dealt |= self.standing.and_older(page.marks, page.came)
        if code in ("cleared", "closed"):
            known.moved_to, known.rest, known.untouched_relapse = "", WAYS[code][1], True
        if code == "cleared":
            known.cleared_on = beijing_day(action["acted_at"])
            known.tracked_to = a_year_from(known.cleared_on)


def a_year_from(first: int) -> int:
    """Last day of the calendar year that begins on a day, counted day by day."""
    begun = EPOCH + timedelta(days=first)
    on = begun
    while (on + timedelta(days=1)).timetuple()[:3] < (begun.year + 1, begun.month, begun.day):
        on += timedelta(days=1)
    return (on - EPOCH).days
