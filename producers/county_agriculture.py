"""The made-up county's agriculture bureau: losses that insurance bears, projects that fail a little."""

from __future__ import annotations

from producers.county_events import Year
from producers.county_people import Household
from schemas.cells import Row

_LOSS, _FAILED = 0.02, 0.01
_CAUSES = ("flood", "drought", "hail", "frost", "pest")


def tell(year: Year, home: Household) -> None:
    """A household's ordinary year: what is not insured stays under 1 500 yuan."""
    rng = year.rng
    if rng.random() < _LOSS:
        insured = rng.random() < 0.6
        loss = float(rng.randrange(10, 80 if insured else 15) * 100)
        lost: Row = {"area": rng.randrange(5, 200), "loss": loss, "insured": insured, "cause": rng.choice(_CAUSES)}
        year.tell("agriculture.loss", home, 100 + rng.randrange(150), {"industry": "crop", **lost})
    if rng.random() < _FAILED:
        share: Row = {"project_id": f"XM-{rng.randrange(1, 40):03d}", "household_share": rng.randrange(1, 9) * 100}
        year.tell("agriculture.project_failure", home, rng.randrange(365), share)
