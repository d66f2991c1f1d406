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
ORDER = ("red", "orange", "yellow", "watch")
MEASURES = {"R04": "M10 M11 M17", "R10": "M12 M13", "R13": "M14", "C1": "M10 M12 M14 M18"}


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
    def __init__(self, facts: Iterable[Fact], people: Mapping[str, Sequence[Row]], household_id: str) -> None:
        best: dict[str, Fact] = {}
        for said in facts:
            if said.id not in best or said.rank > best[said.id].rank:
                best[said.id] = said
        self.people, self.household_id = people, household_id
        self.facts = [f for f in best.values() if not f.retracted and self._counts(f)]

    def verdict(self) -> Verdict:
        found = {"R04": self._r04(), "R10": self._r10(), "R13": self._r13(), "C1": self._c1()}
        causes = {rule: (level, sorted(f.event_id for f in facts)) for rule, (level, facts) in found.items() if facts}
        level = min((level for level, _ in causes.values()), key=ORDER.index, default="none")
        return Verdict(level, causes, self._missing(causes))

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

    def _low_income(self) -> bool:
        named = [
            (row.valid_from, row.tags)
            for rows in self.people.values()
            for row in rows
            if row.household_id == self.household_id
        ]
        newest = max((since for since, _ in named), default=0)
        tags = {tag for since, tags in named if since == newest for tag in tags}
        dibao = any(body["action"] != "stopped" for _, body in self._standing("civil_affairs.dibao_change"))
        tekun = any(body["action"] == "granted" for _, body in self._standing("civil_affairs.tekun_change"))
        return bool(tags & {"lifted", "monitored"}) or dibao or tekun

    def _r04(self) -> tuple[str, list[Fact]]:
        line = 1_000_000 if self._low_income() else 2_600_000
        bills = [(f, int(str(body["self_pay_fen"]))) for f, body in self._of("health_insurance.settlement")]
        best: tuple[int, int, list[Fact]] = (0, 0, [])
        for end in sorted({f.occurred_at for f, _ in bills}):
            window = [(f, paid) for f, paid in bills if end - 365 * DAY < f.occurred_at <= end]
            total = sum(paid for _, paid in window)
            best = max(best, (total, end, [f for f, _ in window]), key=lambda w: w[:2])
        total, _, facts = best
        if total < line:
            return "", []
        return ("red" if total >= 2 * line else "orange"), facts

    def _r10(self) -> tuple[str, list[Fact]]:
        pupils = self._standing("education.enrolment")
        return "red", [f for f, b in pupils if b["status"] == "dropout" and b["stage"] in ("primary", "junior")]

    def _r13(self) -> tuple[str, list[Fact]]:
        houses = [(f, b["grade"]) for f, b in self._standing("housing.inspection") if b["grade"] in ("C", "D")]
        return ("red" if any(grade == "D" for _, grade in houses) else "orange"), [f for f, _ in houses]

    def _c1(self) -> tuple[str, list[Fact]]:
        house = self._r13()[1]
        bills = [(f, int(str(b["self_pay_fen"]))) for f, b in self._of("health_insurance.settlement")]
        fees = [f for f, b in self._of("education.fee") if int(str(b["overdue_fen"])) > 0]
        best: tuple[int, int, list[Fact]] = (0, 0, [])
        for end in sorted({f.occurred_at for f in [*fees, *(f for f, _ in bills)]}):
            sick = [(f, paid) for f, paid in bills if end - 180 * DAY < f.occurred_at <= end]
            owing = [f for f in fees if end - 180 * DAY < f.occurred_at <= end]
            ill = [f for f, _ in sick] if sum(paid for _, paid in sick) >= 500_000 else []
            parts = [part for part in (ill, owing, house) if part]
            best = max(best, (len(parts), end, [f for part in parts for f in part]), key=lambda w: w[:2])
        parts_held, _, facts = best
        return ("red" if parts_held == 3 else "orange"), facts if parts_held >= 2 else []

    def _missing(self, causes: Iterable[str]) -> list[str]:
        given = set()
        if any(body["granted"] for _, body in self._standing("education.aid", "aid_type")):
            given.add("M12")
        if any(body["state"] != "planned" for _, body in self._standing("housing.renovation")):
            given.add("M14")
        return sorted({code for rule in causes for code in MEASURES[rule].split()} - given)
