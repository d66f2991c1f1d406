"""A fifteenth department costs its schema, one line and an example; everything else picks it up."""

from __future__ import annotations

import filecmp
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from schemas.departments import DEPARTMENTS, Department
from schemas.kinds import Kind, all_kinds
from tests.source_tree import PACKAGES, ROOT, text_of

CODE, NAME = "forestry", "林草"
LAST_LINE = '    Department("rural_revitalisation", 14, "乡村振兴"),\n'
LINE = f'    Department("{CODE}", 15, "{NAME}"),\n'
LISTS = "schemas/departments.py"
COST = {LISTS, f"schemas/{CODE}.avsc", f"schemas/examples/{CODE}.json"}
RULE = """
id = "R99"
version = 1
title = "林木被毁"
basis = "assumption"
cause = "disaster"
measures = ["M16"]
window_days = 365
wording = "{period}，林木受损。"

[condition]
type = "count"
kind = "forestry.tree_loss"
where.cause = ["fire"]

[[levels]]
level = "orange"
at_least = 1

[[examples]]
title = "林木着火：橙色"
facts = ["2023-03-14 forestry.tree_loss loss=8200 cause=fire"]
expect = "orange"

[[examples]]
title = "虫害：不预警"
facts = ["2023-03-14 forestry.tree_loss loss=8200 cause=pest"]
expect = "none"
"""
FIELDS = [
    {"name": "loss_fen", "type": "long", "title": "损失金额"},
    {
        "name": "cause",
        "type": {"type": "enum", "name": "TreeLossCause", "symbols": ["fire", "pest"]},
        "title": "损失原因",
    },
]
FILE = """事件编号,业务类型,户编号,发生时间,损失金额,损失原因
LC-1,tree_loss,H0001001,2026-03-14,8200.50,fire
LC-2,tree_loss,H0001001,2026-03-15,100,storm
"""


def schema() -> dict[str, Any]:
    """The department's schema: the envelope that all have, and a kind of its own."""
    drawn: dict[str, Any] = json.loads(text_of("schemas/housing.avsc"))
    kind = {"type": "record", "name": "TreeLoss", "title": "林木损失", "standing": False, "fields": FIELDS}
    body = {**drawn["fields"][-1], "type": ["null", kind]}
    fields = [*drawn["fields"][:-1], body]
    return {**drawn, "namespace": f"alertbus.{CODE}", "name": "ForestryEvent", "fields": fields}


def examples() -> list[dict[str, Any]]:
    first: dict[str, Any] = json.loads(text_of("schemas/examples/housing.json"))[0]
    event = {**first, "department": CODE, "kind": "tree_loss", "body": {"loss_fen": 820050, "cause": "fire"}}
    return [event, {**event, "revision": 1, "retracted": True, "body": None}]


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project with one department more, and a rule that reads it."""
    copy = tmp_path_factory.mktemp("fifteen")
    for name in (*PACKAGES, "tests"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", "guards", "bench"))
    (copy / f"schemas/{CODE}.avsc").write_text(json.dumps(schema()), encoding="utf-8")
    (copy / f"schemas/examples/{CODE}.json").write_text(json.dumps(examples()), encoding="utf-8")
    lines = text_of(LISTS)
    assert lines.count(LAST_LINE) == 1
    (copy / LISTS).write_text(lines.replace(LAST_LINE, LAST_LINE + LINE), encoding="utf-8")
    (copy / "streams/rules/R99_trees.toml").write_text(RULE, encoding="utf-8")
    (copy / "trees.csv").write_text(FILE, encoding="utf-8")
    return copy


def run(tree: Path, *arguments: str) -> str:
    command = (sys.executable, "-m", *arguments)
    done = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def differing(tree: Path) -> Iterator[str]:
    """Files of the copied `schemas` and `producers` that are not as they were."""
    for path in sorted(path for name in ("schemas", "producers") for path in (tree / name).rglob("*.*")):
        relative = str(path.relative_to(tree))
        if path.is_file() and "__pycache__" not in relative:
            ours = ROOT / relative
            if not ours.exists() or not filecmp.cmp(ours, path, shallow=False):
                yield relative


def test_a_fifteenth_department_costs_a_schema_a_line_and_an_example(tree: Path) -> None:
    before, after = text_of(LISTS).splitlines(), (tree / LISTS).read_text(encoding="utf-8").splitlines()

    assert set(differing(tree)) == COST
    assert len(after) == len(before) + 1


def test_its_file_is_published_folded_judged_and_counted_again(tree: Path) -> None:
    said = json.loads(run(tree, "tests.fifteenth", CODE, "trees.csv"))

    assert said["accepted"] == 1
    assert said["rejected"] == [[2, "cause", "不在可选值之内，应为 fire、pest 之一：请改正"]]
    assert said["topics"] == [f"events.{CODE}", "feed.deliveries"]
    assert (said["level"], said["causes"]) == ("orange", [["R99", ["LC-1"]]])
    assert said["live"] == said["recounted"]


def test_tests_that_walk_the_data_pick_it_up(tree: Path) -> None:
    walking = ("tests/test_examples.py", "tests/test_department_rules.py")
    said = run(tree, "pytest", "-q", "-p", "no:cacheprovider", *walking, "-k", CODE)

    assert "6 passed" in said


def test_its_page_and_sample_file_are_made_too(tree: Path) -> None:
    page = run(tree, "deploy.cli", "departments", "page", CODE)

    assert "林木损失（`tree_loss`）" in page
    assert f"/v1/events/{CODE}" in page
    assert "8200.50" in run(tree, "deploy.cli", "departments", "sample", CODE)


def documented(department: Department) -> str:
    """A department's row in the manual."""
    kinds = [kind for kind in all_kinds().values() if kind.department == department]
    said = " · ".join(f"`{kind.name}` {kind.title} ({_counting(kind)})" for kind in kinds)
    return f"| `{department.code}` {department.name} | {said} |"


def _counting(kind: Kind) -> str:
    return "village" if kind.area else "stands" if kind.standing else "counted"


def test_the_manual_lists_every_department_with_its_kinds_in_order() -> None:
    manual = text_of("docs/architecture.md")

    assert "\n".join(map(documented, DEPARTMENTS)) in manual


def test_there_are_fourteen_departments_and_every_kind_of_the_design() -> None:
    assert [d.number for d in DEPARTMENTS] == list(range(1, 15))
    assert {d.code: {kind for owner, kind in all_kinds() if owner == d.code} for d in DEPARTMENTS} == {
        "health_insurance": {"settlement", "enrolment"},
        "civil_affairs": {"dibao_change", "temp_relief", "tekun_change"},
        "housing": {"inspection", "renovation"},
        "education": {"enrolment", "fee", "aid"},
        "health": {"major_disease", "chronic_cert", "epidemic_impact"},
        "disability": {"cert", "subsidy"},
        "water": {"outage", "quality"},
        "human_resources": {"employment", "public_post"},
        "emergency": {"warning", "household_loss"},
        "agriculture": {"loss", "project_failure"},
        "transport": {"access"},
        "finance": {"microloan"},
        "insurers": {"claim", "coverage"},
        "rural_revitalisation": {"income", "self_report", "visit", "household_change"},
    }
