"""How an officer's answers stand: on their way, or what the processor made of them; and whether an alert moved on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal, NamedTuple

from consumers.inbox.alert import ACCEPTED, Alert, Done, Outcome
from consumers.inbox.offers import ANSWERS
from schemas.actions import ACTIONS, OUTCOMES, REFUSALS

WAITING = "待处理"
State = Literal["waiting"] | Outcome


class Standing(NamedTuple):
    """How an action that was done here stands.

    Attributes:
        state: `waiting` until a version of the alert contains it.
        is_answer: it says whether the alert is real.
        is_mine: the reader did it, no colleague.
        why: what to know about a refusal or a conflict; empty otherwise.

    """

    action: str
    title: str
    state: State
    is_answer: bool
    is_mine: bool
    words: str
    why: str


def standings(alert: Alert, sent: Iterable[dict[str, Any]], account_id: str) -> list[Standing]:
    """How each of the actions that were done here about this alert stands, the oldest first."""
    folded = {done.action_id: done for done in alert.actions}
    oldest_kept = min((done.acted_at for done in alert.actions), default=0)
    found = []
    for action in sent:
        done = folded.get(action["action_id"])
        if done is not None or (action["alert_id"] == alert.alert_id and action["acted_at"] >= oldest_kept):
            found.append(_standing(action, done, account_id))
    return found


def _standing(action: dict[str, Any], done: Done | None, account_id: str) -> Standing:
    code = action["action"]
    state: State = "waiting" if done is None else done.outcome
    words = WAITING if done is None else OUTCOMES.get(done.outcome, done.outcome)
    why = REFUSALS.get(done.why, done.why) if done and done.why and done.outcome != ACCEPTED else ""
    is_mine = action["actor"] == account_id
    return Standing(code, ACTIONS[code].title, state, code in ANSWERS, is_mine, words, why)


def waiting(found: Sequence[Standing]) -> list[Standing]:
    """Those the processor has not answered yet."""
    return [standing for standing in found if standing.state == "waiting"]


def shown(found: Sequence[Standing]) -> list[Standing]:
    """What the page says of them: all that wait, or else the reader's last one."""
    mine = [standing for standing in found if standing.is_mine]
    return waiting(found) or mine[-1:]


def moved_on(seen: Alert, newest: Alert, account_id: str) -> list[str]:
    """What is new since the version that an officer saw and matters to their answer, in words.

    What they did themselves, and what was merely noted, is no news.
    """
    news = []
    if newest.township_code != seen.township_code:
        news.append("这户已移交其他乡镇")
    if newest.level != seen.level:
        news.append("预警等级有变化")
    if _causes(newest) != _causes(seen):
        news.append("预警原因或依据有变化")
    known = {done.action_id for done in seen.actions}
    others = [d for d in newest.actions if d.action_id not in known and d.actor != account_id and d.outcome == ACCEPTED]
    news += list(dict.fromkeys(f"已有人答复：{ACTIONS[d.action].title}" for d in others if d.action in ACTIONS))
    if newest.status == "WITHDRAWN" != seen.status:
        news.append("预警已撤回")
    return news


def _causes(alert: Alert) -> set[tuple[str, str, int, tuple[str, ...]]]:
    return {(cause.rule, cause.level, cause.evidence_count, cause.evidence) for cause in alert.causes}
