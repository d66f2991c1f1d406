"""Whether every row of a delivery is accounted for. Pure; records may come in any order and as often as they like.

    rows = applied + duplicate + parked + rejected + dead_lettered + waiting, and nothing waits in the end

What a row became is said by `feed.outcomes`, how many there are by `feed.deliveries`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from schemas.beijing import day_of, milliseconds
from schemas.departments import BY_CODE

_BEGAN = re.compile(r"-(\d{14})-")


class Totals(NamedTuple):
    """First outcomes of a batch's records on all partitions, and how many of them wait for the register now."""

    applied: int = 0
    duplicate: int = 0
    parked: int = 0
    dead_lettered: int = 0
    parked_now: int = 0

    @property
    def seen(self) -> int:
        """Records that were counted."""
        return self.applied + self.duplicate + self.parked + self.dead_lettered


class Became(NamedTuple):
    """What became of accepted rows so far.

    Attributes:
        waiting: of which the processors have not said anything yet.
        repeated: records over and above the rows, which a killed sender sent once more; counted in no other part.
        surplus: records over and above the rows that nobody knew as a repetition: there are none.

    """

    applied: int
    duplicate: int
    parked: int
    dead_lettered: int
    waiting: int
    repeated: int
    surplus: int

    @property
    def adds_up(self) -> bool:
        """Whether every row is accounted for, and nothing else."""
        return not self.waiting and not self.surplus


def became(accepted: int, totals: Totals, replayed: int = 0) -> Became:
    """What became of so many rows, of which `replayed` were dead letters and were published again after a fix."""
    repeated = max(totals.seen - accepted - replayed, 0)
    known = min(repeated, totals.duplicate)
    letters = max(totals.dead_lettered - replayed, 0)
    again = min(repeated - known, letters)
    return Became(
        totals.applied + totals.parked - totals.parked_now,
        totals.duplicate - known,
        totals.parked_now,
        letters - again,
        max(accepted + replayed - totals.seen, 0),
        repeated,
        repeated - known - again,
    )


class Delivered(NamedTuple):
    """A delivery as its sender put it on the bus; see delivery.avsc. Of two under one batch id the greater stands."""

    delivered_at: int
    accepted: int
    rejected: int
    source: str
    covers_to: int | None
    sha256: str
    rejected_by: tuple[tuple[str, int], ...] = ()

    @property
    def rank(self) -> tuple[Any, ...]:
        """Order of deliveries under one batch id."""
        return self[:4], -1 if self.covers_to is None else self.covers_to, self[5:]

    @property
    def covers(self) -> int:
        """Day up to which the feed is complete with it; see `schemas.feed_calendar.positions_after`."""
        return day_of(self.delivered_at) if self.covers_to is None else self.covers_to


class Batch(NamedTuple):
    """A delivery and what became of it; `delivered` is None where its sender has not ended it, or never will."""

    department: str
    batch_id: str
    delivered: Delivered | None
    became: Became

    @property
    def rows(self) -> int | None:
        """Rows that were handed in."""
        return self.delivered and self.delivered.accepted + self.delivered.rejected

    @property
    def at(self) -> int | None:
        """When it was delivered, or began; ms."""
        return self.delivered.delivered_at if self.delivered else began_at(self.batch_id)


@dataclass(slots=True)
class Books:
    """What was read of deliveries and outcomes; the register's deliveries have no outcomes and are left out."""

    delivered: dict[tuple[str, str], Delivered] = field(default_factory=dict)
    outcomes: dict[tuple[str, str], dict[int, tuple[int, Totals]]] = field(default_factory=dict)

    def take(self, name: str, content: Mapping[str, Any], offset: int) -> None:
        """Take in a decoded record of either topic; others change nothing."""
        if name == "delivery" and content["department"] in BY_CODE:
            self._deliver(content)
        elif name == "outcome":
            totals = Totals(*(content[each] for each in Totals._fields))
            parts = self.outcomes.setdefault((content["department"], content["batch_id"]), {})
            known_offset, known = parts.get(content["partition"], (-1, Totals()))
            if (totals.seen, offset) >= (known.seen, known_offset):  # who was held up and told late has seen less
                parts[content["partition"]] = offset, totals

    def _deliver(self, content: Mapping[str, Any]) -> None:
        found = Delivered(
            content["delivered_at"],
            content["accepted"],
            content["rejected"],
            content["source"],
            content["covers_to"],
            content["content_sha256"],
            tuple(sorted(content["rejected_by"].items())),
        )
        key = content["department"], content["batch_id"]
        self.delivered[key] = max(self.delivered.get(key, found), found, key=lambda each: each.rank)

    def totals(self, key: tuple[str, str]) -> Totals:
        """Sum of a batch's partitions."""
        return Totals(*map(sum, zip(*(part for _, part in self.outcomes.get(key, {}).values()), strict=True)))

    def batches(self, replayed: Mapping[str, int] | None = None) -> Iterator[Batch]:
        """Every batch, by department and id; `replayed` letters by batch id, see `became`."""
        for key in sorted({*self.delivered, *self.outcomes}):
            found = self.delivered.get(key)
            totals = self.totals(key)
            accepted = found.accepted if found else totals.seen
            yield Batch(*key, found, became(accepted, totals, (replayed or {}).get(key[1], 0)))

    def unaccounted(self, since: int, until: int) -> dict[str, int]:
        """Department -> rows that are not accounted for, of deliveries from `since` to `until`, ms.

        Letters that were replayed are taken for repetitions: without `dead.letters` they are not told apart.
        """
        found = dict.fromkeys(BY_CODE, 0)
        for batch in self.batches():
            if batch.delivered and since <= batch.delivered.delivered_at <= until:
                found[batch.department] += batch.became.waiting + batch.became.surplus
        return found

    def forget(self, before: int) -> None:
        """Drop what was delivered, or began, before then, ms."""
        old = [(batch.department, batch.batch_id) for batch in self.batches() if batch.at is None or batch.at < before]
        for key in old:
            self.delivered.pop(key, None)
            self.outcomes.pop(key, None)


def began_at(batch_id: str) -> int | None:
    """When a run began, by its batch id, ms; None where that is nobody's of ours."""
    found = _BEGAN.search(batch_id)
    try:
        return milliseconds(datetime.strptime(found[1], "%Y%m%d%H%M%S")) if found else None  # noqa: DTZ007  # Beijing
    except ValueError:
        return None
