"""Who may import whom: programs share schemas only, and what decides knows no broker, network or loop."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions

from tests.source_tree import PACKAGES, module_of, program_files, tree_of

OWN_NAME = "household-alert-bus"
PROGRAMS = frozenset(("producers", "streams", "consumers"))
COMPOSITION_ROOT = "deploy"

OUTSIDE_WORLD = frozenset(
    (
        *("faust", "mode", "kafka", "aiokafka", "httpx", "prometheus_client", "asyncio"),
        *("click", "http", "logging", "signal", "socket", "subprocess", "threading", "urllib"),
    )
)
SHELLS = frozenset(
    (
        "consumers.__main__",
        "consumers.commands",
        "consumers.channels.webhook",
        "consumers.inbox.app",
        "consumers.inbox.bus_watch",
        "consumers.inbox.door",
        "consumers.inbox.program",
        "consumers.inbox.publisher",
        "consumers.metrics",
        "consumers.notify",
        "consumers.notify_gauges",
        "consumers.notify_lanes",
        "consumers.notify_log",
        "consumers.notify_sender",
        "producers.__main__",
        "producers.commands",
        "producers.database.metrics",
        "producers.database.program",
        "producers.gateway.app",
        "producers.gateway.arriving",
        "producers.gateway.bus",
        "producers.gateway.bus_reader",
        "producers.gateway.desk",
        "producers.gateway.door",
        "producers.gateway.program",
        "producers.gateway.rows",
        "producers.gateway.watched",
        "producers.keys_command",
        "producers.log_reader",
        "producers.makers",
        "producers.metrics",
        "producers.patient",
        "producers.report.api",
        "producers.report.app",
        "producers.report.carrier",
        "producers.report.desk",
        "producers.report.follower",
        "producers.report.gauges",
        "producers.report.hotline",
        "producers.report.metrics",
        "producers.report.pages",
        "producers.report.program",
        "producers.report.visit",
        "producers.report.watched",
        "producers.reports_command",
        "producers.sdk.courier",
        "producers.sdk.direct",
        "producers.sdk.gateway_client",
        "producers.sdk.publisher",
        "producers.sdk.spool",
        "producers.sdk.spool_file",
        "producers.send",
        "schemas.failpoints",
        "schemas.failstop",
        "schemas.readers.apart",
        "schemas.recurring",
        "schemas.serving",
        "streams.__main__",
        "streams.activation",
        "streams.alerts_command",
        "streams.app",
        "streams.area_program",
        "streams.area_slice",
        "streams.area_sources",
        "streams.assign_program",
        "streams.assign_slice",
        "streams.clock_program",
        "streams.commands",
        "streams.correlate_program",
        "streams.correlate_slice",
        "streams.dead_letters_command",
        "streams.entity_slice",
        "streams.explain_command",
        "streams.explain_log",
        "streams.failstop",
        "streams.lag",
        "streams.fetched",
        "streams.follow_up_command",
        "streams.ledgers",
        "streams.log_reader",
        "streams.metrics",
        "streams.ownership",
        "streams.reconcile_command",
        "streams.record_batches",
        "streams.rule_program",
        "streams.recovery",
        "streams.rules_command",
        "streams.sending",
        "streams.silence_command",
        "streams.silence_log",
        "streams.sources",
        "streams.state_table",
        "streams.tick_command",
        "streams.ticking",
        "streams.transport",
        "streams.turns",
        "streams.watchdog",
    )
)
"""The files that carry; every other file of schemas, producers, streams and consumers decides, and is pure."""


def imported_by(path: str) -> set[str]:
    """Modules that a file imports when it runs, wherever the import stands."""
    tree = tree_of(path)
    for_types_only = {id(inner) for block in _type_checking_blocks(tree) for inner in ast.walk(block)}
    return {name for node in ast.walk(tree) if id(node) not in for_types_only for name in _names(node)}


def _type_checking_blocks(tree: ast.Module) -> Iterator[ast.If]:
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) in {"TYPE_CHECKING", "typing.TYPE_CHECKING"}:
            yield node


def _names(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        assert node.level == 0, f"relative import, line {node.lineno}"
        assert node.module
        own = {f"{node.module}.{alias.name}" for alias in node.names} & modules().keys()
        yield from own or {node.module}


@cache
def modules() -> dict[str, str]:
    """Module -> path, of all packages."""
    return {module_of(path): path for path in program_files()}


def reached_from(module: str) -> dict[str, str]:
    """Everything outside the project that a module needs, with the file of ours that imports it."""
    found: dict[str, str] = {}
    seen: set[str] = set()
    waiting = [module]
    while waiting:
        here = waiting.pop()
        if here in seen:
            continue
        seen.add(here)
        for name in imported_by(modules()[here]):
            if name in modules():
                waiting.append(name)
            else:
                found.setdefault(name.split(".")[0], here)
    return found


def test_programs_import_schemas_and_themselves_never_one_another() -> None:
    wrong = [
        f"{path} imports {name}"
        for path in program_files()
        if (package := path.split("/")[0]) != COMPOSITION_ROOT
        for name in imported_by(path)
        if name.split(".")[0] in PACKAGES
        and name.split(".")[0] not in ({package, "schemas"} if package in PROGRAMS else {"schemas"})
    ]

    assert wrong == []


def test_what_decides_reaches_no_broker_network_loop_log_or_metric() -> None:
    wrong = [
        f"{module} reaches {name} through {by}"
        for module in sorted(modules())
        if module.split(".")[0] != COMPOSITION_ROOT and module not in SHELLS
        for name, by in reached_from(module).items()
        if name in OUTSIDE_WORLD
    ]

    assert wrong == []


def test_no_file_is_called_a_shell_without_need() -> None:
    assert [shell for shell in sorted(SHELLS) if shell not in modules()] == []
    assert [shell for shell in sorted(SHELLS) if not reached_from(shell).keys() & OUTSIDE_WORLD] == []


def test_no_foreign_package_owns_our_names() -> None:
    owners = packages_distributions()

    assert {name: set(owners.get(name, ())) - {OWN_NAME} for name in PACKAGES} == {name: set() for name in PACKAGES}
