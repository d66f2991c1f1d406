"""What an action that counts does to a case. Pure: what people did before in, what they did with it out."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from msgspec.structs import replace

from schemas.actions import ACCEPTED, AMOUNT, CADRE, CLASS, CONFLICT, MEASURE, MEASURES, PARTS, REFUSED
from schemas.beijing import day_of
from schemas.fact import Fact
from streams.basis import packed, page, unpacked, with_older
from streams.case_guards import ANSWERED, Action, Situation, refusal_of
from streams.case_states import (
    CLEARED_TRACKING,
    CLOSED,
    ENDED,
    MOVES,
    REOPENED,
    VERDICTS,
)
from streams.finding import Done, Handled
from streams.tracking import last_day_of_tracking

MOST_DONE = 50
_CHECKSUM_BYTES = 8
_MOST_FOLDED = 1000


def folded(handled: Handled, action_id: str) -> bool:
    """Whether an action was folded before: then it changes nothing."""
    known, mark = handled.folded, _checksum(action_id)
    return any(known[at : at + _CHECKSUM_BYTES] == mark for at in range(0, len(known), _CHECKSUM_BYTES))


def answered(
    handled: Handled, action: Action, now: Situation, level: str, pages: bytes, facts: Iterable[Fact] = ()
) -> Handled:
    """Fold an action: it moves the case, or is kept as refused or as a conflict.

    Args:
        handled: what people did before.
        action: as on `township.actions`.
        now: how the case stands.
        level: the alert's now.
        pages: which facts stood on which of its versions (streams.basis).
        facts: those of the household that count now.

    """
    present = _in_this_round(handled, now)
    why = refusal_of(action, present, now)
    if why is None:
        handled = replace(_moved(present, action, now, _Seen(pages, facts, now.shown)), level=level)
    outcome = ACCEPTED if why is None else CONFLICT if why == ANSWERED else REFUSED
    return replace(
        handled,
        done=[*handled.done, _done(action, outcome, why)][-MOST_DONE:],
        folded=(handled.folded + _checksum(action["action_id"]))[-_MOST_FOLDED * _CHECKSUM_BYTES :],
    )


def afresh(handled: Handled) -> Handled:
    """As it is when a risk has come back and nobody has acted yet: what was done then does not answer it."""
    return replace(
        handled,
        archive=[],
        archived=False,
        measures=[],
        planned=[],
        reopening=False,
        nation_marked=False,
        insufficient=False,
    )


def _in_this_round(handled: Handled, now: Situation) -> Handled:
    return afresh(handled) if handled.reopening and now.status == REOPENED else handled


class _Seen(NamedTuple):
    """What the person may have seen: pages of the alert; facts that count now, and what of them the page shows now."""

    pages: bytes
    facts: Iterable[Fact]
    shown: frozenset[bytes]

    def on(self, version: int) -> frozenset[bytes]:
        return page(self.pages, version)

    def dealt_with(self, version: int) -> frozenset[bytes]:
        return with_older(self.on(version), self.facts, self.shown)


def _moved(handled: Handled, action: Action, now: Situation, seen: _Seen) -> Handled:
    code = action["action"]
    after = MOVES[code][now.status]
    moved = replace(handled, **_noted(handled, action))
    if code in VERDICTS:
        moved = replace(moved, answered=now.version + 1)
    if code == "confirmed":
        basis = packed(seen.on(action["version_seen"]))
        year = moved.relapse_year
        return replace(moved, step=after, confirmed=basis, tracking_until=None, relapsed_in=year)
    if after == now.status:
        return moved
    if after in ENDED:
        moved = replace(moved, ended_in=now.township)
    if code in VERDICTS or after in (CLEARED_TRACKING, CLOSED):
        settled = unpacked(moved.settled) | seen.dealt_with(action["version_seen"])
        moved = replace(moved, settled=packed(settled))
    if after in (CLEARED_TRACKING, CLOSED):
        return replace(moved, step="", rest=after, reopening=True)
    return replace(moved, step=after)


def _noted(handled: Handled, action: Action) -> Mapping[str, Any]:
    """Fields that an action sets beside the state."""
    code, details = action["action"], action["details"]
    if code in PARTS:
        return {"archive": [part for part in PARTS if part == code or part in handled.archive]}
    if code == "cleared":
        day = day_of(action["acted_at"])
        return {"cleared_on": day, "tracking_until": last_day_of_tracking(day), "relapsed_in": None}
    if code == "included":
        who = {"household_class": details.get(CLASS), "responsible_cadre": details.get(CADRE)}
        return {**who, "included_on": day_of(action["acted_at"])}
    if code in ("delivered", "fund_paid"):
        paid = int(details[AMOUNT]) if code == "fund_paid" else 0
        measures = sorted({*handled.measures, details.get(MEASURE, "").strip()})
        return {"measures": measures, "fund_paid": handled.fund_paid + paid}
    fields: Mapping[str, Mapping[str, Any]] = {
        "archived": {"archived": True},
        "nation_marked": {"nation_marked": True},
        "not_mine": {"disowned_in": action["township_code"]},
        "keep": {"disowned_in": None},
        "planned": {"planned": sorted(set(details.get(MEASURES, "").split()))},
        "insufficient": {"insufficient": True},
    }
    return fields.get(code, {})


def _done(action: Action, outcome: str, why: str | None) -> Done:
    known = {name: action[name] for name in Done.__struct_fields__ if name not in ("outcome", "why")}
    return Done(**known, outcome=outcome, why=why)


def _checksum(action_id: str) -> bytes:
    return hashlib.sha256(action_id.encode()).digest()[:_CHECKSUM_BYTES]
