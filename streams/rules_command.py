"""`alertbus rules`: check a folder of rules, publish it as a set, activate a set, list what there is."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from schemas.beijing import instant
from schemas.bus import BusNotFoundError, find_bus

if TYPE_CHECKING:
    from streams.rule_set import RuleSet

_SHIPPED = Path(__file__).parent / "rules"
_FOLDER = click.Path(path_type=Path, file_okay=False, exists=True)
_ACTIVATED_BY = "alertbus rules activate"


@click.group()
def rules() -> None:
    """Rule sets: immutable, by the hash of their content."""


def _servers(data_dir: Path | None) -> str:
    try:
        return find_bus(os.environ, data_dir).bootstrap_servers
    except BusNotFoundError as error:
        print(f"alertbus rules: {error}", file=sys.stderr)
        sys.exit(2)


def _fit(folder: Path, *, as_json: bool) -> RuleSet:
    """A folder's set; whatever is wrong with it is said, and ends the command."""
    from schemas.rule_table import RuleError
    from streams.rule_check import checked

    try:
        found, wrong = checked(folder)
    except RuleError as error:
        wrong = [str(error)]
    if wrong:
        print(json.dumps({"mistakes": wrong}, ensure_ascii=False) if as_json else "\n".join(wrong))
        sys.exit(1)
    return found


@rules.command()
@click.argument("folder", type=_FOLDER, default=_SHIPPED)
@click.option("--json", "as_json", is_flag=True, help="One object.")
def check(folder: Path, *, as_json: bool) -> None:
    """Read a folder of rules and hold each against its own examples; nothing is sent."""
    found = _fit(folder, as_json=as_json)
    number = len(found.rules) + len(found.areas)
    said = {"rule_set": found.hash, "rules": number, "mistakes": []}
    print(json.dumps(said) if as_json else f"{number} 条规则，没有错误。规则集 {found.hash}")


@rules.command("table")
@click.argument("folder", type=_FOLDER, default=_SHIPPED)
def show_table(folder: Path) -> None:
    """Print all rules of a folder as one table, in Markdown and Chinese."""
    from streams.rule_set import rule_files
    from streams.rules_page import table

    print(table(_fit(folder, as_json=False), rule_files(folder)), end="")


@rules.command()
@click.argument("folder", type=_FOLDER, default=_SHIPPED)
@click.option("--json", "as_json", is_flag=True, help="One object.")
@click.option("--data-dir", envvar="ALERTBUS_DATA_DIR", type=click.Path(path_type=Path, file_okay=False))
def publish(folder: Path, data_dir: Path | None, *, as_json: bool) -> None:
    """Check a folder of rules and publish it as a set. Which set is active does not change."""
    from streams.activation import RuleWriter, published  # kafka-python: not paid for by --help

    found, servers = _fit(folder, as_json=as_json), _servers(data_dir)
    new = found.hash not in published(servers).sets
    if new:
        writer = RuleWriter(servers)
        try:
            writer.publish(found)
        finally:
            writer.close()
    said = {"rule_set": found.hash, "new": new}
    text = "已发布规则集" if new else "该规则集先前已发布："
    print(json.dumps(said) if as_json else f"{text} {found.hash}\n启用：alertbus rules activate {found.hash[:12]}")


@rules.command()
@click.argument("rule_set")
@click.option("--json", "as_json", is_flag=True, help="One object.")
@click.option("--data-dir", envvar="ALERTBUS_DATA_DIR", type=click.Path(path_type=Path, file_okay=False))
def activate(rule_set: str, data_dir: Path | None, *, as_json: bool) -> None:
    """Judge all households by a published set from here on; to roll back, activate the one before.

    RULE_SET is its hash, or the beginning of it.
    """
    from streams.activation import RuleWriter, published  # as above

    servers = _servers(data_dir)
    found = published(servers)
    named = [name for name in found.sets if name.startswith(rule_set)]
    if len(named) != 1:
        known = "、".join(name[:12] for name in found.sets)
        print(f"没有这样的规则集，或者不止一个：{rule_set}；已发布的有 {known}", file=sys.stderr)
        sys.exit(1)
    writer = RuleWriter(servers)
    try:
        writer.activate(named[0], _ACTIVATED_BY)
    finally:
        writer.close()
    print(json.dumps({"rule_set": named[0]}) if as_json else f"已启用，各户将陆续按此重新判断：{named[0]}")


@rules.command("list")
@click.option("--json", "as_json", is_flag=True, help="One object per line.")
@click.option("--data-dir", envvar="ALERTBUS_DATA_DIR", type=click.Path(path_type=Path, file_okay=False))
def list_sets(data_dir: Path | None, *, as_json: bool) -> None:
    """Show every published set, when it was activated, and which one is active."""
    from streams.activation import published  # as above

    found = published(_servers(data_dir))
    last = found.activations[-1][0] if found.activations else None
    for name, (content, at) in sorted(found.sets.items(), key=lambda each: each[1][1]):
        activated = [_time(when) for known, when in found.activations if known == name]
        said = {"rule_set": name, "rules": len(content.rules) + len(content.areas), "published_at": _time(at)}
        said |= {"activated_at": activated, "active": name == last}
        print(json.dumps(said) if as_json else _in_words(said))


def _in_words(said: dict[str, object]) -> str:
    state = "现用" if said["active"] else "未用"
    times = said["activated_at"]
    when = f"，最近启用 {times[-1]}" if isinstance(times, list) and times else ""
    return f"{said['rule_set']}  {state}  {said['rules']} 条规则，{said['published_at']} 发布{when}"


def _time(milliseconds: int) -> str:
    return instant(milliseconds).isoformat(timespec="seconds")
