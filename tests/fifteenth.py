"""What becomes of a department's file in the tree that this is run in: published, assigned, folded, counted again.

python -m tests.fifteenth DEPARTMENT FILE     JSON: rows taken, the household's alert, what the recount expects
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from producers.message import Message
from producers.publish import Run, event_messages, publish_rows
from schemas.codec import Record, decode
from schemas.event_columns import event_columns
from schemas.events import problem_of
from schemas.fact import fact_of
from schemas.partition import partition_of
from schemas.readers import open_source
from streams.correlate import shipped
from streams.reconcile import compared
from streams.recount import expected
from streams.recount_history import History, Published
from streams.register import Row
from tests.builders import at, day
from tests.families import Families, person
from tests.rows import KEY

HOME = "H0001001"
START = at("2026-04-03")


class Bus:
    """Takes messages."""

    def __init__(self) -> None:
        self.sent: list[Message] = []

    def send(self, message: Message) -> None:
        self.sent.append(message)

    def confirm_all(self) -> None:
        """There is nothing to wait for."""


def folded(events: list[Record]) -> Families:
    """A family of one, registered, and what is published of its household."""
    families = Families()
    families.registers("a", HOME)
    for event in events:
        families.event(event)
    return families


def recounted(events: list[Record], department: str) -> object:
    """What reconciliation expects of the household."""
    stay = Row(HOME, day("2020-01-01"), None, "231222101", "231222101001", "23122210100101", [], "able")
    told = History(named={HOME}, rows={person("a"): [stay]}, rule_sets=dict.fromkeys(range(12), shipped()))
    for offset, event in enumerate(events):
        at_place = (f"events.{department}", partition_of(HOME.encode()), offset)
        told.events.append(Published(fact_of(event, START), HOME, at_place))
        told.arrivals.setdefault(HOME, []).append((offset, at_place))
    return expected(told)[HOME]


def main(department: str, path: Path) -> None:
    source = open_source(path, event_columns(department))
    run, bus = Run(department, START, source.sha256), Bus()
    outcome = publish_rows(source, event_messages(run, KEY), run, bus)
    events = [decode(message.value)[1] for message in bus.sent if message.topic == f"events.{department}"]
    assert [problem_of(event, department) for event in events] == [None] * len(events)
    alert = folded(events).alert(HOME)
    said = {
        "accepted": outcome.accepted,
        "rejected": [[p.row, p.field, p.reason] for p in outcome.rejected],
        "topics": sorted({message.topic for message in bus.sent}),
        "level": alert["level"],
        "causes": [[cause["rule"], cause["evidence"]] for cause in alert["causes"]],
        "live": compared(alert),
        "recounted": recounted(events, department),
    }
    print(json.dumps(said, ensure_ascii=False))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
