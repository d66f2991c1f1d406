"""An alert's version as the page reads it from the store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

Outcome = Literal["accepted", "refused", "conflict"]
ACCEPTED: Outcome = "accepted"


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    """Why there is an alert; see schemas/alert.avsc."""

    rule: str
    rule_version: int
    cause: str
    level: str
    evidence: tuple[str, ...]
    evidence_count: int
    title: str = ""
    text: str = ""
    departments: tuple[str, ...] = ()
    first_occurred_at: int | None = None
    last_occurred_at: int | None = None
    band: str = ""


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """An action as the processor folded it; `why` says why it did not count."""

    action_id: str
    action: str
    actor: str
    role: str
    township_code: str
    acted_at: int
    version_seen: int
    outcome: Outcome
    reason: str | None = None
    why: str | None = None


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """Help that a department reports as given."""

    measure: str
    department: str
    event_id: str
    occurred_at: int


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a household's alert; see schemas/alert.avsc."""

    alert_id: str
    household_id: str
    version: int
    status: str
    level: str
    raised_at: int
    known_at: int
    township_code: str | None = None
    previous_township_code: str | None = None
    village_code: str | None = None
    grid_code: str | None = None
    ordinal: int = 1
    causes: tuple[Cause, ...] = ()
    missing_help: tuple[str, ...] = ()
    first_occurred_at: int | None = None
    as_of: dict[str, int] = {}
    text: str = ""
    basis_changed: bool = False
    proposals: tuple[str, ...] = ()
    not_mine: bool = False
    measures: tuple[str, ...] = ()
    planned: tuple[str, ...] = ()
    household_class: str | None = None
    responsible_cadre: str | None = None
    archive: tuple[str, ...] = ()
    archived: bool = False
    tracking_until: int | None = None
    nation_marked: bool = False
    labour: str | None = None
    suggested: tuple[str, ...] = ()
    given_help: tuple[Given, ...] = ()
    proposed_class: str | None = None
    insurer_nudge: bool = False
    policies_insufficient: bool = False
    fund_referral: tuple[str, ...] = ()
    fund_paid_fen: int = 0
    without_follow_up: bool = False
    level_reason: str = ""
    actions: tuple[Done, ...] = ()
    red_since: int | None = None


def alert_from(content: Mapping[str, Any], red_since: int | None = None) -> Alert:
    """Alert of what the store keeps of a version; fields of a later release are passed over.

    `red_since` is what the store knows of the newest: since when it is red and nobody took note, ms.
    """
    return msgspec.convert({**content, "red_since": red_since}, Alert)
