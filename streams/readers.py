"""What a change of one kind's facts may change: worked out once for a rule set, asked for every fact."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from schemas.fact import Fact
from streams.combinations import Near, Parts, reads
from streams.conditions import Base, Standing
from streams.rule import Rule
from streams.where import loosest


@dataclass(frozen=True, slots=True)
class Candidate:
    """A rule that raises something, and what must be so before it is worth judging.

    Attributes:
        asks: place in the weights of each base rule concerned, and what it must weigh.
        needs: how many of them must.
        company: rules of which one must stand, at one of the grades (None: any), as findings say; empty: none need.

    """

    rule: Rule
    asks: tuple[tuple[int, int], ...]
    needs: int
    company: tuple[tuple[str, frozenset[int] | None], ...] = ()


Weighing: TypeAlias = tuple[int, int, Callable[[Fact], int], tuple[Candidate, ...], tuple[Candidate, ...]]
"""A base rule at work on facts of its kind: place in the weights, weight under which it cannot hold, weight of a fact,
rules that it may make hold, and those of them that share no window with others. Plain: it is unpacked for every fact.
"""


@dataclass(frozen=True, slots=True)
class Readers:
    """Who reads a kind.

    Attributes:
        weighs: a quick test that every fact passes which weighs anything; None: each may.
        bases: conditions that weigh the kind's facts, and whom they concern.
        any: rules to judge by any fact of the kind, whatever it weighs: those that read the kind for another purpose.
        once_raised: in a household with a cause also those with windows shared by rules, which end at any fact.
        helps: whether it may show help as given.
        watched: whether a rule watches a deadline that the kind names.

    """

    weighs: Callable[[Fact], bool] | None
    bases: tuple[Weighing, ...]
    any: tuple[Candidate, ...]
    once_raised: tuple[Candidate, ...]
    helps: bool
    watched: bool


def candidate_of(rule: Rule, bases: Mapping[str, Base]) -> Candidate:
    """`bases` are those of all base rules by id, in the order of the weights; findings of base rules come first."""
    places, condition = list(bases), rule.condition
    company: tuple[tuple[str, frozenset[int] | None], ...] = ()
    if isinstance(condition, Near):
        company = tuple((part, None) for part in rule.parts)
    if not isinstance(condition, Parts):
        return Candidate(rule, ((places.index(rule.id), bases[rule.id].lowest),), 1, company)
    if condition.window is None:
        company = tuple((name, part.grades) for name, part in zip(rule.parts, condition.parts, strict=True))
    asks = tuple((places.index(part), bases[part].lowest) for part in rule.parts)
    return Candidate(rule, asks, min(condition.at_least), company)


def readers_of(kind: int, bases: list[Base], raising: tuple[Candidate, ...], helps: bool) -> Readers:
    """`helps`: whether the kind may show help as given."""
    own = [(place, base) for place, base in enumerate(bases) if base.kind == kind]
    weighs = loosest([where for _, base in own for where in base.asked])
    watched = any(isinstance(base, Standing) and base.late for _, base in own)
    judged = tuple(c for c in raising if kind in c.rule.condition.reads)
    weighing: list[Weighing] = []
    if any(kind in base.reads and kind != base.kind for base in bases):
        weighing = [(place, base.lowest, base.weight, (), ()) for place, base in own]
        return Readers(weighs, tuple(weighing), judged, judged, helps, watched)
    together = tuple(c for c in judged if isinstance(c.rule.condition, Parts) and c.rule.condition.window is not None)
    for place, base in own:
        concerned = tuple(c for c in raising if reads(c.rule.condition, base))
        alone = tuple(c for c in concerned if c not in together)
        weighing.append((place, base.lowest, base.weight, concerned, alone))
    return Readers(weighs, tuple(weighing), (), together, helps, watched)
