"""`alertbus dead-letters list|counts|look|replay`: what could not count, and why; send it again after a fix."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import click

from schemas.bus import BusNotFoundError, find_bus
from schemas.codec import decode, encode
from schemas.topics import DEAD_LETTERS
from streams.dead_letter_look import counted, for_people, looked_at

EX_UNUSABLE = 2
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
@click.argument("what", type=click.Choice(["list", "counts", "look", "replay"]))
@click.argument("letter_id", required=False)
@click.option("--department", help="Only this department's.")
@click.option("--reason", help="Only those with this reason, a code as `list --json` shows it.")
@click.option("--json", "as_json", is_flag=True, help="One object per line.")
@click.option("--data-dir", envvar="ALERTBUS_DATA_DIR", type=click.Path(path_type=Path, file_okay=False))
def dead_letters(
    what: str,
    letter_id: str | None,
    department: str | None,
    reason: str | None,
    data_dir: Path | None,
    *,
    as_json: bool,
) -> None:
    """List records that may not count, count them, look at one (masked), or publish them again after a fix.

    LETTER_ID, as `list` shows it, limits each to one letter; `look` needs it.
    """
    try:
        servers = find_bus(os.environ, data_dir).bootstrap_servers
    except BusNotFoundError as error:
        print(f"alertbus dead-letters: {error}", file=sys.stderr)
        sys.exit(EX_UNUSABLE)
    wanted = {"id": letter_id, "department": department, "reason": reason}
    letters = [each for each in open_letters(servers) if all(v in {None, each[k]} for k, v in wanted.items())]
    if what == "look" and len(letters) != 1:
        print("没有这条死信：请用 alertbus dead-letters list 查编号，已重新推送的不再列出", file=sys.stderr)
        sys.exit(EX_UNUSABLE)
    if what == "replay":
        _replay(servers, letters, as_json=as_json)
    else:
        _show(what, letters, as_json=as_json)


def _replay(servers: str, letters: list[dict[str, Any]], *, as_json: bool) -> None:
    done = replay_letters(servers, letters)
    left = len(letters) - done
    if as_json:
        print(json.dumps({"replayed": done, "left": left}))
    else:
        print(f"已重新推送 {done} 条" + (f"；{left} 条原文过长，只保留了开头，请部门重新推送" if left else ""))


def _show(what: str, letters: list[dict[str, Any]], *, as_json: bool) -> None:
    shown = counted(letters) if what == "counts" else map(looked_at if what == "look" else for_people, letters)
    for each in shown:
        if as_json:
            print(json.dumps(each, ensure_ascii=False))
        elif what == "list":
            field = each["field"] or "-"
            print(f"{each['at']}  {each['department']}  {each['id']}  {field}  {each['what_to_do']}")
        elif what == "counts":
            print(f"{each['letters']:>6}  {each['department']}  {each['reason']}  {each['what_to_do']}")
        else:
            print(json.dumps(each, ensure_ascii=False, indent=2))
