"""The rules of the bench: R04, R10, R13, C1, and what C1 is made of."""

from __future__ import annotations

import json
from functools import cache

from streams.rule_set import RuleSet, shipped

_FOUR = {"R04", "R10", "R13", "C1"}


@cache
def four() -> RuleSet:
    """A rule set of these alone, as they are shipped."""
    content = json.loads(shipped().content)
    parts = {part for rule in content["rules"] if rule["id"] in _FOUR for part in rule["condition"].get("parts", ())}
    content["rules"] = [rule for rule in content["rules"] if rule["id"] in _FOUR | parts]
    return RuleSet.from_content(json.dumps(content))
