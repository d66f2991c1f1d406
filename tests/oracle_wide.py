"""The rules over the departments beyond the first four, as slowly and plainly as tests/oracle.py."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta

from schemas.fact import Fact
from tests.oracle import DAY, Found, Oracle, Said, beijing_day, lived_in

Trouble = tuple[int, list[Fact]]
NOTHING: Found = ("", [])
LINE_2022, WATCH_LINE = 670_000, 1_000_000
BY_LABOUR = {
    "R01": {"able": "M01 M02 M03 M05 M06", "weak": "M01 M04 M05", "none": "M07 M08"},
    "R02": {"able": "M03"},
    "R03": {"able": "M01 M03", "weak": "M04", "none": "M07"},
    "R09": {"able": "M04", "weak": "M04", "none": "M07"},
    "R17": {"able": "M03 M06", "weak": "M04", "none": "M07"},
    "C2": {"able": "M03", "weak": "M04", "none": "M07"},
}
WIDE_MEASURES = {
    "R01": "M22",
    "R02": "M22",
    "R03": "",
    "R05": "M10 M17 M18",
    "R07": "M10 M11",
    "R09": "M08",
    "R17": "",
    "R18": "M07 M16 M17",
    "R20": "M02 M16",
    "R21": "M02 M22",
    "R22": "M22",
    "R23": "M17",
    "C2": "M10",
    "C3": "M07 M08",
    "C4": "M02 M16",
    "C6": "M07 M10 M12 M18",
    "P01": "M08",
    "P02": "M12",
    "P03": "M09",
}
GIVEN = (
    ("M02", "finance.microloan", "", "state", "issued"),
    ("M03", "human_resources.employment", "", "change", "hired"),
    ("M04", "human_resources.public_post", "", "action", "assigned"),
    ("M08", "disability.subsidy", "subsidy_type", "status", "granted"),
)
WIDE_LIGHTS = {
    "R03": ("income", "rural_revitalisation"),
    "R07": ("illness", "health"),
    "R17": ("income", "human_resources"),
    "R21": ("production", "finance"),
}


def number(body: object) -> int:
    return int(str(body))


def year_at(instant: int) -> int:
    return (date(1970, 1, 1) + timedelta(days=beijing_day(instant))).year


class WideOracle(Oracle):
    """Every rule of households."""

    measures: Mapping[str, str] = {**Oracle.measures, **WIDE_MEASURES}
    lights: Mapping[str, tuple[str, str]] = {**Oracle.lights, **WIDE_LIGHTS}

    def base(self) -> dict[str, Found]:
        found = super().base()
        found |= {"R01": self._r01(), "R02": self._r02(), "R03": self._r03(), "R05": self._r05(), "R07": self._r07()}
        found |= {"R09": self._r09(), "R17": self._r17(), "R18": self._r18(), "R20": self._r20()}
        return found | {"R21": self._r21(), "R22": self._r22()}

    def combined(self, found: dict[str, Found]) -> dict[str, Found]:
        combined = super().combined(found)
        combined |= {"C2": self._c2(found), "C3": self._c3(), "C4": self._c4(found), "C6": self._c6()}
        combined |= {"P01": self._p01(), "P02": self._p02(), "P03": self._p03(), "R23": self._r23()}
        return combined

    def _incomes(self) -> list[tuple[int, int, int, Said]]:
        """Year, income and that of the year before, newest year last and of a year the last report last."""
        said = self._standing("rural_revitalisation.income", "year")
        rows = [
            (number(b["year"]), number(b["per_capita_net_fen"]), number(b["prev_year_fen"]), (f, b)) for f, b in said
        ]
        return sorted(rows, key=lambda row: (row[0], row[3][0].occurred_at, row[3][0].event_id))

    def _r01(self) -> Found:
        return "orange", [said[0] for _, fen, _, said in self._incomes()[-1:] if fen < LINE_2022]

    def _r02(self) -> Found:
        lifted = "lifted" in self._tags()
        newest = self._incomes()[-1:] if lifted else []
        return "watch", [said[0] for _, fen, before, said in newest if fen < WATCH_LINE or fen < before]

    def _r03(self) -> Found:
        newest = self._incomes()[-1:]
        return "yellow", [
            s[0] for _, fen, before, s in newest if before > 0 and fen < before and 10 * fen <= 7 * before
        ]

    def _money(self, *kinds: tuple[str, str]) -> list[tuple[Fact, int]]:
        return [(fact, number(body[field])) for kind, field in kinds for fact, body in self._of(kind)]

    def _people(self, instant: int) -> int:
        day = beijing_day(instant)
        return len([rows for rows in self.people.values() if lived_in(rows, day) == self.household_id])

    def _income_for(self, instant: int) -> tuple[int, Fact] | None:
        incomes = self._incomes()
        upto = [row for row in incomes if row[0] <= year_at(instant)] or [
            row for row in incomes if row[0] == incomes[0][0]
        ]
        return (upto[-1][1], upto[-1][3][0]) if upto else None

    def _burden(self, costs: list[tuple[Fact, int]], is_heavy: Callable[[int, int, int], bool]) -> Found:
        """Of a year's costs too heavy for income and people, the greatest, of those the latest."""
        best: tuple[bool, int, int, list[Fact]] = (False, 0, 0, [])
        for end in {fact.occurred_at for fact, fen in costs if fen > 0}:
            window = [(fact, fen) for fact, fen in costs if fen > 0 and end - 365 * DAY < fact.occurred_at <= end]
            total, income, people = sum(fen for _, fen in window), self._income_for(end), self._people(end)
            if income and people and total > 0 and is_heavy(total, income[0] * people, people):
                facts = [fact for fact, _ in window]
                best = max(best, (self.is_news(facts), total, end, [*facts, income[1]]), key=lambda b: b[:3])
        return "red", best[3]

    def _r05(self) -> Found:
        bills = self._money(("health_insurance.settlement", "self_pay_fen"))
        return self._burden(bills, lambda total, income, _: 5 * total >= 2 * income)

    def _c6(self) -> Found:
        money = self._money(("health_insurance.settlement", "self_pay_fen"), ("education.fee", "overdue_fen"))
        return self._burden(money, lambda total, income, people: income - total < LINE_2022 * people)

    def _is_over(self, deadline: int, *departments: str, facts: Sequence[Fact]) -> bool:
        """Whether a tick found a day over, feeds come as far, and nothing of it new."""
        if self.tick is None or self.tick <= deadline or any(fact.id in self.new for fact in facts):
            return False
        return min(self.fed.get(department, -(10**9)) for department in departments) >= deadline

    def _r07(self) -> Found:
        if "lifted" not in self._tags():
            return NOTHING
        ill = self._standing("health.major_disease", "disease_group")
        waiting = [(f, number(b["registered_on"]) + 30) for f, b in ill if not b["treated"]]
        untreated = [f for f, deadline in waiting if self._is_over(deadline, "health", facts=[f])]
        return ("orange" if untreated else "yellow"), [f for f, _ in ill]

    def _r09(self) -> Found:
        return "orange", [f for f, b in self._standing("disability.cert") if number(b["grade"]) in (1, 2)]

    def _r17(self) -> Found:
        gone = [f for f, b in self._standing("human_resources.employment") if b["change"] in ("lost", "returned_home")]
        late = [f for f in gone if self._is_over(beijing_day(f.occurred_at) + 60, "human_resources", facts=[f])]
        return "yellow", late

    def _losses(self) -> list[tuple[Fact, bool]]:
        """Losses of a household that count, and whether the house was damaged."""
        said = [(f, bool(b["house_damaged"]), number(b["loss_fen"])) for f, b in self._of("emergency.household_loss")]
        return [(f, damaged) for f, damaged, fen in said if damaged or fen >= 500_000]

    def _r18(self) -> Found:
        best: tuple[bool, bool, int, int, list[Fact]] = (False, False, 0, 0, [])
        for end in {f.occurred_at for f, _ in self._losses()}:
            window = [(f, damaged) for f, damaged in self._losses() if end - 90 * DAY < f.occurred_at <= end]
            damaged = any(damaged for _, damaged in window)
            facts = [f for f, _ in window]
            best = max(best, (self.is_news(facts), damaged, len(window), end, facts), key=lambda b: b[:4])
        return ("red" if best[1] else "orange"), best[4]

    def _harvest(self) -> list[tuple[Fact, int]]:
        return [(f, number(b["loss_fen"])) for f, b in self._of("agriculture.loss") if not b["insured"]]

    def _r20(self) -> Found:
        best: tuple[bool, int, int, list[Fact]] = (False, 0, 0, [])
        for end in {f.occurred_at for f, _ in self._harvest()}:
            window = [(f, fen) for f, fen in self._harvest() if end - 120 * DAY < f.occurred_at <= end]
            lost, facts = sum(fen for _, fen in window), [f for f, _ in window]
            best = max(best, (lost >= 500_000 and self.is_news(facts), lost, end, facts), key=lambda b: b[:3])
        return "orange", best[3] if best[1] >= 500_000 else []

    def _r21(self) -> Found:
        loans = self._standing("finance.microloan")
        return "yellow", [f for f, b in loans if b["state"] == "overdue" and number(b["overdue_days"]) > 29]

    def _r22(self) -> Found:
        reports = [f for f, _ in self._of("rural_revitalisation.self_report")]
        best: tuple[bool, int, int, list[Fact]] = (False, 0, 0, [])
        for end in {f.occurred_at for f in reports}:
            window = [f for f in reports if end - 800 * DAY < f.occurred_at <= end]
            best = max(best, (self.is_news(window), len(window), end, window), key=lambda b: b[:3])
        return "orange", best[3]

    def _c2(self, found: dict[str, Found]) -> Found:
        bills, line = self._money(("health_insurance.settlement", "self_pay_fen")), self._line()
        jobless, held = found["R17"][1], list[list[Fact]]()
        for end in sorted({f.occurred_at for f, _ in bills}, reverse=True):
            window = [(f, fen) for f, fen in bills if end - 180 * DAY < f.occurred_at <= end]
            if jobless and sum(fen for _, fen in window) >= line:
                held.append([*jobless, *(f for f, _ in window)])
        return self._first_news(held)

    def _first_news(self, held: list[list[Fact]]) -> Found:
        """The first that no answer has dealt with, else the first."""
        return "red", next((facts for facts in held if self.is_news(facts)), held[0] if held else [])

    def _c4(self, found: dict[str, Found]) -> Found:
        overdue, losses, harvest = found["R21"][1], [f for f, _ in self._losses()], self._harvest()
        held = list[list[Fact]]()
        for end in sorted({f.occurred_at for f in (*losses, *(f for f, _ in harvest))}, reverse=True):
            hit = [f for f in losses if end - 90 * DAY < f.occurred_at <= end]
            window = [(f, fen) for f, fen in harvest if end - 90 * DAY < f.occurred_at <= end]
            spoilt = [f for f, _ in window] if sum(fen for _, fen in window) >= 500_000 else []
            if overdue and (hit or spoilt):
                held.append([*overdue, *hit, *spoilt])
        return self._first_news(held)

    def _c3(self) -> Found:
        dibao = [b for _, b in self._standing("civil_affairs.dibao_change") if b["action"] != "stopped"]
        tekun = [b for _, b in self._standing("civil_affairs.tekun_change") if b["action"] == "granted"]
        return "red", self._unhelped([] if dibao or tekun else _alone(self._r09()[1]), 60, "civil_affairs")

    def _unhelped(self, troubles: Iterable[Trouble], days: int, feed: str) -> list[Fact]:
        """Facts of the troubles that waited so long; of those with which no answer has dealt, where there are any."""
        over = [facts for at, facts in troubles if self._is_over(beijing_day(at) + days, feed, facts=facts)]
        return [f for facts in [t for t in over if self.is_news(t)] or over for f in facts]

    def _p01(self) -> Found:
        helped = [b for _, b in self._standing("disability.subsidy", "subsidy_type") if b["status"] == "granted"]
        return "yellow", self._unhelped([] if helped else _alone(self._r09()[1]), 60, "disability")

    def _p02(self) -> Found:
        helped = [b for _, b in self._standing("education.aid", "aid_type") if b["granted"]]
        if helped or not self._tags() & {"lifted", "monitored"}:
            return NOTHING
        return "yellow", self._unhelped(_together(self._owing()), 60, "education")

    def _p03(self) -> Found:
        if not self._tags() & {"lifted", "monitored"}:
            return NOTHING
        years = [(f, b, number(b["year"])) for f, b in self._standing("health_insurance.enrolment", "year")]
        newest = {who: max(y for f, _, y in years if f.person == who) for who in {f.person for f, _, _ in years}}
        alone = [(f, b) for f, b, y in years if y == newest[f.person] and b["status"] == "enrolled"]
        return "watch", [f for f, b in alone if b["subsidy_fen"] == 0]

    def _r23(self) -> Found:
        policies = self._standing("insurers.coverage", "product")
        insured = [f for f, b in policies if b["product"] == "anti_poverty" and b["covered"]]
        claims = [f for f, b in self._of("insurers.claim") if b["product"] == "anti_poverty"]
        gaps: list[Trouble] = []
        for end, facts in self._onsets() if insured else []:
            since = min(beijing_day(f.occurred_at) for f in facts)
            if not any(beijing_day(claim.occurred_at) >= since for claim in claims):
                gaps.append((end, [*facts, *insured]))
        return "watch", self._unhelped(gaps, 30, "insurers")

    def _onsets(self) -> Iterable[Trouble]:
        """When bills reached their line in a year, each time anew, and when losses happened: each with its facts."""
        bills, line = self._money(("health_insurance.settlement", "self_pay_fen")), self._line()
        taken = 0
        for end in sorted({f.occurred_at for f, _ in bills}):
            window = [(f, fen) for f, fen in bills if max(taken, end - 365 * DAY) < f.occurred_at <= end]
            if sum(fen for _, fen in window) >= line:
                yield end, [f for f, _ in window]
                taken = end
        yield from _together([f for f, _ in self._losses()])

    def suggested(self, rule: str) -> list[str]:
        rows = [max(rows, key=lambda r: (r.valid_from, r.household_id)) for rows in self.people.values() if rows]
        here = {r.labour for r in rows if r.household_id == self.household_id and r.valid_to is None}
        best = next((labour for labour in ("able", "weak", "none") if labour in here), "")
        return [*super().suggested(rule), *BY_LABOUR.get(rule, {}).get(best, "").split()]

    def given(self) -> set[str]:
        given = super().given()
        for code, kind, own, field, word in GIVEN:
            given |= {code for _, b in self._standing(kind, own) if b[field] == word}
        given |= {"M11" for _ in self._standing("health.chronic_cert")}
        insured = self._standing("insurers.coverage", "product")
        return given | {"M19" for _, b in insured if b["product"] == "accident" and b["covered"]}

    def shining(self, found: dict[str, Found]) -> dict[str, Found]:
        """An untreated disease is more than a light."""
        lit = super().shining(found)
        return (
            lit if found.get("R07", NOTHING)[0] == "yellow" else {rule: f for rule, f in lit.items() if rule != "R07"}
        )


def _alone(facts: Iterable[Fact]) -> list[Trouble]:
    return [(f.occurred_at, [f]) for f in facts]


def _together(facts: list[Fact]) -> list[Trouble]:
    """Those of one moment are one."""
    return [(when, [f for f in facts if f.occurred_at == when]) for when in sorted({f.occurred_at for f in facts})]
