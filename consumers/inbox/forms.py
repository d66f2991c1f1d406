"""The forms on an alert's page: which are offered, what they ask, and what stands in them already."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from consumers.inbox.action_form import Fields, first
from consumers.inbox.alert import Alert
from consumers.inbox.help_words import missing
from consumers.inbox.offers import answers, may_archive, next_steps, parts
from consumers.inbox.questions import QUESTIONS, Question
from consumers.inbox.words import MEASURES
from schemas.actions import ACTIONS, CLASS, PARTS

_SHOWN_AS = {"measures": "many", "cadre": "list", "measure": "list", "fund": "list"}
QUICK = frozenset(("acknowledged", "verifying"))


class Known(NamedTuple):
    """What questions may need: who may be made responsible (account id -> name), and the day."""

    cadres: Mapping[str, str]
    today: date


class Option(NamedTuple):
    """Something to choose."""

    code: str
    title: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with its options, or with the date that stands in it."""

    name: str
    title: str
    kind: str
    options: tuple[Option, ...] = ()
    value: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """One action that may be done.

    Attributes:
        reasons: code and title; each is a button of its own, so that one tap chooses and sends.
        state: `done`, `waiting` or empty.
        is_open: somebody has begun to fill it in.

    """

    action: str
    title: str
    reasons: tuple[tuple[str, str], ...]
    asked: tuple[Asked, ...]
    note: str
    state: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class Forms:
    """All forms of a page.

    Attributes:
        quick: steps that only say how far the township is; they stand beside the deadline.
        missing_parts: titles of what the archive lacks.

    """

    quick: tuple[Form, ...]
    answers: tuple[Form, ...]
    steps: tuple[Form, ...]
    parts: tuple[Form, ...]
    archive: Form | None
    missing_parts: tuple[str, ...]


def forms_of(
    alert: Alert, role: str, cadres: Mapping[str, str], waiting: Iterable[str], given: Fields, today: date
) -> Forms:
    """Forms for somebody of this role.

    Args:
        alert: what they are about.
        role: of the reader.
        cadres: account id -> name of those who may be made responsible.
        waiting: actions that are on their way.
        given: what was filled in before.
        today: stands in every date that was not filled in.

    """
    on_their_way = frozenset(waiting)

    def made(codes: Sequence[str]) -> tuple[Form, ...]:
        return tuple(_form(code, alert, Known(cadres, today), on_their_way, given) for code in codes)

    return Forms(
        answers=made(answers(alert, role)),
        quick=made([step for step in next_steps(alert, role) if step in QUICK]),
        steps=made([step for step in next_steps(alert, role) if step not in QUICK]),
        parts=made(parts(alert, role)),
        archive=made(["archived"])[0] if may_archive(alert, role) else None,
        missing_parts=tuple(ACTIONS[part].title for part in PARTS if part not in alert.archive),
    )


def _form(code: str, alert: Alert, known: Known, waiting: frozenset[str], given: Fields) -> Form:
    is_open = first(given, "action") == code
    mine = given if is_open else {}
    kind = ACTIONS[code]
    state = "waiting" if code in waiting else "done" if code in alert.archive else ""
    asked = tuple(_asked(question, alert, known, mine) for question in QUESTIONS.get(code, ()))
    return Form(code, kind.title, tuple(kind.reasons.items()), asked, first(mine, "note"), state, is_open)


def _asked(question: Question, alert: Alert, known: Known, given: Fields) -> Asked:
    if question.kind == "date":
        return Asked(
            question.name, question.title, "date", value=first(given, question.name) or known.today.isoformat()
        )
    if question.kind == "amount":
        return Asked(question.name, question.title, "amount", value=first(given, question.name))
    suggested = _suggested(question, alert)
    chosen = frozenset(given.get(question.name, ()) or suggested)
    choices = _choices(question, alert, known.cadres)
    options = tuple(Option(code, title, code in chosen) for code, title in choices.items())
    kind = _SHOWN_AS.get(question.kind, question.kind)
    return Asked(question.name, question.title + ("，已按情况预选，请核对" if suggested else ""), kind, options)


def _suggested(question: Question, alert: Alert) -> tuple[str, ...]:
    """What stands chosen before anybody has chosen; a person confirms it by sending the form."""
    if question.name == CLASS and alert.proposed_class:
        return (alert.proposed_class,)
    return tuple(missing(alert)) if question.kind == "measures" else ()


def _choices(question: Question, alert: Alert, cadres: Mapping[str, str]) -> Mapping[str, str]:
    if question.kind == "cadre":
        return cadres
    if question.kind == "fund":
        return {code: MEASURES.get(code, code) for code in alert.fund_referral}
    if question.kind == "measure":
        planned = [code for code in alert.planned if code not in alert.measures]
        return {code: MEASURES.get(code, code) for code in planned} or question.choices
    return question.choices
