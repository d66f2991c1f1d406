"""What people read is what the code says: settings, metrics, commands, files, rules, reasons."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator

from consumers.settings import SETTINGS as CONSUMER_SETTINGS
from deploy.cli import main
from producers.settings import SETTINGS as PRODUCER_SETTINGS
from schemas.faults import FAULTS
from schemas.reasons import REASONS
from streams.settings import SETTINGS as STREAM_SETTINGS
from tests.source_tree import ROOT, program_files, string_literals, text_of, tracked, tree_of

DEFAULTS = {s.name: s.default for s in STREAM_SETTINGS} | {s.name: s.default for s in CONSUMER_SETTINGS}
DEFAULTS |= {s.name: s.default for s in PRODUCER_SETTINGS}
OPERATIONS = "docs/operations.md"
SETTING = re.compile(r"(?:ALERTBUS_[A-Z_]+|KAFKA_BOOTSTRAP_SERVERS)")
METRIC = re.compile(r"alertbus_[a-z_]+")
COMMAND = re.compile(r"alertbus ([a-z]+(?:-[a-z]+)*)")
FILE = re.compile(r"`([\w./-]+/[\w.-]+\.\w+)`")
LINK = re.compile(r"\]\(([^)#:]+)\)")
PLACE_OF_REASON = {"SchemaError": 0, "Problem": 0, "FieldError": 1, "dead_letter": 2, "_refuse": 2}
"""Function -> which argument is the code of a reason."""


def literals(path: str) -> set[str]:
    return {text for text, _ in string_literals(path)}


def literals_like(pattern: re.Pattern[str]) -> set[str]:
    return {text for path in program_files() for text in literals(path) if pattern.fullmatch(text)}


def written_in_table(text: str) -> set[str]:
    """Names that stand in the first cell of a table's row."""
    return {name for row in re.findall(r"^\| (`.*?) \|", text, re.MULTILINE) for name in re.findall(r"`([^`{]+)", row)}


def reason_codes() -> Iterator[tuple[str, str]]:
    """Every reason that some code gives, and where."""
    for path in program_files():
        for node in ast.walk(tree_of(path)):
            for value in _given_by(node):
                if isinstance(value, ast.Constant) and isinstance(value.value, str):
                    yield value.value, f"{path}:{value.lineno}"


def _given_by(node: ast.AST) -> Iterator[ast.expr]:
    if isinstance(node, ast.Call):
        name = ast.unparse(node.func).rpartition(".")[2]
        place = PLACE_OF_REASON.get(name)
        if place is not None and len(node.args) > place:
            yield node.args[place]
    elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "reason":
        yield node.value


def rules() -> dict[str, dict[str, object]]:
    paths = [path for path in tracked() if path.startswith("streams/rules/") and path.endswith(".toml")]
    return {path: tomllib.loads(text_of(path)) for path in paths}


def test_every_setting_is_explained_and_every_explained_one_exists() -> None:
    in_code = literals_like(SETTING) | DEFAULTS.keys()
    explained = {name for name in written_in_table(text_of(OPERATIONS)) if SETTING.fullmatch(name)}

    assert in_code - explained == set()
    assert explained - in_code == set()


def test_defaults_in_the_manual_are_those_in_code() -> None:
    manual = text_of(OPERATIONS)

    assert [n for n, value in DEFAULTS.items() if value and f"`{n}` [{_as_written(value)}]" not in manual] == []


def _as_written(default: str) -> str:
    return default if default.isdigit() else f"`{default}`"


def test_every_metric_is_explained_and_every_explained_one_exists() -> None:
    in_code = {name.removesuffix("_total") for name in literals_like(METRIC)}
    explained = {
        name.removesuffix("_total") for name in written_in_table(text_of(OPERATIONS)) if METRIC.fullmatch(name)
    }

    assert in_code - explained == set()
    assert explained - in_code == set()


def test_every_command_that_is_written_down_can_be_run() -> None:
    documents = ("README.md", "README.zh-CN.md", OPERATIONS)
    written = {command for path in documents for command in COMMAND.findall(text_of(path))} - {"command"}

    assert written - main.commands.keys() == set()


def test_the_readme_shows_the_two_commands_and_the_makefile_has_them() -> None:
    assert {"make demo", "make test"} <= set(re.findall(r"make \w+", text_of("README.md")))
    assert set(re.findall(r"^make (\w+)", text_of("README.md"), re.MULTILINE)) <= set(
        re.findall(r"^(\w+):", text_of("Makefile"), re.MULTILINE)
    )


def test_every_file_that_the_documents_name_exists() -> None:
    documents = [path for path in tracked() if path.endswith(".md")]
    missing = [
        f"{document} names {name}"
        for document in documents
        for name in (*FILE.findall(text_of(document)), *LINK.findall(text_of(document)))
        if not any(ROOT.glob(name.replace("NAME", "*"))) and not (ROOT / document).parent.joinpath(name).exists()
    ]

    assert missing == []


def test_every_rule_says_on_what_it_rests_and_shows_both_ways() -> None:
    assert rules()
    for path, rule in rules().items():
        examples = rule["examples"]
        assert rule["basis"], path
        assert rule["title"], path
        assert isinstance(examples, list), path
        expected = {example["expect"] for example in examples}
        assert "none" in expected, f"{path} has no example in which it does not hold"
        assert len(expected) > 1, f"{path} has no example in which it holds"


def test_every_reason_that_code_gives_has_chinese_words_that_say_what_to_do() -> None:
    given = dict(reason_codes())

    assert {code: where for code, where in given.items() if code not in REASONS and code not in FAULTS} == {}
    in_code = {text for path in program_files() if path != "schemas/reasons.py" for text in literals(path)}
    assert REASONS.keys() - in_code == set()
    assert [code for code, words in {**REASONS, **FAULTS}.items() if "：" not in words] == []
