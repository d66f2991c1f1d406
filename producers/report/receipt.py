"""What a reporter is given."""

from __future__ import annotations

from typing import NamedTuple

from producers.report.reports import Kept


class Receipt(NamedTuple):
    """What a reporter is given, and where their report stands.

    Attributes:
        pin: the code without which nobody sees it.
        visit_by: day by which somebody comes, `decide_by` by which it is answered: days since 1970-01-01.

    """

    kept: Kept
    pin: str
    visit_by: int
    decide_by: int
