"""The list of rules that officials read is that of the rules at work."""

from __future__ import annotations

from click.testing import CliRunner

from deploy.cli import main
from streams.rule_set import rule_files
from streams.rules_page import HEADINGS
from tests.source_tree import ROOT

PAGE = ROOT / "docs/rules.md"


def printed() -> str:
    answer = CliRunner().invoke(main, ["rules", "table"])
    assert answer.exit_code == 0, answer.output
    return answer.output


def test_the_page_of_rules_has_the_table_of_the_rules_as_they_are() -> None:
    assert printed() in PAGE.read_text(encoding="utf-8")


def test_every_rule_has_a_row_that_says_on_what_it_rests() -> None:
    rows = {row.split(" | ")[0].removeprefix("| "): row for row in printed().splitlines()[2:]}

    assert rows.keys() == {str(values["id"]) for values in rule_files().values()} | {"R24"}
    assert "比原因高1级，关注不提高" in rows["R24"]
    for values in rule_files().values():
        row = rows[str(values["id"])]
        assert row.count(" | ") == len(HEADINGS) - 1
        assert ("暂定" if values["basis"] == "assumption" else str(values["basis"])) in row


def test_a_line_is_shown_with_its_year_and_for_whom() -> None:
    assert "2021年起 低收入户10000、一般户26000" in printed()
