"""A published set of rules and measures, addressed by the hash of its content: all that judging a household takes."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path

from schemas.kinds import kinds_by_number
from schemas.rule_table import RuleError, Table
from streams.lacking import Lacking
from streams.measures import Measure, measures_of
from streams.readers import Candidate, Readers, candidates_of, readers_of, scales_of
from streams.regional import Regional, regional_of
from streams.relapse import Relapse, relapse_of
from streams.rule import EXAMPLES, HOUSEHOLD, Rule, place_in_order, rule_of
from streams.scales import Scale
from streams.where import Stands

RULES_FOLDER = Path(__file__).parent / "rules"
MEASURES_FILE = Path(__file__).parent / "measures.toml"
CLEARING_FILE = Path(__file__).parent / "clearing.toml"
REGIONAL_FILE = Path(__file__).parent / "regional.toml"
_MARK_CHARACTERS = 16
_MEASURES, _RULES, _CLEARING, _REGIONAL = "measures", "rules", "clearing", "regional"
_SETTINGS = frozenset(file.name for file in (MEASURES_FILE, CLEARING_FILE, REGIONAL_FILE))
"""Files that are no rules: a folder's own, where it has them, else those that come with this code."""

Values = dict[str, object]


@dataclass(frozen=True)
class RuleSet:
    """Rules and measures.

    Attributes:
        hash: SHA-256 of content, hex.
        content: canonical JSON; examples are left out.
        rules: those asked of households, by id, combinations last.
        areas: those asked of a village or township, by id.
        scales: on which facts are weighed, in the order of a household's weights.
        raising: rules that raise something, combinations last.
        readers: by Kind.number, one for every kind.
        watching: those of `raising` whose answer a tick may change.
        labour_needed: whether a household without labour may not be cleared.
        relapse: how a risk that comes back in the tracking year is taken; None in a set that says nothing of it.
        plan_days: in which a household that was included is to have its plan; None in a set that says nothing of it.
        regional: when households together make a regional alert; None in a set that says nothing of it.

    """

    hash: str
    content: str
    rules: Mapping[str, Rule]
    areas: Mapping[str, Rule]
    measures: Mapping[str, Measure]
    scales: tuple[Scale, ...]
    raising: tuple[Candidate, ...]
    readers: Mapping[int, Readers]
    watching: tuple[Candidate, ...]
    labour_needed: bool = False
    relapse: Relapse | None = None
    plan_days: int | None = None
    regional: Regional | None = None

    @cached_property
    def mark(self) -> str:
        """Beginning of the hash, by which an entity's row says what judged it: a million of them are in memory."""
        return self.hash[:_MARK_CHARACTERS]

    @classmethod
    def from_content(cls, content: str) -> RuleSet:
        """Read a published set.

        Raises:
            RuleError: it was not made by this code, or words are unknown to it.

        """
        try:
            values = json.loads(content)
            measures, rules = values[_MEASURES], values[_RULES]
        except (ValueError, KeyError, TypeError) as error:
            raise RuleError("rule set: is not JSON of measures and rules") from error
        known = measures_of(_MEASURES, measures)
        clearing = Table(_CLEARING, values.get(_CLEARING, {}))
        labour_needed, relapse, plan_days = clearing.flag("labour"), relapse_of(clearing), _plan_days(clearing)
        clearing.close()
        built = _built(content, known, {str(rule.get("id")): rule for rule in rules})
        regional = regional_of(_REGIONAL, values[_REGIONAL]) if _REGIONAL in values else None
        return replace(built, labour_needed=labour_needed, relapse=relapse, plan_days=plan_days, regional=regional)

    @classmethod
    def from_toml_folder(cls, folder: Path, measures_file: Path | None = None) -> RuleSet:
        """Read the `*.toml` of a folder.

        Raises:
            RuleError: a file cannot be read, or the first mistake in one.

        """
        files = rule_files(folder)
        measures_file = measures_file or _own(folder, MEASURES_FILE)
        measures = _read(measures_file)
        _check_names(files)
        built = _built("", measures_of(measures_file.name, measures), files)
        rules = [{k: v for k, v in files[name].items() if k != EXAMPLES} for name in _in_order(files, built)]
        settings = {_CLEARING: _read(_own(folder, CLEARING_FILE)), _REGIONAL: _read(_own(folder, REGIONAL_FILE))}
        canonical = {_MEASURES: measures, _RULES: rules, **settings}
        content = json.dumps(canonical, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return cls.from_content(content)


@cache
def shipped() -> RuleSet:
    """Rules that come with this code."""
    return RuleSet.from_toml_folder(RULES_FOLDER)


def rule_files(folder: Path = RULES_FOLDER) -> dict[str, Values]:
    """Read the rules of a folder as they stand, examples too: file name -> values."""
    return {path.name: _read(path) for path in sorted(folder.glob("*.toml")) if path.name not in _SETTINGS}


def _own(folder: Path, shipped_file: Path) -> Path:
    own = folder / shipped_file.name
    return own if own.exists() else shipped_file


def _plan_days(clearing: Table) -> int | None:
    if not clearing.has("plan"):
        return None
    table = clearing.table("plan")
    days = table.number("days")
    table.close()
    return days


def _read(path: Path) -> Values:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RuleError(f"{path.name}: cannot be read: {error}") from error


def _check_names(files: Mapping[str, Values]) -> None:
    for name, values in files.items():
        if "id" in values and name.removesuffix(".toml").partition("_")[0] != values["id"]:
            raise RuleError(f"{name}: id: the file's name begins with the rule's id and an underscore")


def _in_order(files: Mapping[str, Values], rule_set: RuleSet) -> list[str]:
    by_id = {str(values["id"]): name for name, values in files.items()}
    return [by_id[rule_id] for rule_id in sorted({*rule_set.rules, *rule_set.areas})]


def _built(content: str, measures: Mapping[str, Measure], files: Mapping[str, Values]) -> RuleSet:
    rules: dict[str, Rule] = {}
    areas: dict[str, Rule] = {}
    for name in sorted(files, key=lambda name: (place_in_order(files[name]), str(files[name].get("id")))):
        rule = rule_of(name, files[name], rules, measures)
        if rule.id in rules or rule.id in areas:
            raise RuleError(f"{name}: id: {rule.id} is the id of another rule too")
        (rules if rule.scope == HOUSEHOLD else areas)[rule.id] = rule
    helping = {asked.kind for measure in measures.values() for asked in (*measure.given, *measure.waits_for)}
    helping |= {title.kind for rule in rules.values() for title in _titles(rule)}
    scales = scales_of(rules.values())
    raising = candidates_of(rules, scales)
    readers = {kind: readers_of(kind, scales, raising, kind in helping) for kind in kinds_by_number()}
    watching = tuple(candidate for candidate in raising if candidate.watches)
    digest = hashlib.sha256(content.encode()).hexdigest()
    return RuleSet(digest, content, rules, areas, measures, scales, raising, readers, watching)


def _titles(rule: Rule) -> tuple[Stands, ...]:
    """Titles to help, as a policy is one: what an insurer owes comes before a last resort."""
    return rule.condition.entitled if isinstance(rule.condition, Lacking) else ()
