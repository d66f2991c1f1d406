"""correlate, the shell: a household's facts, rows and ticks in, versions of its one alert out. Decides nothing."""

from __future__ import annotations

import time
from typing import Any

from schemas.topics import HOUSEHOLD_EVENTS, HOUSEHOLDS_CHANGELOG
from streams.app import Out
from streams.correlate_slice import Slice
from streams.metrics import STAGE_SECONDS
from streams.rule_program import RuleProgram
from streams.state_table import Partition


class Correlate(RuleProgram):
    """Judges households by the active rule set."""

    group = "correlate"
    inputs: tuple[str, ...] = (HOUSEHOLD_EVENTS,)
    changelog = HOUSEHOLDS_CHANGELOG

    def slice(self, partition: Partition, out: Out) -> Slice:
        """Work on a partition."""
        return Slice(partition, self.books[partition.number], out, self.rules)

    async def process(self, topic: str, records: list[Any], partition: Partition, out: Out) -> None:
        """Fold records in log order; return when every effect is confirmed."""
        del topic
        work = self.slice(partition, out)
        await self.work(work, records)
        _observe(work)


def _observe(work: Slice) -> None:
    """Latency of the newest event of the batch, stage by stage."""
    if work.newest is None:
        return
    occurred, published, alerted = work.newest.fact.occurred_at, work.newest.published_at, work.alerted
    STAGE_SECONDS.labels("occurred_published").observe(max(0.0, (published - occurred) / 1000))
    STAGE_SECONDS.labels("published_correlated").observe(max(0.0, time.time() - published / 1000))
    if alerted is not None:
        STAGE_SECONDS.labels("published_alert").observe(max(0.0, time.time() - alerted / 1000))
