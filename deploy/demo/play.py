"""The year step by step: files through the departments' commands, days through ticks, garbage past the on-ramp."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from kafka import KafkaProducer

from deploy.demo.bus import TRUTH_FILE, DemoBus, DemoError
from producers.county import File, Plan
from producers.county_mistakes import NOBODY, Garbage
from producers.publish import REGISTER
from schemas.partition import partition_of
from schemas.topics import events_topic

_FILES, _BOOK = "files", "household-book.csv"
_CONFIRM_SECONDS = 60


@dataclass(slots=True)
class Played:
    """What was handed in, as the commands answered.

    Attributes:
        accepted: by sender; garbage included, which nobody refuses.
        rejected: by sender.
        reasons: of rejections, Chinese.
        seconds: spent in publishing and registering.

    """

    accepted: Counter[str] = field(default_factory=Counter)
    rejected: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    files: int = 0
    seconds: float = 0.0
    first_published_at: float = 0.0

    @property
    def published(self) -> int:
        """Events on the bus."""
        return sum(count for sender, count in self.accepted.items() if sender != REGISTER)


def write_plan(plan: Plan, data_dir: Path) -> None:
    """Write what was injected, and every sender's files."""
    truth = json.dumps(plan.truth.as_json(), ensure_ascii=False, indent=1)
    (data_dir / TRUTH_FILE).write_text(truth + "\n", encoding="utf-8")
    (data_dir / _FILES).mkdir()
    for step in plan.steps:
        if isinstance(step, File):
            (data_dir / _FILES / step.name).write_bytes(step.content)
    (data_dir / _FILES / _BOOK).write_bytes(plan.book)


def load_book(bus: DemoBus) -> int:
    """Load the household book; how many households it has.

    Raises:
        DemoError: it was not taken whole.

    """
    answer = bus.run("households", "load", str(bus.data_dir / _FILES / _BOOK), "--json")
    if answer.exit_code:
        raise DemoError(f"households load: {answer.err or answer.out}")
    return int(json.loads(answer.out)["accepted"])


def play(plan: Plan, bus: DemoBus, say: Callable[[str], None]) -> Played:
    """Run every step in order.

    Raises:
        DemoError: a command failed.

    """
    played = Played()
    for step in plan.steps:
        if isinstance(step, File):
            _deliver(step, bus, played)
        elif isinstance(step, Garbage):
            played.accepted[step.department] += len(step.messages)
            _throw_in(step, bus)
        else:
            answer = bus.run("tick", "--at", step.day.isoformat())
            if answer.exit_code:
                raise DemoError(f"tick {step.day}: {answer.err}")
            say(f"  至 {step.day}：已推送 {played.published} 条，退回 {sum(played.rejected.values())} 行")
    return played


def _deliver(file: File, bus: DemoBus, played: Played) -> None:
    path = str(bus.data_dir / _FILES / file.name)
    command = ["register", path] if file.sender == REGISTER else ["publish", file.sender, path]
    if file.covers_to:
        command += ["--covers-to", file.covers_to.isoformat()]
    begun = time.time()
    played.first_published_at = played.first_published_at or begun
    answer = bus.run(*command, "--json")
    played.seconds += time.time() - begun
    if answer.exit_code not in (0, 1) or not answer.out:
        raise DemoError(f"{' '.join(command)}: {answer.err or answer.out}")
    said = json.loads(answer.out)
    played.files += 1
    played.accepted[file.sender] += said["accepted"]
    played.rejected[file.sender] += len(said["rejected"])
    played.reasons.update(problem["reason"] for problem in said["rejected"])


def _throw_in(garbage: Garbage, bus: DemoBus) -> None:
    """Put messages on the topics past the on-ramp, as a careless program would."""
    producer = KafkaProducer(bootstrap_servers=bus.bootstrap_servers, acks="all")
    sent = [
        producer.send(events_topic(garbage.department), value=value, key=NOBODY, partition=partition_of(NOBODY))
        for value, _ in garbage.messages
    ]
    for confirmation in sent:
        confirmation.get(_CONFIRM_SECONDS)
    producer.close()
