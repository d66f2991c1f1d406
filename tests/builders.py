"""Builders: facts, rows, memberships, and a household that records are folded into."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from schemas.actions import ACTIONS
from schemas.beijing import day_number, milliseconds
from schemas.codec import Record, decode
from schemas.fact import Fact, RoutedFact, Value
from schemas.kinds import Field, kinds_by_code
from schemas.topics import HOUSEHOLD_EVENTS, REGISTER_PERSONS, TOWNSHIP_ACTIONS, events_topic
from streams.correlate import Moment, RuleSet, Source, fold_action, fold_fact, fold_membership, fold_tick, shipped
from streams.household import Case, Household, Membership, Row, due_day, pack, unpack

_NOTHING: dict[str, Value] = {"boolean": False, "string": "", "set": ()}
HOUSEHOLD = "H1"
TOWNSHIP, VILLAGE, GRID = "220302001", "220302001001", "220302001001001"


def day(text: str) -> int:
    """Day number of `2023-03-01`."""
    return day_number(date.fromisoformat(text))


def at(text: str) -> int:
    """Milliseconds of `2023-03-01` or `2023-03-01T08:00:00`, Beijing time."""
    return milliseconds(datetime.fromisoformat(text))


def digest_of(*said: object) -> bytes:
    """Digest of what a fact says: equal facts have equal ones, others do not."""
    return hashlib.sha256(repr(said).encode()).digest()[:8]


def fact(
    kind: str,
    occurred_at: str | int,
    event_id: str = "e1",
    *,
    revision: int = 0,
    retracted: bool = False,
    person: str | None = None,
    **fields: Value | float,
) -> Fact:
    """Fact of a kind (`housing.inspection`); fields by column, money in yuan, the rest zero or the first word."""
    known = kinds_by_code()[kind]
    values: list[Value] = [_value(each, fields.pop(each.column, None)) for each in known.fields]
    assert not fields, f"{kind} has no {', '.join(fields)}"
    instant = at(occurred_at) if isinstance(occurred_at, str) else occurred_at
    body = [] if retracted else values
    number, digest = f"{known.department.number}:{event_id}", digest_of(kind, person, instant, body)
    return Fact(number, known.number, revision, retracted, digest, person, instant, instant, body)


def _value(known: Field, given: Value | float) -> Value:
    if known.unit == "fen":
        assert not isinstance(given, tuple)
        return round(float(given or 0) * 100)
    nothing: Value = known.symbols[0] if known.symbols else _NOTHING.get(known.type, 0)
    if known.type == "set" and given is None:
        return known.symbols[:1]
    return nothing if given is None or isinstance(given, float) else given


def bill(yuan: float, occurred_at: str | int, event_id: str = "e1", **more: Value) -> Fact:
    """Hospital bill of which the household pays so much itself."""
    return fact("health_insurance.settlement", occurred_at, event_id, self_pay=yuan, **more)  # type: ignore[arg-type]  # keywords of fact


def graded(grade: str, occurred_at: str | int = "2023-05-01", event_id: str = "e1", **more: Value) -> Fact:
    """House inspection."""
    return fact("housing.inspection", occurred_at, event_id, grade=grade, **more)  # type: ignore[arg-type]  # keywords of fact


def routed(said: Fact, offset: int = 0) -> RoutedFact:
    """Fact as assign passes it on."""
    return RoutedFact(said, said.known_at, events_topic(said.department), 0, offset)


def row(
    valid_from: str | int = "2020-01-01",
    household_id: str = HOUSEHOLD,
    *,
    valid_to: str | int | None = None,
    tags: Iterable[str] = (),
    township: str = TOWNSHIP,
    village: str = VILLAGE,
    labour: str = "able",
) -> Row:
    """Register row of a person."""
    first = day(valid_from) if isinstance(valid_from, str) else valid_from
    last = day(valid_to) if isinstance(valid_to, str) else valid_to
    return Row(household_id, first, last, township, village, GRID, list(tags), labour)


def membership(person: str, *rows: Row) -> Record:
    """`membership` record of a person, as far as it is read."""
    return {
        "person_id": person,
        "rows": [{name: getattr(each, name) for name in Row.__struct_fields__} for each in rows],
    }


def household(*facts: Fact, people: Mapping[str, Iterable[Row]] | None = None) -> Household:
    """Household that holds these facts and rows, not judged by any rule."""
    built = Household()
    for each in facts:
        built.put(each, None)
    for person, rows in (people or {}).items():
        built.settle(person, Membership(0, list(rows)))
    return built


def deed(action: str, household_id: str = HOUSEHOLD, **more: object) -> Record:
    """`action` record of somebody who may do it, on 2023-06-01; what is left out is as an official would fill it."""
    kind = ACTIONS[action]
    given = {"included": {"household_class": "sudden", "responsible_cadre": "u_cadre"}, "planned": {"measures": "M10"}}
    given["fund_paid"] = {"measure": "M18", "amount_fen": "258800"}
    return {
        "action_id": "act-1",
        "household_id": household_id,
        "action": action,
        "reason": next(iter(kind.reasons), None),
        "actor": f"u_{kind.role}",
        "role": kind.role,
        "township_code": TOWNSHIP if kind.role == "township" else "",
        "acted_at": at("2023-06-01"),
        "details": {"measure": "M10"} if action == "delivered" else given.get(action, {}),
        **more,
    }


@dataclass
class Home:
    """A household that records are folded into, one by one, through its table row as in life."""

    household_id: str = HOUSEHOLD
    rules: RuleSet | None = field(default_factory=shipped)
    tick_day: int | None = None
    positions: dict[str, int] = field(default_factory=dict)
    stored: bytes = field(default_factory=lambda: pack(Household()))
    offset: int = 0
    alerts: list[Record] = field(default_factory=list)
    messages: list[bytes] = field(default_factory=list)
    versions: dict[int, int] = field(default_factory=dict)
    answered: bool | None = None

    @property
    def moment(self) -> Moment:
        return Moment(self.rules, self.tick_day, self.positions)

    def take(self, *facts: Fact) -> Home:
        for said in facts:
            self.offset += 1
            source = Source(events_topic(said.department), 3, self.offset, said.known_at)
            opened = unpack(self.stored)
            fold_fact(self.household_id, opened, routed(said, self.offset), self.moment, source)
            self._store(opened)
        return self

    def lives(self, person: str, *rows: Row, offset: int | None = None) -> Home:
        self.offset += 1
        source = Source(REGISTER_PERSONS, 3, self.offset if offset is None else offset, at("2023-01-01"))
        opened = unpack(self.stored)
        fold_membership(self.household_id, opened, membership(person, *rows), self.moment, source)
        self._store(opened)
        return self

    def act(self, action: str, **more: object) -> Home:
        """What a person does about the newest alert; fields of `action` may be given."""
        self.offset += 1
        opened = unpack(self.stored)
        case = opened.case
        record = deed(action, self.household_id, **({"action_id": f"act-{self.offset}"} | more))
        if case is not None:
            record = {"alert_id": case.alert_id, "version_seen": case.version} | record
        source = Source(TOWNSHIP_ACTIONS, 3, self.offset, record["acted_at"])
        self.answered = fold_action(self.household_id, opened, record, self.moment, source)
        self._store(opened)
        return self

    def tick(self, when: str | int, **positions: int) -> Home:
        self.tick_day = day(when) if isinstance(when, str) else when
        self.positions = positions or self.positions
        self.offset += 1
        opened = unpack(self.stored)
        source = Source(HOUSEHOLD_EVENTS, 3, self.offset, at("2023-01-01"))
        fold_tick(self.household_id, opened, self.moment, source)
        self._store(opened)
        return self

    def _store(self, opened: Household) -> None:
        self.stored = pack(opened)
        for case in () if opened.case is None else (*reversed(opened.case.others), opened.case):
            if case.version > self.versions.get(case.ordinal, 0):
                self.versions[case.ordinal] = case.version
                self.alerts.append(decode(case.alert)[1])
                self.messages.append(case.alert)

    @property
    def household(self) -> Household:
        return unpack(self.stored)

    @property
    def case(self) -> Case:
        case = self.household.case
        assert case is not None, "no alert was ever raised"
        return case

    @property
    def alert(self) -> Record:
        return decode(self.case.alert)[1]

    def alert_of(self, ordinal: int) -> Record:
        """Newest version of the alert of one of the household's cases."""
        (found,) = (case for case in (self.case, *self.case.others) if case.ordinal == ordinal)
        return decode(found.alert)[1]

    @property
    def due(self) -> int:
        """Day from which a tick must visit the household, 0 for none."""
        return due_day(self.household)

    def copy(self) -> Home:
        """The same household, for another story."""
        return replace(self, alerts=list(self.alerts), messages=list(self.messages), versions=dict(self.versions))

    @property
    def level(self) -> str:
        """Level of what stands, `none` where nothing does."""
        case = self.household.case
        return case.level if case is not None and case.status != "WITHDRAWN" else "none"

    @property
    def causes(self) -> dict[str, tuple[str, list[str]]]:
        """Rule id -> level and evidence of what stands."""
        if self.household.case is None:
            return {}
        return {cause["rule"]: (cause["level"], cause["evidence"]) for cause in self.alert["causes"]}
