"""The household's one alert: a new version exactly when what it says changes.

A case is what people did, kept in order, and what the facts say now; its state is worked out from both each time, so
that facts between the same actions come to the same in any order. What answers have dealt with no longer counts
(streams.basis); what counts after a case has ended begins the household's next one.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from schemas.beijing import day_of
from streams.alert_content import MOST_EVIDENCE, Content, Source, cause_of, digest_of, message_of, sealed
from streams.basis import counting, mark_of, turned, unpacked
from streams.case_answers import afresh
from streams.case_state import state_of
from streams.case_states import (
    ALERTED,
    CLOSED,
    ENDED,
    HELD,
    LEAD,
    REOPENED,
    WITHDRAWN,
)
from streams.clearing import hindrance, labour_of, open_on
from streams.finding import UNTOUCHED, Case, Finding, Handled
from streams.household import Household
from streams.plans import Plan, plan_of
from streams.proposals import Today, proposals_of
from streams.register import Place, members_of
from streams.relapse import came_back, level_of
from streams.rule_set import RuleSet
from streams.view import View
from streams.wording import LEVELS, Help, Said, alert_text

__all__ = ["ALERTED", "LEAD", "MOST_EVIDENCE", "WITHDRAWN", "Moment", "Source", "alert_id_of", "revise"]

MOST_OTHERS = 3


@dataclass(frozen=True, slots=True)
class Moment:
    """What holds for all households of a partition when a record is folded.

    Attributes:
        rules: active set, None before the first activation.
        tick: day of the last tick, None before the first.
        positions: department -> day up to which its feed had come at that tick.
        activated: the record that activated the set, where it is known.

    """

    rules: RuleSet | None
    tick: int | None
    positions: Mapping[str, int]
    activated: Source | None = None


@dataclass(frozen=True, slots=True)
class Scene:
    """A household at one record, with everything that a version of its alert needs."""

    household_id: str
    household: Household
    view: View
    rules: RuleSet
    moment: Moment
    source: Source

    @property
    def today(self) -> int:
        """Day of the last tick; before the first the day of the record."""
        return day_of(self.source.known_at) if self.moment.tick is None else self.moment.tick

    def counting(self, handled: Handled) -> list[Finding]:
        """Findings that count, by rule."""
        findings = self.household.findings
        return counting([findings[rule] for rule in sorted(findings)], handled.settled)

    def hindrance(self, handled: Handled, found: Sequence[Finding]) -> str | None:
        """What forbids to clear the household today, a code; None where nothing does."""
        standing = [finding for finding, _ in open_on(found, self.rules, self.today)]
        members = labour_of(self.household.people, self.household_id, self.today)
        return hindrance(standing, handled, members, labour_needed=self.rules.labour_needed)


def alert_id_of(household_id: str, ordinal: int) -> str:
    """Id of a household's alert; the ordinal counts its cases."""
    digest = hashlib.sha256(f"{household_id}\0{ordinal}".encode()).digest()
    return "a_" + base64.b32encode(digest).decode()[:26].lower()


def revise(household_id: str, household: Household, view: View, rules: RuleSet, moment: Moment, source: Source) -> None:
    """Make the next version of the household's alert if what it says changed."""
    if household.case is None and not household.findings:
        return
    scene = Scene(household_id, household, view, rules, moment, source)
    case = household.case or _begun(household_id, 1)
    found = scene.counting(case.handled)
    case = _current(scene, case, found)
    case = _as_found(scene, case, found)
    ended = household.case is not None and household.case.status in ENDED
    household.case = case
    if ended != (case.status in ENDED):
        household.look_for_oldest()


def _as_found(scene: Scene, case: Case, found: Sequence[Finding]) -> Case:
    """A case with its alert as the facts have it now; once it has ended they change nothing."""
    status = status_of(scene, case.handled, found)
    if status not in ENDED:
        return next_version(scene, case, status, found)
    return case if case.status == status else next_version(scene, case, status, [])


def status_of(scene: Scene, handled: Handled, found: Sequence[Finding]) -> str:
    """State of a case by what people did and by the findings that count."""
    return state_of(handled, [finding.level for finding in found], lambda: _relapsed(scene, handled, found))


def _relapsed(scene: Scene, handled: Handled, found: Sequence[Finding]) -> bool:
    """Whether anything that counts happened within the tracking year, however late it came."""
    year = handled.relapse_year
    return year is not None and bool(came_back(found, handled.settled, year, scene.household.facts))


def _current(scene: Scene, case: Case, found: Sequence[Finding]) -> Case:
    """The case to which what counts belongs: the next one after a case has ended.

    One that nobody has moved goes back behind a closed case that turns out to have relapsed: which came first of the
    relapse and of what followed it must not matter.
    """
    if not case.handled.step and case.handled.rest == WITHDRAWN:
        before = next(iter(case.others), None)
        if before is not None and before.status == CLOSED and _relapsed(scene, before.handled, found):
            return _changed_over(next_version(scene, case, WITHDRAWN, []), before)
    if not found or status_of(scene, case.handled, found) not in ENDED:
        return case
    case, ordinal = _as_found(scene, case, found), case.ordinal + 1
    known = next((other for other in case.others if other.ordinal == ordinal), None)
    following = known or _begun(scene.household_id, ordinal)
    return _changed_over(case, replace(following, touched=replace(following.handled, settled=case.handled.settled)))


