"""What holds in a village, township or county: rules over its events, and clusters of its households. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from schemas.beijing import start_of
from streams.alert_content import Cause, cause_of
from streams.area_alert import Content
from streams.area_records import Area
from streams.area_view import TOWNSHIP_DIGITS, VILLAGE_DIGITS, AreaView, subject_of, unsettled
from streams.case import Moment
from streams.evaluate import finding_of
from streams.finding import Finding
from streams.regional import Cluster, Regional, RiskClass
from streams.rule import Rule
from streams.rule_set import RuleSet
from streams.windows import earliest
from streams.wording import period

_VILLAGE, _TOWNSHIP = "village", "township"


class Verdict(NamedTuple):
    """What the rules say of a place.

    Attributes:
        content: None where none holds.
        resting: Fact.id of every event on which it rests.
        deadline: day of the first tick that may change the answer; None where none does.

    """

    content: Content | None
    resting: list[str]
    deadline: int | None


def judge_events(code: str, area: Area, rules: RuleSet, moment: Moment) -> Verdict:
    """Ask each rule of villages and townships that concerns the place."""
    found: list[tuple[Rule, Finding]] = []
    deadlines, subjects = [], set()
    for rule in sorted(rules.areas.values(), key=lambda rule: rule.id):
        if rule.scope == _TOWNSHIP and len(code) == VILLAGE_DIGITS:
            continue
        view = _view(code, area, rule, moment)
        held = rule.condition.judge(view)
        deadlines.append(rule.condition.next_tick(view))
        if held is not None:
            found.append((rule, finding_of(rule, held)))
            subjects |= {subject_of(fact) for fact in held.evidence}
    resting = sorted({fact for _, finding in found for fact in finding.evidence})
    if not found:
        return Verdict(None, resting, earliest(deadlines))
    codes = dict.fromkeys(measure for rule, _ in found for measure in rule.measures)
    content = Content(
        "、".join(rule.title for rule, _ in found),
        [cause_of(finding, rule) for rule, finding in found],
        sorted(subjects),
        [rules.measures[measure].title for measure in codes],
        0,
        None,
    )
    return Verdict(content, resting, earliest(deadlines))


def _view(code: str, area: Area, rule: Rule, moment: Moment) -> AreaView:
    """What a rule sees: one of villages only events that name the place itself."""
    own = rule.scope == _VILLAGE and len(code) == TOWNSHIP_DIGITS
    events = (
        named.fact
        for named in area.facts.values()
        if not named.fact.retracted and (code in named.places if own else named.places)
    )
    scales = [ask.scale for ask in rule.condition.asks.all]
    asked = [fact for fact in events if any(scale.kind == fact.kind for scale in scales)]
    fitting = unsettled(asked, lambda fact: any(scale.kind == fact.kind and scale.weight(fact) for scale in scales))
    return AreaView(code, fitting, moment.tick, moment.positions)


def judge_class(area: Area, risk: RiskClass, regional: Regional, tick: int | None) -> Content | None:
    """Whether enough households of the township have one cause of a class of regional risk; None: they do not."""
    bar = regional.bar(area.households())
    clusters = [cluster for cluster in _clusters(area, risk, regional, bar) if _stands(cluster, regional, tick)]
    if not clusters:
        return None
    return Content(
        f"{regional.title}：{risk.title}",
        [_regional_cause(cluster, regional, bar) for cluster in clusters],
        [cluster.group for cluster in clusters],
        regional.steps,
        len({household for cluster in clusters for household in cluster.households}),
        min(cluster.last for cluster in clusters) + regional.valid_days,
    )


def _clusters(area: Area, risk: RiskClass, regional: Regional, bar: int) -> Iterable[Cluster]:
    for group in sorted(area.signals):
        if regional.class_of(group) is risk:
            since = {household: each.day for household, each in area.signals[group].items() if each.stands}
            cluster = regional.cluster(group, since, bar)
            if cluster is not None:
                yield cluster


def _stands(cluster: Cluster, regional: Regional, tick: int | None) -> bool:
    return tick is None or tick <= cluster.last + regional.valid_days


def _regional_cause(cluster: Cluster, regional: Regional, bar: int) -> Cause:
    cause = cluster.group.partition("/")[0]
    first, last = start_of(cluster.first), start_of(cluster.last)
    text = regional.wording.format(
        period=period(first, last), count=len(cluster.households), cause=regional.causes[cause], line=bar
    )
    return Cause(
        regional.id,
        regional.version,
        cause,
        regional.level,
        sorted(cluster.households),
        regional.title,
        text,
        [],
        first,
        last,
        "",
        b"",
    )
