"""Records of household.events as an explanation reads them, made by hand, and what was explained by them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from schemas.beijing import start_of
from schemas.codec import Record, encode
from schemas.fact import Fact, RoutedFact
from schemas.partition import partition_of
from schemas.topics import REGISTER_PERSONS, TOWNSHIP_ACTIONS, events_topic
from streams.explain import Answer, explained
from streams.explain_days import Arrived, heard_by
from streams.household_records import Item
from streams.register import Row
from streams.rule_set import RuleSet
from tests.builders import HOUSEHOLD, day, deed, membership

PUBLISHED = Path(__file__).with_name("explained_rules.json")
"""A rule set as it was published in November 2026: what was judged by it must be explained for ever."""
PARTITION = partition_of(HOUSEHOLD.encode())
NOON = 12 * 3_600_000


@cache
def published() -> RuleSet:
    return RuleSet.from_content(PUBLISHED.read_text(encoding="utf-8"))


@dataclass(slots=True)
class Log:
    """The household's partition of household.events.

    Attributes:
        now: Kafka timestamp of what comes next, ms.

    """

    now: int = start_of(day("2023-01-01")) + NOON
    records: list[Arrived] = field(default_factory=list)
    sets: dict[str, RuleSet] = field(default_factory=dict)

    def on(self, when: str | int) -> Log:
        """What comes next comes at noon of a day."""
        self.now = start_of(day(when) if isinstance(when, str) else when) + NOON
        return self

    def put(self, item: Item | None, size: int = 200) -> Log:
        self.records.append(Arrived(len(self.records), self.now, item, size))
        return self

    def activate(self, rules: RuleSet | None = None) -> Log:
        rules = rules or published()
        self.sets[rules.hash] = rules
        return self.put(("activation", {"rule_set": rules.hash}))

    def take(self, *facts: Fact) -> Log:
        for said in facts:
            at = events_topic(said.department), PARTITION, len(self.records)
            self.put(RoutedFact(said, said.known_at, *at))
        return self

    def again(self, place: int) -> Log:
        """A record that stands there already comes once more."""
        return self.put(self.records[place].item)

    def lives(self, person: str, *rows: Row) -> Log:
        source = {"source_topic": REGISTER_PERSONS, "source_partition": 0, "source_offset": len(self.records)}
        return self.put(("membership", {**membership(person, *rows), "known_at": self.now, **source}))

    def tick(self, when: str | int, **positions: int) -> Log:
        number = day(when) if isinstance(when, str) else when
        return self.put(("tick", {"day": number, "positions": positions, "written_at": self.now}))

    def act(self, action: str, **more: object) -> Log:
        said: Record = deed(action) | {"action_id": f"act-{len(self.records)}", "acted_at": self.now, **more}
        source = {"source_topic": TOWNSHIP_ACTIONS, "source_partition": PARTITION, "source_offset": len(self.records)}
        return self.put(("household_action", {"action": encode("action", said), "known_at": self.now, **source}))

    def of_others(self) -> Log:
        """A record of another household."""
        return self.put(None)

    def explain(self, when: str | int | None = None) -> Answer:
        number = day(when) if isinstance(when, str) else when
        return explained(HOUSEHOLD, PARTITION, heard_by(self.records, number), self.sets)


def by_rule(answer: Answer) -> Mapping[str, Answer]:
    return {rule["rule"]: rule for rule in answer["rules"]}
