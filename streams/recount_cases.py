"""What the alert of a household must say on which people acted: gone through action by action. For reconciliation only.

What stood at an action is worked out anew from all that had come by then; what the person saw, from the version named,
whose alert says which record made it. Nothing is carried along but what people did and what ticks took away.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from schemas.beijing import day_of
from streams.basis import counting, shown_by, turned, unpacked, unseen
from streams.case import alert_id_of
from streams.case_answers import afresh, answered, folded
from streams.case_guards import Situation
from streams.case_state import state_of
from streams.case_states import CLEARED_TRACKING, ENDED, REOPENED, WITHDRAWN
from streams.clearing import hindrance, labour_of, open_on
from streams.finding import UNTOUCHED, Finding, Handled
from streams.recount_history import Acted, Expected, RulesAt, causes_of, forgotten_on
from streams.recount_moments import END, Moments
from streams.recount_plans import Stage, level_said, plan_said, referred
from streams.register import Membership
from streams.wording import LEVELS


def recounted_case(
    moments: Moments, rules: RulesAt, actions: Sequence[Acted]
) -> tuple[Expected | None, Sequence[Finding]]:
    """Go through a household's ticks and actions; the alert that must stand at the end, and what counts then."""
    cases = _Cases(moments, rules)
    acts = {acted.offset: acted for acted in actions}
    pages = (moments.offset_of(acted.action["alert_id"], acted.action["version_seen"]) for acted in actions)
    seen = {offset for offset in pages if offset is not None}
    ticks = {tick.offset for tick in moments.ticks}
    for offset in sorted(ticks | acts.keys() | seen):
        cases.at(offset)
        if offset in ticks:
            cases.tick()
        if offset in acts:
            cases.act(acts[offset])
        cases.keep_page(offset)
    cases.at(END)
    return cases.said(), cases.counting()


