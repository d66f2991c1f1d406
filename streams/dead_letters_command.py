"""`alertbus dead-letters list|replay`: what could not count, and why; send it again after a fix."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import click

from schemas.beijing import instant
from schemas.bus import BusNotFoundError, find_bus
from schemas.codec import decode, encode
from schemas.reasons import explain
from schemas.topics import DEAD_LETTERS

_CONFIRM_SECONDS = 60


def open_letters(servers: str) -> list[dict[str, Any]]:
    """Dead letters that were not replayed, oldest first, each once."""
    from streams.log_reader import read_all

    letters: dict[str, dict[str, Any]] = {}
    replayed: set[str] = set()
    for record in read_all(servers, [DEAD_LETTERS]):
        letter = decode(record.value)[1]
        if letter["replayed"]:
            replayed.add(letter["id"])
        letters.setdefault(letter["id"], letter)
    left = [letter for letter_id, letter in letters.items() if letter_id not in replayed]
    return sorted(left, key=lambda letter: (letter["at"], letter["id"]))


def for_people(letter: dict[str, Any]) -> dict[str, Any]:
    """The shape of `alertbus dead-letters list`: no content, which may hold anything."""
    return {
        "id": letter["id"],
        "department": letter["department"],
        "reason": letter["reason"],
        "field": letter["field"],
        "at": instant(letter["at"]).isoformat(timespec="seconds"),
        "what_to_do": explain(letter["reason"]),
    }


def replay_letters(servers: str, letters: list[dict[str, Any]]) -> int:
    """Publish letters again as they came, then note that they were; how many. Those cut at 1 MiB stay."""
    from kafka import KafkaProducer

    producer = KafkaProducer(bootstrap_servers=servers.split(","), acks="all", enable_idempotence=True)
    done = 0
    try:
        for letter in letters:
            if letter["size"] > len(letter["value"]):
                continue
            topic, partition = letter["source_topic"], letter["source_partition"]
            producer.send(topic, key=letter["key"], value=letter["value"], partition=partition).get(_CONFIRM_SECONDS)
            note = encode("dead_letter", {**letter, "value": b"", "replayed": True})
            producer.send(DEAD_LETTERS, key=letter["id"].encode(), value=note).get(_CONFIRM_SECONDS)
            done += 1
    finally:
        producer.close()
    return done


@click.command("dead-letters")
@click.argument("what", type=click.Choice(["list", "replay"]))
@click.option("--department", help="Only this department's.")
@click.option("--json", "as_json", is_flag=True, help="One object per line.")
@click.option("--data-dir", envvar="ALERTBUS_DATA_DIR", type=click.Path(path_type=Path, file_okay=False))
def dead_letters(what: str, department: str | None, data_dir: Path | None, *, as_json: bool) -> None:
    """List records that may not count, or publish them again after a fix."""
    try:
        servers = find_bus(os.environ, data_dir).bootstrap_servers
    except BusNotFoundError as error:
        print(f"alertbus dead-letters: {error}", file=sys.stderr)
        sys.exit(2)
    letters = [letter for letter in open_letters(servers) if department in (None, letter["department"])]
    if what == "replay":
        done = replay_letters(servers, letters)
        print(json.dumps({"replayed": done}) if as_json else f"已重新推送 {done} 条")
        return
    for letter in map(for_people, letters):
        field = letter["field"] or "-"
        line = f"{letter['at']}  {letter['department']}  {letter['id']}  {field}  {letter['what_to_do']}"
        print(json.dumps(letter, ensure_ascii=False) if as_json else line)
