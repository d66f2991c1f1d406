"""What a household's alert must say, worked out slowly and plainly from the set of its facts and rows.

Written from the domain's words, with its own figures: it shares no code with the conditions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from schemas.fact import Fact
from schemas.kinds import kinds_by_number
from streams.household import Row

DAY = 24 * 3600 * 1000
BEIJING = 8 * 3600 * 1000
Said = tuple[Fact, Mapping[str, object]]
Found = tuple[str, list[Fact]]
Mark = tuple[str, bytes]
"""A fact as it was reported: its id and the digest of what it says."""
"""Level and what it rests on; nothing where it rests on nothing."""
ORDER = ("red", "orange", "yellow", "watch")
MEASURES = {
    "R04": "M10 M11 M17",
    "R06": "M09",
    "R08": "M07",
    "R10": "M12 M13",
    "R11": "M13",
    "R12": "M12",
    "R13": "M14",
    "R14": "M14",
    "C1": "M10 M12 M14 M18",
    "C5": "M22",
    "C7": "",
}
REDS = ("R04", "R05", "R10", "R13")
LIGHTS = {
    "R06": ("exposure", "health_insurance"),
    "R08": ("income", "civil_affairs"),
    "R11": ("schooling", "education"),
    "R12": ("schooling", "education"),
    "R14": ("house", "housing"),
}


@dataclass(frozen=True)
class Verdict:
    """What stands; `none` as level where nothing does."""

    level: str
    causes: dict[str, tuple[str, list[str]]]
    missing_help: list[str]


def beijing_day(instant: int) -> int:
    return (instant + BEIJING) // DAY


def lived_in(rows: Sequence[Row], on: int) -> str | None:
    """Household of a day, found by walking the days' rulers from the beginning."""
    ordered = sorted(rows, key=lambda r: (r.valid_from, r.household_id))
    if not ordered:
        return None
    starts = [r for r in ordered if r.valid_from == ordered[0].valid_from]
    ruler = starts[-1]
    for each in ordered:
        if each.valid_from <= on:
            ruler = each
    return None if ruler.valid_to is not None and ruler.valid_to < on else ruler.household_id


