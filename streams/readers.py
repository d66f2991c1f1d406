"""What a change of one kind's facts may change: worked out once for a rule set, asked for every fact."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from schemas.fact import Fact
from streams.combinations import Condition, Near, Parts, rests_on
from streams.lacking import Lacking
from streams.rule import Rule
from streams.scales import Ask, Asks, Bar, Scale
from streams.where import loosest

Reached: TypeAlias = tuple[int, int]
"""Place of a scale in a household's weights, and what it must weigh."""


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A rule that raises something, and what must be so before it is worth judging.

    Attributes:
        number: in the order in which rules are judged: combinations after what they read.
        asks: of which so many (`needs`) must be reached; of `must` all.
        company: rules of which one must stand, at one of the grades (None: any), as findings say; empty: none need.
        watches: whether a tick may change its answer.
        bar: that all of `asks` together must come to, by the weight at a place.

    """

    number: int
    rule: Rule
    asks: tuple[Reached, ...]
    needs: int
    must: tuple[Reached, ...]
    company: tuple[tuple[str, frozenset[int] | None], ...]
    watches: bool
    bar: tuple[int, Bar] | None


Line: TypeAlias = tuple[int, int, int, tuple[Candidate, ...]]
"""What a scale must weigh, place and weight of another that must be reached too, rules that may hold then."""
Weighing: TypeAlias = tuple[int, Callable[[Fact, int], int], tuple[Line, ...]]
"""A scale at work on facts of its kind: its place, the weight with one more fact, its lines from the lowest. Plain: it
is unpacked for every fact."""


@dataclass(frozen=True, slots=True)
class Readers:
    """Who reads a kind.

    Attributes:
        weighs: a quick test that every fact passes which weighs anything; None: each may.
        scales: on which the kind's facts are weighed, and whom they concern.
        any: rules to judge by any fact of the kind, whatever it weighs: those that read the kind for another purpose.
        once_raised: in a household with a cause also those with windows shared by rules, which end at any fact.
        helps: whether it may show help as given.

    """

    weighs: Callable[[Fact], bool] | None
    scales: tuple[Weighing, ...]
    any: tuple[Candidate, ...]
    once_raised: tuple[Candidate, ...]
    helps: bool


def scales_of(rules: Iterable[Rule]) -> tuple[Scale, ...]:
    """Every scale that some rule asks, once: the order of a household's weights."""
    asks = (rule.condition.asks for rule in rules)
    return tuple(dict.fromkeys(ask.scale for each in asks for ask in (*each.must, *each.some)))


def candidates_of(rules: Mapping[str, Rule], scales: Sequence[Scale]) -> tuple[Candidate, ...]:
    """Rules that raise something, in the order of judging."""
    raising = [rule for rule in rules.values() if not rule.part]
    return tuple(_candidate(number, rule, scales) for number, rule in enumerate(raising))


def _candidate(number: int, rule: Rule, scales: Sequence[Scale]) -> Candidate:
    condition, asks = rule.condition, rule.condition.asks
    company: tuple[tuple[str, frozenset[int] | None], ...] = ()
    if isinstance(condition, Near | Lacking):  # they read only what raises something
        company = tuple((part, None) for part in rule.parts)
    if isinstance(condition, Parts) and condition.window is None:
        company = tuple((name, part.grades) for name, part in zip(rule.parts, condition.parts, strict=True))
    some, must = _reached(asks.some, scales), _reached(asks.must, scales)
    bar = None if asks.bar is None else (scales.index(asks.bar.scale), asks.bar)
    return Candidate(number, rule, some, asks.needs, must, company, condition.watches, bar)


def _reached(asks: Iterable[Ask], scales: Sequence[Scale]) -> tuple[Reached, ...]:
    return tuple((scales.index(ask.scale), ask.lowest) for ask in asks)


def readers_of(kind: int, scales: Sequence[Scale], raising: tuple[Candidate, ...], helps: bool) -> Readers:
    """`helps`: whether the kind may show help as given."""
    own = [(place, scale) for place, scale in enumerate(scales) if scale.kind == kind]
    weighs = loosest([where for _, scale in own for where in scale.asked])
    otherwise = tuple(c for c in raising if kind in _otherwise(c.rule.condition))
    judged = [c for c in raising if kind in c.rule.condition.reads]
    together = tuple(c for c in judged if isinstance(c.rule.condition, Parts) and c.rule.condition.window is not None)
    weighing = tuple((place, scale.quick(), _lines(place, scales, raising)) for place, scale in own)
    return Readers(weighs, weighing, otherwise, tuple({*otherwise, *together}), helps)


def _otherwise(condition: Condition) -> frozenset[int]:
    """Kinds that a condition reads, or what it rests on does, without weighing them."""
    if isinstance(condition, Lacking):
        weighed = frozenset(scale.kind for scale, _, _ in _weighed(condition))
        return (condition.reads - weighed).union(*(_otherwise(base) for base in rests_on(condition)))
    return frozenset().union(*(base.reads - base.asks.kinds for base in rests_on(condition)))


def _weighed(condition: Condition) -> list[tuple[Scale, int, Ask | None]]:
    """Scales that matter to a condition, what each must weigh, and what another must weigh besides."""
    found = [(ask.scale, ask.lowest, _gate(base.asks, ask)) for base in rests_on(condition) for ask in base.asks.all]
    if isinstance(condition, Lacking) and condition.asks.must:
        title, *_ = titles = condition.asks.must
        found = [(scale, lowest, title) for scale, lowest, _ in found]
        found += [(ask.scale, ask.lowest, None) for ask in titles]
    return found


def _gate(asks: Asks, ask: Ask) -> Ask | None:
    """What besides one ask must be reached in any case."""
    others = asks.must if len(asks.some) > 1 else (*asks.must, *asks.some)
    return next((other for other in others if other.scale != ask.scale), None)


def _lines(place: int, scales: Sequence[Scale], raising: Sequence[Candidate]) -> tuple[Line, ...]:
    concerned: dict[tuple[int, int, int], list[Candidate]] = {}
    for candidate in raising:
        for scale, lowest, gate in _weighed(candidate.rule.condition):
            if scale != scales[place]:
                continue
            open_from = (place, lowest) if gate is None else (scales.index(gate.scale), gate.lowest)
            whom = concerned.setdefault((lowest, *open_from), [])
            if candidate not in whom:
                whom.append(candidate)
    return tuple((*line, tuple(whom)) for line, whom in sorted(concerned.items()))
