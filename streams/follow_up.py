"""Relocated households without any measure, whether or not they have an alert: each is to have one. Pure.

Basis: 遂宁 2021, 易地搬迁户「至少享受一项后续帮扶措施」.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from schemas.codec import Record
from streams.case_states import HELD
from streams.plans import RELOCATED, given_in
from streams.recount import homes_of, place_facts
from streams.recount_history import History, Recounted
from streams.register import Place
from streams.rule_set import RuleSet


class FollowUp(NamedTuple):
    """How many relocated households there are; those of them without any measure, and where they are."""

    households: int
    without: list[tuple[str, Place]]


def follow_up(history: History, live: Mapping[str, Record], rules: RuleSet, day: int) -> FollowUp:
    """Look at every household with somebody in it on a day; `live` is the newest alert of each."""
    placed = place_facts(history)
    households, without = 0, []
    for household_id, home in homes_of(history).items():
        view = Recounted(home, [event.fact for event in placed.get(household_id, ())], None)
        if RELOCATED not in view.place.tags or not view.members(day):
            continue
        households += 1
        alert = live.get(household_id)
        delivered = alert["measures"] if alert is not None and alert["status"] in HELD else ()
        if not delivered and not given_in(rules, view):
            without.append((household_id, view.place))
    return FollowUp(households, sorted(without, key=lambda each: (each[1].village or "", each[0])))
