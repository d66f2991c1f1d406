"""A county in miniature: the register's rows and departments' events in, what every household's alerts say out."""

from __future__ import annotations

from schemas.codec import Record, decode
from schemas.fact import unpack_routed
from schemas.topics import REGISTER_HOUSEHOLDS, REGISTER_PERSONS, events_topic
from streams.assign import Send, take_event, take_row
from streams.correlate import Moment, Source, fold_action, fold_fact, fold_membership, shipped
from streams.household import Household
from streams.register_conflict import conflict_alert
from streams.subject import Source as Read
from streams.subject import Subject, new_subject
from tests.builders import at, day, deed

HERE, THERE = "231222101", "231222102"


def person(letter: str) -> str:
    return "p_" + letter * 26


class Families:
    """Assign and correlate, without a bus: what assign sends, correlate folds at once.

    Attributes:
        conflicts: what the county is told.
        parked: events that wait for the register.

    """

    def __init__(self) -> None:
        self.conflicts: list[Record] = []
        self.parked = 0
        self.tick: int | None = None
        self._subjects: dict[str, Subject] = {}
        self._households: dict[str, Household] = {}
        self._offset = 0

    def registers(
        self, who: str, home: str, since: str = "2020-01-01", *, township: str = HERE, **more: object
    ) -> None:
        """The register says where somebody lives from a day on."""
        record: Record = {
            "person_id": person(who),
            "household_id": home,
            "valid_from": day(since),
            "valid_to": None,
            "township_code": township,
            "village_code": f"{township}001",
            "grid_code": f"{township}00101",
            "tags": [],
            "labour": "able",
            "retracted": False,
            "published_at": 0,
            "batch_id": None,
            "row": None,
            **more,
        }
        for topic, key in ((REGISTER_PERSONS, person(who)), (REGISTER_HOUSEHOLDS, home)):
            source = self._read(topic)
            effect = take_row(self._subject(key), record, source)
            self._deliver(effect.sends)
            self.parked -= len(effect.released)
            if effect.conflict:
                self.conflicts.append(conflict_alert(person(who), self._subject(key).rows.values(), source))

    def event(self, event: Record) -> None:
        """A department publishes."""
        key = event["person_id"] or event["household_id"]
        effect = take_event(self._subject(key), event, self._read(events_topic(event["department"])))
        self.parked += effect.parked - len(effect.released)
        self._deliver(effect.sends)

    def act(self, home: str, code: str, township: str = HERE) -> None:
        """Somebody acts on the newest version of a household's present alert."""
        alert = self.alert(home)
        page = {"alert_id": alert["alert_id"], "version_seen": alert["version"], "action_id": f"a{self._offset}"}
        action = deed(code, home, **({"township_code": township} | page))
        source = Source("township.actions", 0, self._read("township.actions").offset, action["acted_at"])
        assert fold_action(home, self._households[home], action, self._moment, source)

    def alert(self, home: str) -> Record:
        """Newest version of a household's present alert."""
        case = self._households[home].case
        assert case is not None, f"{home} was never alerted"
        return decode(case.alert)[1]

    def evidence(self) -> dict[str, list[str]]:
        """Events on which standing alerts rest, by household."""
        cases = {home: known.case for home, known in sorted(self._households.items())}
        standing = {home: case for home, case in cases.items() if case is not None and case.status != "WITHDRAWN"}
        return {
            home: sorted({event for cause in decode(case.alert)[1]["causes"] for event in cause["evidence"]})
            for home, case in standing.items()
        }

    @property
    def _moment(self) -> Moment:
        return Moment(shipped(), self.tick, {})

    def _subject(self, key: str) -> Subject:
        return self._subjects.setdefault(key, new_subject())

    def _read(self, topic: str) -> Read:
        self._offset += 1
        return Read(topic, 0, self._offset, at("2023-06-01") + self._offset)

    def _deliver(self, sends: list[Send]) -> None:
        for home, message in sends:
            household = self._households.setdefault(home, Household())
            name, record = decode(message)
            if name == "membership":
                place = record["source_topic"], record["source_partition"], record["source_offset"]
                fold_membership(home, household, record, self._moment, Source(*place, record["known_at"]))
                continue
            routed = unpack_routed(record["fact"])
            place = routed.source_topic, routed.source_partition, routed.source_offset
            fold_fact(home, household, routed, self._moment, Source(*place, routed.fact.known_at))
