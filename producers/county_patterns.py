"""What a story of the made-up county is, and which households it may befall."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from producers.county_events import Year
from producers.county_people import Household, Person

Story = Callable[[Year, Household], None]
_FEW = 5


@dataclass(frozen=True, slots=True)
class Pattern:
    """A kind of crisis, or of near miss.

    Attributes:
        share: how many of 5 000 households.
        causes: of the alert that must follow; none for a near miss.
        level: of that alert, `""` for a near miss.
        fits: which households it may befall.

    """

    name: str
    share: int
    causes: tuple[str, ...]
    level: str
    fits: Callable[[Household], bool]
    tell: Story


def monitored(household: Household) -> bool:
    """Whether a red cause brings another with it; such households have stories of their own."""
    return "monitored" in household.tags


def low(household: Household) -> bool:
    """Whether the lower line for medical spending is its line."""
    return household.low_income and not monitored(household)


def other(household: Household) -> bool:
    """Whether the higher line is."""
    return not household.low_income


def lifted(household: Household) -> bool:
    """Whether all its members are to be insured."""
    return household.marked and not monitored(household)


def on_allowance(household: Household) -> bool:
    """Whether its allowance alone makes it a low-income one."""
    return household.allowance and not household.marked


def schooling(household: Household) -> bool:
    """Whether a child is of compulsory school age."""
    return household.pupil is not None and not monitored(household)


def lifted_schooling(household: Household) -> bool:
    """Both."""
    return lifted(household) and schooling(household)


def anybody(household: Household) -> bool:
    """Any but the monitored ones."""
    return not monitored(household)


def few_and_other(household: Household) -> bool:
    """Whether two fifths of a small income stay under the higher line for medical spending."""
    return other(household) and len(household.members) <= _FEW


def able_to_work(household: Household) -> bool:
    """Whether somebody can look for work."""
    return anybody(household) and any(person.labour == "able" for person in household.members)


def low_and_able(household: Household) -> bool:
    """Both."""
    return low(household) and able_to_work(household)


def worker_of(household: Household) -> Person:
    """Whoever is able to work, as `able_to_work` promised."""
    return next(person for person in household.members if person.labour == "able")


def pupil_of(household: Household) -> Person:
    """The child whom `schooling` promised."""
    assert household.pupil, "the pattern fits only households with a pupil"  # noqa: S101  # says what `fits` promises
    return household.pupil
