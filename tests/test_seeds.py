"""What all that folds promises is tried with at least 3 000 made-up histories in every run of the tests."""

from __future__ import annotations

import re

from tests.source_tree import ROOT

LEAST = 3_000
PROMISED = {
    "order and repetition": "test_what_stands_is_what_the_set_of_facts_and_rows_says_in_any_order",
    "ticks": "test_what_stands_after_each_tick_and_between_them_is_what_the_sets_say_in_any_order",
    "batches and restarts": "test_one_log_makes_the_same_bytes_wherever_it_is_cut_and_resumed",
    "actions": "test_facts_between_the_same_actions_come_to_the_same_in_any_order",
    "workers": "test_stopped_killed_and_replaced_workers_lose_nothing_and_double_nothing",
    "another rule set": "test_slices_change_when_a_household_is_judged_and_never_what_comes_of_it",
    "who lived where": "test_every_household_counts_exactly_the_facts_of_those_who_lived_there_that_day",
    "unrelated events": "test_facts_that_a_rule_does_not_read_change_nothing_of_it",
    "raised thresholds": "test_asking_for_more_never_adds_an_alert_of_that_rule_nor_raises_it",
}
_TRIED = re.compile(r"^@seeds\(([\d_]+)\)\n(?:@.*\n)*(?:async )?def (\w+)", re.MULTILINE)


def tried() -> dict[str, int]:
    """Test -> examples in CI."""
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "tests").glob("test_*.py")]
    return {name: int(count) for text in texts for count, name in _TRIED.findall(text)}


def test_each_promise_is_tried_and_all_together_with_3_000_histories_at_least() -> None:
    found = tried()

    assert set(PROMISED.values()) <= found.keys()
    assert sum(found[name] for name in PROMISED.values()) >= LEAST


def test_order_alone_is_tried_with_3_000_and_the_cheap_promises_with_1_000() -> None:
    found = tried()

    assert sum(found[PROMISED[what]] for what in ("order and repetition", "ticks")) >= LEAST
    assert all(found[PROMISED[what]] >= 1_000 for what in ("unrelated events", "raised thresholds"))