def _changed_over(old: Case, new: Case) -> Case:
    """The new case, with the old one beside it."""
    others = [replace(old, others=[]), *(other for other in old.others if other.ordinal != new.ordinal)]
    return replace(new, raised=old.raised, others=others[:MOST_OTHERS])


def _begun(household_id: str, ordinal: int) -> Case:
    return Case(ordinal, alert_id_of(household_id, ordinal), 0, WITHDRAWN, "", 0, b"", b"", {})


def next_version(
    scene: Scene, case: Case, status: str, found: Sequence[Finding], *, before: Handled | None = None
) -> Case:
    """Make the next version of a case in a state, showing these findings; the same one where it says the same.

    `before`: what people had done before the answer that ended it, where this is it.
    """
    content, due = _content(scene, case, status, found, before or case.handled)
    handled = case.handled if case.handled.due == due else replace(case.handled, due=due)
    shown = afresh(handled) if handled.reopening and status == REOPENED else handled
    digest = digest_of(content, shown)
    touched = None if handled is UNTOUCHED else handled
    if digest == case.digest:
        return case if touched is case.touched else replace(case, touched=touched)
    causes = [f"{finding.rule}|{finding.level}" for finding in found]
    raised_anew = case.status == WITHDRAWN or status == REOPENED != case.status
    made = replace(
        case,
        version=case.version + 1,
        status=status,
        level=content.level,
        raised_at=scene.source.known_at if raised_anew else case.raised_at,
        digest=digest,
        raised=_raised(case, causes),
        causes=causes,
        township=content.township,
        previous=case.previous if case.township in (None, content.township) else case.township,
        pages=turned(case.pages, case.version + 1, found),
        touched=touched,
    )
    alert = message_of(
        scene.household_id, replace(made, touched=shown), content, scene.moment.positions, scene.rules.hash
    )
    return replace(made, alert=sealed(alert, scene.source))


def _content(scene: Scene, case: Case, status: str, found: Sequence[Finding], before: Handled) -> tuple[Content, int]:
    """What the alert says, and the day whose tick may change it."""
    handled, rules, view = case.handled, scene.rules, scene.view
    place = _place(view, status, handled)
    level = level_of(found, before, handled.level or case.level, rules.relapse, lambda: scene.household.facts)
    causes = [cause_of(finding, rules.rules[finding.rule]) for finding in found]
    plan = plan_of(found, rules, view, handled, status)
    changed = status in HELD and _basis_changed(scene, handled)
    proposals, due = ([], 0) if handled is UNTOUCHED else _proposals(scene, status, handled, found)
    reasons = [cause.text for cause in sorted(causes, key=lambda cause: LEVELS.index(cause.level))]
    return Content(
        status,
        *level,
        causes,
        plan,
        place.township,
        place.village,
        place.grid,
        min((finding.first for finding in found), default=None),
        alert_text(Said(status, level.level, level.reason, changed, place.gone_to), reasons, _help(rules, plan)),
        changed,
        proposals,
        is_disowned(handled, place.township),
        members_of(scene.household_id, scene.household.people) if handled.household_class else None,
    ), due


def _help(rules: RuleSet, plan: Plan) -> Help:
    """Titles of what is missing and of last resorts that may be asked now."""
    missing = [code for code in plan.missing_help if not rules.measures[code].last_resort]
    return Help(*([rules.measures[code].title for code in codes] for codes in (missing, plan.fund_referral)))


def _place(view: View, status: str, handled: Handled) -> Place:
    """Where the alert says that the household is; one that ended stays where somebody ended it."""
    moved_on = status in ENDED and view.place.township != handled.ended_in
    return Place(handled.ended_in) if moved_on else view.place


def is_disowned(handled: Handled, township: str | None) -> bool:
    """Whether the township responsible said that the household is not its own, and nothing was done about it."""
    return handled.disowned_in is not None and township in (None, handled.disowned_in)


def _proposals(scene: Scene, status: str, handled: Handled, found: Sequence[Finding]) -> tuple[list[str], int]:
    return proposals_of(
        status,
        handled,
        Today(scene.moment.tick, scene.rules.plan_days),
        lambda: open_on(found, scene.rules, scene.today),
        lambda: scene.hindrance(handled, found) is not None,
    )


def _basis_changed(scene: Scene, handled: Handled) -> bool:
    """Whether a department changed, or the register moved, anything on which the confirmation rests."""
    if not handled.confirmed:
        return False
    kinds = {fact.kind for fact in scene.household.all_facts()}
    live = {mark_of(fact) for kind in kinds for fact in scene.view.facts(kind)}
    return not unpacked(handled.confirmed) <= live


def _raised(case: Case, causes: Sequence[str]) -> dict[str, int]:
    """How often each cause newly stood, this time included."""
    raised = dict(case.raised)
    for cause in causes:
        if cause not in case.causes:
            raised[cause] = raised.get(cause, 0) + 1
    return raised
