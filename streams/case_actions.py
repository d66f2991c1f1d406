"""One action folded into the case that it names. Pure; changes the household in place, as the other folds do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec.structs import replace

from schemas.codec import decode
from schemas.fact import Fact
from streams.alert_content import Source, sealed, told
from streams.basis import counting, shown_by, without
from streams.case import Scene, is_disowned, next_version, revise, status_of
from streams.case_answers import answered, folded
from streams.case_guards import Situation
from streams.case_states import ALREADY_COVERED, CLEAR_PROPOSED, ENDED, REJECTED
from streams.evaluate import judge
from streams.finding import Case, Handled
from streams.household import Household
from streams.plans import referral


def act(scene: Scene, action: Mapping[str, Any]) -> bool:
    """Fold an action; False where the household has no such alert (any more).

    Every new action makes a version of its alert, refused ones and conflicts too; a repeated one changes nothing.
    """
    household = scene.household
    case = household.case
    if case is None:
        return False
    if case.alert_id == action["alert_id"]:
        if not folded(case.handled, action["action_id"]):
            household.case = _acted(scene, case, action)
            household.look_for_oldest()
            revise(scene.household_id, household, scene.view, scene.rules, scene.moment, scene.source)
        return True
    other = next((other for other in case.others if other.alert_id == action["alert_id"]), None)
    if other is None:
        return False
    if not folded(other.handled, action["action_id"]):
        handled = answered(other.handled, action, _behind(scene, other), other.level, other.pages)
        done = _noted(other, handled, scene.source)
        household.case = replace(case, others=[done if each is other else each for each in case.others])
    return True


def forget_marks(household: Household, before: Iterable[Fact]) -> None:
    """What is forgotten was neither changed nor is it ever seen again: no answer rests on it any more."""
    case = household.case
    if case is None or case.touched is None:
        return
    kept = {fact.id for fact in household.all_facts()}
    gone = [fact for fact in before if fact.id not in kept]
    confirmed, settled = without(case.touched.confirmed, gone), without(case.touched.settled, gone)
    household.case = replace(case, touched=replace(case.touched, confirmed=confirmed, settled=settled))


def _acted(scene: Scene, case: Case, action: Mapping[str, Any]) -> Case:
    """The household's present case after an action."""
    facts = [fact for kind in scene.view.kinds for fact in scene.view.facts(kind)]
    handled = answered(case.handled, action, _situation(scene, case), case.level, case.pages, facts)
    if case.status in ENDED:
        return _noted(case, handled, scene.source)
    found = scene.counting(case.handled)
    if handled.settled != case.handled.settled:  # other windows may be what is left
        scene.view.deal_with(handled.settled)
        judge(scene.view, scene.household, scene.rules.raising)
    if handled.step in (REJECTED, ALREADY_COVERED):  # what it was about stays on it; what was unseen begins the next
        unseen = {finding.rule for finding in counting(found, handled.settled)}
        shown = [finding for finding in found if finding.rule not in unseen]
        return next_version(scene, replace(case, touched=handled), handled.step, shown, before=case.handled)
    found = scene.counting(handled)
    status = status_of(scene, handled, found)
    return next_version(scene, replace(case, touched=handled), status, [] if status in ENDED else found)


def _situation(scene: Scene, case: Case) -> Situation:
    handled, tick = case.handled, scene.moment.tick
    found = scene.counting(handled)
    place = _responsible(scene, case)
    until = handled.tracking_until
    clearing = case.status == CLEAR_PROPOSED
    return Situation(
        case.status,
        case.version,
        place,
        scene.rules.measures.keys(),
        scene.hindrance(handled, found) if clearing else None,
        until is not None and tick is not None and tick > until,
        is_disowned(handled, place),
        referral(found, scene.rules, scene.view, handled, case.status),
        shown_by(found),
    )


def _behind(scene: Scene, case: Case) -> Situation:
    """How a case stands that the household has left behind."""
    return Situation(case.status, case.version, _responsible(scene, case), (), None, tracked=False, disowned=False)


def _responsible(scene: Scene, case: Case) -> str | None:
    return case.handled.ended_in if case.status in ENDED else scene.view.place.township


def _noted(case: Case, handled: Handled, source: Source) -> Case:
    """A version of an alert that ended, which says what it said, and what people did since."""
    alert = decode(case.alert)[1] | told(handled) | {"version": case.version + 1}
    return replace(case, version=case.version + 1, touched=handled, alert=sealed(alert, source))
