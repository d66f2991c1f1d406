"""Figures that the county reports, each with what it is counted in and out of: a rate alone misleads. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from consumers.store.alert_lists import Count
from consumers.store.monitored import Monitored
from schemas.actions import HOUSEHOLD_CLASSES

HOUSEHOLDS, PERSONS, ALERTS = "户", "人", "条"
_CLEARED = frozenset(("CLEARED_TRACKING", "CLOSED", "REJECTED", "ALREADY_COVERED"))
"""A relapse that was none leaves a household cleared."""
_UNVERIFIED = frozenset(("ALERTED", "ACKED", "VERIFYING", "REOPENED"))
_INCLUDED = "INCLUDED"
_NOT_COUNTED = frozenset(("LEAD", "WITHDRAWN"))


class Rate(NamedTuple):
    """A part of a whole, and what both are counted in."""

    part: int
    whole: int
    unit: str

    @property
    def percent(self) -> str:
        """Percent with two decimals, rounded half up; empty where there is no whole."""
        if not self.whole:
            return ""
        hundredths = (self.part * 20_000 + self.whole) // (2 * self.whole)
        return f"{hundredths // 100}.{hundredths % 100:02}%"

    def __str__(self) -> str:
        """`59.58%（771/1294户）`."""
        return f"{self.percent}（{self.part}/{self.whole}{self.unit}）"


class Mean(NamedTuple):
    """How many of something each has on average, of how many altogether."""

    total: int
    among: int

    def __str__(self) -> str:
        """`4.55项（624项/137户）`."""
        hundredths = (self.total * 200 + self.among) // (2 * self.among)
        return f"{hundredths // 100}.{hundredths % 100:02}项（{self.total}项/{self.among}{HOUSEHOLDS}）"


class Class(NamedTuple):
    """One of the three classes of monitored households, or all of them."""

    title: str
    households: int
    persons: int


def classes(monitored: Iterable[Monitored]) -> list[Class]:
    """Households and people of each class, and all together at the end."""
    known = list(monitored)
    found = [_sum(title, (each for each in known if each.household_class == code)) for code, title in _titles(known)]
    return [*found, _sum("合计", known)]


def clearing_rates(monitored: Iterable[Monitored]) -> tuple[Rate, Rate]:
    """How many of all ever included are cleared of risk now: of households, and of people."""
    known = list(monitored)
    cleared, everybody = _sum("", (each for each in known if each.status in _CLEARED)), _sum("", known)
    return (
        Rate(cleared.households, everybody.households, HOUSEHOLDS),
        Rate(cleared.persons, everybody.persons, PERSONS),
    )


def planning(monitored: Iterable[Monitored]) -> tuple[Mean | None, int]:
    """Measures planned for each household ever included, None without any; how many of them have no plan yet."""
    known = list(monitored)
    households = sum(each.households for each in known)
    without = sum(each.households for each in known if each.status == _INCLUDED)
    return Mean(sum(each.planned for each in known), households) if households else None, without


def enrolled(monitored: Iterable[Monitored], not_enrolled: int) -> Rate:
    """How many monitored households have nobody of whom it is known that they are not insured."""
    households = sum(each.households for each in monitored)
    return Rate(households - not_enrolled, households, HOUSEHOLDS)


def in_words(counts: Iterable[Count], monitored: Iterable[Monitored], not_enrolled: int = 0) -> list[str]:
    """Sentences for the county; none of what there is nothing to count of."""
    known = list(monitored)
    said = []
    covered = coverage(counts)
    if covered.whole:
        said.append(f"核实率{covered}。")
    if known:
        counted = "，".join(f"{each.title}{each.households}户{each.persons}人" for each in classes(known))
        said.append(f"监测对象：{counted}。风险消除率{'、'.join(map(str, clearing_rates(known)))}。")
        mean, without = planning(known)
        late = f"，{without}户还没有计划" if without else ""
        said.append(f"一户一策：户均帮扶措施{mean}{late}。医保参保率{enrolled(known, not_enrolled)}。")
    return said


def coverage(counts: Iterable[Count]) -> Rate:
    """How many of the alerts that townships were told of have been verified; what was withdrawn is not counted."""
    told = [count for count in counts if count.status not in _NOT_COUNTED]
    verified = sum(count.alerts for count in told if count.status not in _UNVERIFIED)
    return Rate(verified, sum(count.alerts for count in told), ALERTS)


def _titles(monitored: Iterable[Monitored]) -> list[tuple[str, str]]:
    """Classes in their order; one that a later release knows stands under its code."""
    others = sorted({each.household_class for each in monitored} - HOUSEHOLD_CLASSES.keys())
    return [*HOUSEHOLD_CLASSES.items(), *((code, code) for code in others)]


def _sum(title: str, monitored: Iterable[Monitored]) -> Class:
    known = list(monitored)
    return Class(title, sum(each.households for each in known), sum(each.persons for each in known))
