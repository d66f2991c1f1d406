"""The versions of an alert as a story: what each brought, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from consumers.inbox.alert import Alert, Done
from consumers.inbox.deadline import moment
from consumers.inbox.words import LEVELS
from schemas.actions import ACTIONS, OUTCOMES, REFUSALS, STATUSES


class Entry(NamedTuple):
    """One line of the story; `at` in words."""

    at: str
    text: str


class Doing(NamedTuple):
    """What somebody did: their name as the page shows it, when, what the processor made of it, what they wrote."""

    at: str
    who: str
    what: str
    reason: str
    outcome: str
    why: str
    note: str


def story(versions: Sequence[Alert], places: Mapping[str, str]) -> list[Entry]:
    """What changed from version to version, the newest first; one in which only an action was noted has no line."""
    entries = []
    before: Alert | None = None
    for alert in versions:
        if changes := _changes(before, alert, places):
            entries.append(Entry(moment(alert.known_at), "；".join(changes)))
        before = alert
    return entries[::-1]


def _changes(before: Alert | None, alert: Alert, places: Mapping[str, str]) -> list[str]:
    if before is None:
        return [f"{LEVELS.get(alert.level, alert.level)}预警产生", *_new_causes((), alert)]
    changes = []
    if alert.level != before.level:
        changes.append(f"等级由{LEVELS.get(before.level, before.level)}变为{LEVELS.get(alert.level, alert.level)}")
    changes += _new_causes([c.title or c.rule for c in before.causes], alert)
    gone = {c.title or c.rule for c in before.causes} - {c.title or c.rule for c in alert.causes}
    changes += [f"原因消除：{title}" for title in sorted(gone)]
    if alert.township_code != before.township_code:
        name = places.get(alert.township_code or "", alert.township_code or "")
        changes.append(f"移交{name}" if name else "移交县级处理")
    if alert.status != before.status:
        changes.append(f"状态：{STATUSES.get(alert.status, alert.status)}")
    if alert.basis_changed and not before.basis_changed:
        changes.append("答复所依据的数据后来被部门更正")
    return changes


def _new_causes(known: Iterable[str], alert: Alert) -> list[str]:
    titles = [c.title or c.rule for c in alert.causes]
    return [f"原因：{title}" for title in titles if title not in known]


def doings(actions: Iterable[Done], names: Mapping[str, str], notes: Mapping[str, str]) -> list[Doing]:
    """What people did about an alert, the newest first. `names` by account id, `notes` by action id."""
    return [_doing(done, names, notes) for done in reversed(tuple(actions))]


def _doing(done: Done, names: Mapping[str, str], notes: Mapping[str, str]) -> Doing:
    kind = ACTIONS.get(done.action)
    reason = kind.reasons.get(done.reason or "", "") if kind else ""
    return Doing(
        at=moment(done.acted_at),
        who=names.get(done.actor, "其他单位人员"),
        what=kind.title if kind else done.action,
        reason=reason,
        outcome=OUTCOMES.get(done.outcome, done.outcome),
        why=REFUSALS.get(done.why or "", done.why or ""),
        note=notes.get(done.action_id, ""),
    )
