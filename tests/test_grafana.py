"""The dashboard is whole, and asks for metrics that programs export; what it shows: test_prometheus_township.py."""

from __future__ import annotations

import re
from itertools import combinations

import pytest

from tests.dashboard import FOLDER, PANELS, VARIABLES, metrics_in, queries, resolved
from tests.source_tree import ROOT, program_files, string_literals, text_of

RULES = "deploy/prometheus/alerts.yml"
SETTINGS = ROOT / "deploy" / "prometheus" / "prometheus.yml"
WIDTH = 24
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def exported() -> set[str]:
    """Names of metrics that programs export, without `_total`."""
    literals = {text for path in program_files() for text, _ in string_literals(path)}
    return {name.removesuffix("_total") for name in literals if re.fullmatch(r"alertbus_[a-z_]+", name)}


def cells(panel: dict[str, dict[str, int]]) -> set[tuple[int, int]]:
    at = panel["gridPos"]
    return {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}


def test_every_metric_of_rules_and_dashboard_is_exported_by_some_program() -> None:
    named = metrics_in(text_of(RULES)) | {name for _, query in queries() for name in metrics_in(query)}

    assert named - exported() == set()
    assert len(named) > 15


def test_every_metric_is_in_the_manual() -> None:
    manual = set(re.findall(r"`(alertbus_[a-z_]+)", text_of("docs/operations.md")))

    assert exported() - {name.removesuffix("_total") for name in manual} == set()


def test_panels_are_named_in_chinese_each_once_and_lie_beside_each_other() -> None:
    assert [panel["title"] for panel in PANELS if not CHINESE.search(panel["title"])] == []
    assert len({panel["title"] for panel in PANELS}) == len({panel["id"] for panel in PANELS}) == len(PANELS)
    assert [panel["title"] for panel in PANELS if max(x for x, _ in cells(panel)) >= WIDTH] == []
    assert [(a["title"], b["title"]) for a, b in combinations(PANELS, 2) if cells(a) & cells(b)] == []


def test_every_panel_asks_the_prometheus_that_is_provisioned() -> None:
    provisioned = (FOLDER / "provisioning" / "datasources" / "alertbus.yml").read_text(encoding="utf-8")
    asked = {panel["datasource"]["uid"] for panel in PANELS} | {each["datasource"]["uid"] for each in VARIABLES}

    assert re.findall(r"^ +uid: (\w+)$", provisioned, re.MULTILINE) == list(asked)
    interval = re.findall(r"timeInterval: (\w+)", provisioned)
    assert re.findall(r"scrape_interval: (\w+)", SETTINGS.read_text(encoding="utf-8")) == interval


def test_no_variable_is_left_in_a_query() -> None:
    assert [query for _, query in queries() if "$" in resolved(query)] == []


@pytest.mark.parametrize("name", [each["name"] for each in VARIABLES])
def test_every_variable_is_used(name: str) -> None:
    assert any(f"${name}" in query for _, query in queries())


def test_what_several_programs_show_of_one_store_is_never_added_up() -> None:
    of_the_store = "alertbus_stored_alerts|alertbus_red_[a-z_]+|alertbus_outbox_[a-z_]+|alertbus_deliveries_pending"
    asked = [query for _, query in queries()] + re.findall(r"expr: (.*)", text_of(RULES))
    greatest = re.compile(rf"max(?: by \([a-z, ]+\) )?\((?:{of_the_store})")

    assert [q for q in asked if len(re.findall(of_the_store, q)) != len(greatest.findall(q))] == []
