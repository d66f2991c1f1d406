"""Households in the middle of a case, for tests."""

from __future__ import annotations

from tests.builders import Home, at, day, graded, row

OTHER_TOWNSHIP = "220302002"
TO_HELPING = ("confirmed", "included", "planned", "delivered")


def home(*steps: str) -> Home:
    """A household whose house is unsafe, and what people did."""
    made = Home(tick_day=day("2023-06-01")).lives("p_a", row()).take(graded("D"))
    for step in steps:
        made.act(step)
    return made


def safe_again(made: Home) -> Home:
    return made.take(graded("A", "2023-05-20", "after"))


def cleared(on: str = "2023-03-01") -> Home:
    """A household that was helped and cleared on a day."""
    made = safe_again(home(*TO_HELPING))
    return made.act("clear_proposed").act("cleared", acted_at=at(f"{on}T10:00:00"))


def last(made: Home) -> tuple[str, str | None]:
    done = made.alert["actions"][-1]
    return done["outcome"], done["why"]


def status(made: Home) -> str:
    return str(made.alert["status"])
