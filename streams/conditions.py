"""What a base rule may ask. One class per condition type; each reads facts, the register and the tick, nothing else.

    Sum        the money of a window's facts reaches a line
    Count      so many facts of a window fit
    Standing   a value that stands fits, and has perhaps stood too long
    Level      the latest year's figure is under a line, or has fallen
    Costs      a window's costs take a share of the income, or leave too little of it

What reads other rules is in combinations.py. A rule's levels are its grades here, 0 the highest. Evidence is all that
the answer rests on.
"""

from __future__ import annotations

from typing import TypeAlias

from streams.costs import Cost, Costs
from streams.counted import Count, Sum
from streams.standing import Late, Standing, held_by
from streams.yearly import Fall, Level, Yearly

__all__ = ["Base", "Cost", "Costs", "Count", "Fall", "Late", "Level", "Standing", "Sum", "Yearly", "held_by"]

Base: TypeAlias = Sum | Count | Standing | Level | Costs
