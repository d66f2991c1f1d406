"""area, the shell: signals of households and events of villages in, versions of area alerts out. Decides nothing."""

from __future__ import annotations

from schemas.topics import AREAS_CHANGELOG, TOWNSHIP_EVENTS
from streams.app import Out
from streams.area_slice import Slice
from streams.rule_program import RuleProgram
from streams.state_table import Partition


class Area(RuleProgram):
    """Judges villages and townships by the active rule set."""

    group = "area"
    inputs: tuple[str, ...] = (TOWNSHIP_EVENTS,)
    changelog = AREAS_CHANGELOG

    def slice(self, partition: Partition, out: Out) -> Slice:
        """Work on a partition."""
        return Slice(partition, self.books[partition.number], out, self.rules)
