"""A posted answer becomes an Action, or what is wrong with it in words."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from consumers.inbox.alert import Alert
from consumers.inbox.offers import ANSWERS
from consumers.inbox.questions import QUESTIONS, Question, fen_in, problem_with
from schemas.actions import ACTIONS, MEASURE

LONGEST_NOTE = 1000
Fields = Mapping[str, list[str]]
"""Name of a form's field -> everything that was given for it."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: account id, role, township (None for the county)."""

    account_id: str
    role: str
    township_code: str | None


def first(fields: Fields, name: str) -> str:
    """First value of a field; empty if it was not given."""
    return next(iter(fields.get(name, ())), "")


def version_in(fields: Fields) -> int | None:
    """Version of the alert that the form was made for."""
    text = first(fields, "version")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def action_id_of(account_id: str, alert_id: str, version: int, fields: Fields) -> str:
    """Id of what a form does.

    It follows from who, which alert, which version and which question: a double tap, a second tab and the back button
    make the same id, and the same id is one action. All answers to "is it so?" are one question.
    """
    action = first(fields, "action")
    slot = "answer" if action in ANSWERS else f"{action} {first(fields, MEASURE)}"
    digest = hashlib.sha256("\0".join((account_id, alert_id, str(version), slot)).encode()).digest()
    return "x_" + base64.b32encode(digest).decode()[:26].lower()


def problem_in(fields: Fields, cadres: Mapping[str, str], today: date) -> str | None:
    """What is wrong with a posted answer, in words for the officer; None if it can be sent."""
    kind = ACTIONS.get(first(fields, "action"))
    if kind is None:
        return "没有这项操作。"
    if kind.reasons and first(fields, "reason") not in kind.reasons:
        return "请选择原因。"
    if len(first(fields, "note")) > LONGEST_NOTE:
        return f"说明请不要超过{LONGEST_NOTE}字。"
    problems = (problem_with(q, _given(fields, q.name), cadres, today) for q in QUESTIONS.get(kind.code, ()))
    return next((problem for problem in problems if problem), None)


def action_of(actor: Actor, alert: Alert, version: int, fields: Fields, now: int) -> dict[str, Any]:
    """`action` record of a form in which nothing is wrong. `now` in ms."""
    kind = ACTIONS[first(fields, "action")]
    return {
        "action_id": action_id_of(actor.account_id, alert.alert_id, version, fields),
        "household_id": alert.household_id,
        "alert_id": alert.alert_id,
        "version_seen": version,
        "action": kind.code,
        "reason": first(fields, "reason") if kind.reasons else None,
        "actor": actor.account_id,
        "role": actor.role,
        "township_code": actor.township_code or "",
        "acted_at": now,
        "details": {q.name: _detail(q, _given(fields, q.name)) for q in QUESTIONS.get(kind.code, ())},
    }


def _detail(question: Question, given: list[str]) -> str:
    return str(fen_in(given[0])) if question.kind == "amount" else " ".join(given)


def _given(fields: Fields, name: str) -> list[str]:
    return [value for value in fields.get(name, ()) if value]
