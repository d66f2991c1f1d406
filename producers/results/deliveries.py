"""One line for each delivery of a department: rows, what became of them, alerts that came of them. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from producers.report.number import number_in
from producers.results.came_of import CameOf, Verdicts
from producers.results.letters import Letters
from schemas.beijing import date_of, day_number, day_of, instant
from schemas.conservation import Batch, Books

Line = dict[str, object]
_PARTS = ("applied", "duplicate", "parked", "dead_lettered", "waiting", "repeated")


@dataclass(slots=True)
class Read:
    """All that was read of a department."""

    department: str
    books: Books = field(default_factory=Books)
    came_of: CameOf = field(init=False)
    letters: Letters = field(init=False)

    def __post_init__(self) -> None:
        """Nothing is known yet."""
        self.came_of = CameOf(self.department)
        self.letters = Letters(self.department)

    def batches(self, month: date | None) -> list[Batch]:
        """Its batches, oldest first; of one month only, by the day of delivery, or all. Self-reports are none."""
        found = (each for each in self.books.batches(self.letters.replays()) if self._is_own(each))
        return sorted(filter(lambda each: month is None or _in_month(each, month), found), key=_oldest_first)

    def _is_own(self, batch: Batch) -> bool:
        return batch.department == self.department and number_in(batch.batch_id) is None


def days_of(month: date) -> range:
    """Beijing days of a month, which is given by its first day."""
    after = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    return range(day_number(month), day_number(after))


def _in_month(batch: Batch, month: date) -> bool:
    return batch.at is not None and day_of(batch.at) in days_of(month)


def _oldest_first(batch: Batch) -> tuple[int, str]:
    return batch.at or 0, batch.batch_id


def lines(read: Read, month: date | None) -> Iterator[Line]:
    """The shape of `alertbus deliveries --json`, one object for each batch."""
    by_batch = read.came_of.by_batch()
    for batch in read.batches(month):
        yield line_of(batch, read.came_of.verdicts(by_batch.get(batch.batch_id, ())))


def line_of(batch: Batch, verdicts: Verdicts) -> Line:
    """A batch; `rows` is null where its sender has not ended it."""
    found = batch.delivered
    covers = found.covers_to if found else None
    return {
        "batch_id": batch.batch_id,
        "state": "delivered" if found else "unfinished",
        "source": found.source if found else None,
        "delivered_at": None if batch.at is None else instant(batch.at).isoformat(timespec="seconds"),
        "covers_to": None if covers is None else date_of(covers).isoformat(),
        "content_sha256": found.sha256 if found else None,
        "rows": batch.rows,
        "rejected": found.rejected if found else None,
        **{part: getattr(batch.became, part) for part in _PARTS},
        "adds_up": found is not None and batch.became.adds_up,
        "came_of_it": verdicts._asdict(),
    }


def in_words(line: dict[str, Any]) -> str:
    """Two lines for people."""
    rows = "未推送完" if line["rows"] is None else f"{line['rows']} 行，退回 {line['rejected']}"
    parts = (
        f"采用 {line['applied']}，重复 {line['duplicate']}，待登记 {line['parked']}，"
        f"无法处理 {line['dead_lettered']}，处理中 {line['waiting']}"
    )
    sum_of = "相符" if line["adds_up"] else "不相符"
    came = line["came_of_it"]
    verdicts = f"属实 {came['confirmed']}，不属实 {came['rejected']}，已有帮扶 {came['already_covered']}"
    at = (line["delivered_at"] or "")[:16].replace("T", " ")
    return f"{at}  {line['batch_id']}  {rows}；{parts}；行数{sum_of}\n    预警 {came['alerts']}：{verdicts}"