class Oracle:
    """The rules over the first four departments."""

    measures: Mapping[str, str] = MEASURES
    lights: Mapping[str, tuple[str, str]] = LIGHTS

    def __init__(
        self,
        facts: Iterable[Fact],
        people: Mapping[str, Sequence[Row]],
        household_id: str,
        *,
        since: Iterable[Fact] = (),
        tick: int | None = None,
        fed: Mapping[str, int] | None = None,
        dealt: frozenset[Mark] = frozenset(),
    ) -> None:
        """Look on.

        `since`: facts that came after the last tick; `fed`: how far each department's feed had come at it; `dealt`:
        facts, as they were reported, that answers have dealt with.
        """
        self.dealt = dealt
        best: dict[str, Fact] = {}
        self.new: set[str] = set()
        for said, new in [*((f, False) for f in facts), *((f, True) for f in since)]:
            if said.id not in best or said.rank > best[said.id].rank:
                best[said.id] = said
                self.new |= {said.id} if new else set()
        self.people, self.household_id = people, household_id
        self.tick, self.fed = tick, fed or {}
        self.facts = [f for f in best.values() if not f.retracted and self._counts(f)]

    def verdict(self) -> Verdict:
        ids = {rule: (level, {f.id: f.event_id for f in facts}) for rule, (level, facts) in self.found().items()}
        causes = {rule: (level, sorted(evidence.values())) for rule, (level, evidence) in ids.items()}
        level = min((level for level, _ in causes.values()), key=ORDER.index, default="none")
        return Verdict(level, causes, self.missing(causes))

    def found(self) -> dict[str, Found]:
        """What stands, by rule."""
        found = self.base()
        found["R08"] = self._r08([f for _, facts in found.values() for f in facts])
        found |= self.combined(found)
        return {rule: (level, facts) for rule, (level, facts) in found.items() if facts}

    def base(self) -> dict[str, Found]:
        """What reads facts alone."""
        found = {"R04": self._r04(), "R06": self._r06(), "R10": self._r10(), "R11": self._r11()}
        return found | {"R12": self._r12(), "R13": self._r13(), "R14": self._r14()}

    def combined(self, found: dict[str, Found]) -> dict[str, Found]:
        """What reads other rules."""
        return {"C1": self._c1(), "C5": self._c5(found), "C7": self._c7(found)}

    def shining(self, found: dict[str, Found]) -> dict[str, Found]:
        """Lights that shine whatever the day; a fee only with others of its 90 days."""
        return {rule: found[rule] for rule in self.lights if rule != "R12"}

    def is_news(self, facts: Iterable[Fact]) -> bool:
        """Whether no answer has dealt with one of them."""
        return any((fact.id, fact.digest) not in self.dealt for fact in facts)

    def _counts(self, said: Fact) -> bool:
        if said.person is None:
            return True
        return lived_in(self.people.get(said.person, []), beijing_day(said.occurred_at)) == self.household_id

    def _of(self, code: str) -> list[Said]:
        found: list[Said] = []
        for said in self.facts:
            kind = kinds_by_number()[said.kind]
            if kind.code == code:
                found.append((said, dict(zip([f.name for f in kind.fields], said.values, strict=True))))
        return found

    def _standing(self, code: str, own: str = "") -> list[Said]:
        newest: dict[object, Said] = {}
        for said, body in sorted(self._of(code), key=lambda f: (f[0].occurred_at, f[0].event_id)):
            newest[said.person, body.get(own)] = (said, body)
        return list(newest.values())

    def _tags(self) -> set[str]:
        named = [
            (row.valid_from, row.tags)
            for rows in self.people.values()
            for row in rows
            if row.household_id == self.household_id
        ]
        newest = max((since for since, _ in named), default=0)
        return {tag for since, tags in named if since == newest for tag in tags}

    def _low_income(self) -> bool:
        dibao = any(body["action"] != "stopped" for _, body in self._standing("civil_affairs.dibao_change"))
        tekun = any(body["action"] == "granted" for _, body in self._standing("civil_affairs.tekun_change"))
        return bool(self._tags() & {"lifted", "monitored"}) or dibao or tekun

    def _line(self) -> int:
        return 1_000_000 if self._low_income() else 2_600_000

    def _r04(self) -> Found:
        line = self._line()
        bills = [(f, int(str(body["self_pay_fen"]))) for f, body in self._of("health_insurance.settlement")]
        best: tuple[bool, int, int, list[Fact]] = (False, 0, 0, [])
        for end in sorted({f.occurred_at for f, _ in bills}):
            window = [(f, paid) for f, paid in bills if end - 365 * DAY < f.occurred_at <= end]
            total, facts = sum(paid for _, paid in window), [f for f, _ in window]
            best = max(best, (total >= line and self.is_news(facts), total, end, facts), key=lambda w: w[:3])
        _, total, _, facts = best
        if total < line:
            return "", []
        return ("red" if total >= 2 * line else "orange"), facts

    def _r06(self) -> Found:
        if not self._tags() & {"lifted", "monitored"}:
            return "", []
        newest: dict[str | None, int] = {}
        years = [(f, int(str(b["year"])), b["status"]) for f, b in self._standing("health_insurance.enrolment", "year")]
        for said, year, _ in sorted(years, key=lambda y: y[1]):
            newest[said.person] = year
        return "yellow", [f for f, year, status in years if year == newest[f.person] and status != "enrolled"]

    def _r08(self, evidence: list[Fact]) -> Found:
        gone = [f for f, b in self._standing("civil_affairs.dibao_change") if b["action"] in ("stopped", "reduced")]
        times = [f.occurred_at for f in evidence]
        return "yellow", [f for f in gone if [t for t in times if -90 * DAY <= t - f.occurred_at <= 90 * DAY]]

    def _r10(self) -> Found:
        pupils = self._standing("education.enrolment")
        return "red", [f for f, b in pupils if b["status"] == "dropout" and b["stage"] in ("primary", "junior")]

    def _r11(self) -> Found:
        pupils = self._standing("education.enrolment")
        away = [f for f, b in pupils if b["status"] == "absent_long" and int(str(b["absent_days"])) > 4]
        return "yellow", away

    def _owing(self) -> list[Fact]:
        fees = [(f, int(str(b["overdue_fen"])), int(str(b["overdue_days"]))) for f, b in self._of("education.fee")]
        return [f for f, fen, days in fees if fen > 99_999 and days > 29]

    def _r12(self) -> Found:
        best: tuple[bool, int, int, list[Fact]] = (False, 0, 0, [])
        for end in sorted({f.occurred_at for f in self._owing()}):
            window = [f for f in self._owing() if end - 180 * DAY < f.occurred_at <= end]
            best = max(best, (self.is_news(window), len(window), end, window), key=lambda w: w[:3])
        return "yellow", best[3]

    def _r14(self) -> Found:
        late = []
        for said, body in self._standing("housing.renovation"):
            last_day = int(str(body["due_on"])) + 30
            over = self.tick is not None and self.tick > last_day and self.fed.get("housing", -(10**9)) >= last_day
            if over and body["state"] != "finished" and said.id not in self.new:
                late.append(said)
        return "yellow", late

    def _r13(self) -> Found:
        houses = [(f, b["grade"]) for f, b in self._standing("housing.inspection") if b["grade"] in ("C", "D")]
        return ("red" if any(grade == "D" for _, grade in houses) else "orange"), [f for f, _ in houses]

    def _c1(self) -> Found:
        house = self._r13()[1]
        bills = [(f, int(str(b["self_pay_fen"]))) for f, b in self._of("health_insurance.settlement")]
        fees = [f for f, b in self._of("education.fee") if int(str(b["overdue_fen"])) > 0]
        best: tuple[bool, int, int, list[Fact]] = (False, 0, 0, [])
        for end in sorted({f.occurred_at for f in [*fees, *(f for f, _ in bills)]}):
            sick = [(f, paid) for f, paid in bills if end - 180 * DAY < f.occurred_at <= end]
            owing = [f for f in fees if end - 180 * DAY < f.occurred_at <= end]
            ill = [f for f, _ in sick] if sum(paid for _, paid in sick) >= 500_000 else []
            parts = [part for part in (ill, owing, house) if part]
            facts = [f for part in parts for f in part]
            best = max(best, (len(parts) >= 2 and self.is_news(facts), len(parts), end, facts), key=lambda w: w[:3])
        _, parts_held, _, facts = best
        return ("red" if parts_held == 3 else "orange"), facts if parts_held >= 2 else []

    def _c5(self, found: dict[str, Found]) -> Found:
        always = [(self.lights[rule], f) for rule, (_, facts) in self.shining(found).items() for f in facts]
        tried = [(-(10**18), always)]
        for end in {f.occurred_at for f in self._owing()}:
            window = [f for f in self._owing() if end - 90 * DAY < f.occurred_at <= end]
            tried.append((end, [*always, *((self.lights["R12"], f) for f in window)]))
        counted = [(len({light[0] for light, _ in lit}), len({li[1] for li, _ in lit}), end, lit) for end, lit in tried]
        news = {end: self.is_news(f for _, f in lit) for end, lit in tried}
        causes, departments, _, lit = max(counted, key=lambda c: (min(c[:2]) >= 3 and news[c[2]], min(c[:2]), c[2]))
        return "orange", [f for _, f in lit] if causes >= 3 and departments >= 3 else []

    def _c7(self, found: dict[str, Found]) -> Found:
        if "monitored" not in self._tags():
            return "", []
        return "red", [f for rule in REDS if rule in found and found[rule][0] == "red" for f in found[rule][1]]

    def missing(self, causes: Iterable[str]) -> list[str]:
        return sorted({code for rule in causes for code in self.suggested(rule)} - self.given())

    def suggested(self, rule: str) -> list[str]:
        """Measures of a rule."""
        return self.measures[rule].split()

    def given(self) -> set[str]:
        """Measures that some standing value shows."""
        given = set()
        if any(b["action"] != "stopped" for _, b in self._standing("civil_affairs.dibao_change")) or any(
            b["action"] == "granted" for _, b in self._standing("civil_affairs.tekun_change")
        ):
            given.add("M07")
        insured = self._standing("health_insurance.enrolment", "year")
        if any(b["status"] == "enrolled" and b["subsidy_fen"] != 0 for _, b in insured):
            given.add("M09")
        if any(body["granted"] for _, body in self._standing("education.aid", "aid_type")):
            given.add("M12")
        if any(body["state"] != "planned" for _, body in self._standing("housing.renovation")):
            given.add("M14")
        return given