class _Cases:
    """A household's cases, as far as people moved them; `base` is the last one that they did."""

    def __init__(self, moments: Moments, rules: RulesAt) -> None:
        self._moments, self._rules_at = moments, rules
        self._cases: dict[int, Handled] = {1: UNTOUCHED}
        self._base = 1
        self._ended: dict[int, Expected] = {}
        self._pages: dict[int, tuple[int, bytes]] = {}

    def at(self, offset: int) -> None:
        """Look at the household as it was after a record."""
        self._rules = self._rules_at(offset)
        self._now = self._moments.at(offset, self._rules)

    def tick(self) -> None:
        """Forget what is too old; nothing that a case rests on which has not ended."""
        tick = self._now.tick
        ordinal, status, _ = self._present()
        findings = [] if status in ENDED else self._now.findings(self._cases[ordinal].settled)
        needed = {fact for finding in findings for fact in finding.evidence}
        old = {fact.id for fact in self._now.facts if tick is not None and forgotten_on(fact) <= tick.day}
        self._moments.gone |= old - needed
        self.at(self._now.offset)

    def keep_page(self, offset: int) -> None:
        """Remember what stands on the present alert."""
        ordinal, status, found = self._present()
        self._pages[offset] = ordinal, turned(b"", offset + 1, [] if status in ENDED else found)

    def act(self, acted: Acted) -> None:
        """Fold an action, the first copy of it."""
        alert_id = acted.action["alert_id"]
        present, status, found = self._present()
        ordinal = next((n for n in self._cases if alert_id_of(self._now.household_id, n) == alert_id), None)
        ordinal = self._following(alert_id, acted.offset) if ordinal is None else ordinal
        if ordinal is None or folded(self._cases[ordinal], acted.action["action_id"]):
            return
        handled, known = self._cases[ordinal], self._moments.offset_of(alert_id, acted.action["version_seen"])
        of, pages = self._pages.get(-1 if known is None else known, (0, b""))
        seen = 0 if known is None or known > acted.offset else known + 1
        action = {**acted.action, "version_seen": seen}
        if ordinal != present:
            status = self._ended[ordinal]["status"] if ordinal in self._ended else WITHDRAWN
        situation = self._situation(acted, ordinal, status, found)
        level = level_said(found if ordinal == present else [], handled, self._now.facts, self._rules)["level"]
        after = answered(handled, action, situation, level, pages if of == ordinal else b"", self._now.facts)
        self._cases[ordinal] = after
        if after.step or after.rest != WITHDRAWN:
            self._base = max(self._base, ordinal)
        if ordinal == present and status not in ENDED:
            self._end(ordinal, handled, found)

    def _following(self, alert_id: str, offset: int) -> int | None:
        """The case after the last that people moved, where it was withdrawn before anybody acted on it."""
        ordinal = self._base + 1
        if alert_id != alert_id_of(self._now.household_id, ordinal) or not self._moments.had(alert_id, offset):
            return None
        self._cases[ordinal] = replace(UNTOUCHED, settled=self._cases[self._base].settled)
        return ordinal

    def said(self) -> Expected | None:
        """The present alert; where that is withdrawn, the last that ended."""
        ordinal, status, found = self._present()
        if status in ENDED or status == WITHDRAWN:
            ordinal = ordinal if ordinal in self._ended else max(self._ended, default=0)
            expected = self._ended.get(ordinal)
            return expected and expected | {"actions": _done(self._cases[ordinal])}
        return self._expected(ordinal, status, self._cases[ordinal], found)

    def counting(self) -> Sequence[Finding]:
        """What no answer has dealt with."""
        return self._present()[2]

    def _present(self) -> tuple[int, str, list[Finding]]:
        """Ordinal, state and causes of the case to which what counts belongs."""
        handled = self._cases[self._base]
        found = self._left(handled)
        status = self._state(handled, found)
        if status not in ENDED or not found:
            return self._base, status, found
        ordinal = self._base + 1
        self._cases[ordinal] = replace(self._cases.get(ordinal, UNTOUCHED), settled=handled.settled)
        return ordinal, self._state(self._cases[ordinal], found), found

    def _left(self, handled: Handled) -> list[Finding]:
        """What holds and no answer has dealt with."""
        return counting(self._now.findings(handled.settled), handled.settled)

    def _state(self, handled: Handled, found: Sequence[Finding]) -> str:
        def relapsed() -> bool:
            settled = unpacked(handled.settled)
            new = {fact for finding in found if finding.level != LEVELS[-1] for fact in unseen(finding, settled)}
            first, last = handled.cleared_on or 0, handled.tracking_until or 0
            return any(fact.id in new and first <= day_of(fact.occurred_at) <= last for fact in self._now.facts)

        return state_of(handled, [finding.level for finding in found], relapsed)

    def _situation(self, acted: Acted, ordinal: int, status: str, found: Sequence[Finding]) -> Situation:
        now, handled = self._now, self._cases[ordinal]
        today = day_of(acted.known_at) if now.tick is None else now.tick.day
        township = self._ended[ordinal]["township_code"] if status in ENDED else now.view.place.township
        people = {person: Membership(0, list(rows)) for person, rows in now.people.items()}
        hindered = hindrance(
            [finding for finding, _ in open_on(found, self._rules, today)],
            handled,
            labour_of(people, now.household_id, today),
            labour_needed=self._rules.labour_needed,
        )
        over = now.tick is not None and now.tick.day > (handled.tracking_until or 0)
        disowned = handled.disowned_in is not None and township in (None, handled.disowned_in)
        tracked = status == CLEARED_TRACKING and over
        codes = self._rules.measures.keys()
        funds = referred(found, Stage(handled, status), now.view, self._rules)
        return Situation(status, acted.offset, township, codes, hindered, tracked, disowned, funds, shown_by(found))

    def _end(self, ordinal: int, earlier: Handled, before: Sequence[Finding]) -> None:
        """What an alert says for good, where the action ended its case; `earlier` is what had been done before it."""
        handled = self._cases[ordinal]
        status = self._state(handled, self._left(handled))
        if status in ENDED:
            unanswered = {finding.rule for finding in counting(before, handled.settled)}
            about = [finding for finding in before if finding.rule not in unanswered] if handled.step else []
            level = level_said(about, replace(earlier, level=handled.level), self._now.facts, self._rules)
            self._ended[ordinal] = self._expected(ordinal, status, handled, about, earlier.settled) | level

    def _expected(
        self, ordinal: int, status: str, handled: Handled, found: Sequence[Finding], settled: bytes | None = None
    ) -> Expected:
        """What an alert must say; `settled` is what had been dealt with when it was found, unless that is still so."""
        now, rules = self._now, self._rules
        holds = now.found(handled.settled if settled is None else settled)
        shown = afresh(handled) if handled.reopening and status == REOPENED else handled
        return {
            "alert_id": alert_id_of(now.household_id, ordinal),
            "status": status,
            **level_said(found, handled, now.facts, rules),
            "causes": causes_of({f.rule: holds[f.rule] for f in found}, rules.rules),
            **plan_said(found, Stage(shown, status), now.view, rules),
            "township_code": now.view.place.township,
            "actions": _done(handled),
        }


def _done(handled: Handled) -> list[dict[str, str]]:
    return [{"action_id": done.action_id, "outcome": done.outcome} for done in handled.done]
