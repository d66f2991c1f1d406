"""A department's database for tests: an outbox of school fees, or a table with a watermark; people are made up."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, Engine, MetaData, Table, Text, insert

from producers.database.config import Feed
from tests.rows import numbered

START = datetime(2026, 3, 14, 9, tzinfo=UTC).replace(tzinfo=None)
COLUMNS = {"bill_no": "event_id", "rev": "revision"}


def fees(engine: Engine, name: str = "outbox") -> Table:
    """Make an empty table of fees, with an id that grows and the time of the last change."""
    made = Table(
        name,
        MetaData(),
        Column("id", BigInteger, primary_key=True, autoincrement=False),
        Column("changed_at", DateTime),
        Column("rev", BigInteger),
        *(Column(column, Text) for column in ("bill_no", "kind", "id_number", "occurred_at", "stage")),
        *(Column(column, Text) for column in ("due", "overdue", "overdue_days")),
    )
    made.create(engine)
    return made


def fee_row(number: int, **changes: Any) -> dict[str, Any]:
    row = {
        "id": number,
        "changed_at": START,
        "rev": 0,
        "bill_no": f"XF-{number}",
        "kind": "fee",
        "id_number": numbered(number % 1000),
        "occurred_at": "2026-03-14",
        "stage": "junior",
        "due": "1200",
        "overdue": "600.50",
        "overdue_days": "30",
    }
    return {**row, **changes}


def put(engine: Engine, table: Table, *rows: dict[str, Any]) -> None:
    with engine.begin() as conn:
        conn.execute(insert(table), list(rows))


def feed(url: str, mode: str = "outbox", **changes: Any) -> Feed:
    order = "id" if mode == "outbox" else "changed_at"
    columns = {**COLUMNS, "id": "", "changed_at": ""}
    given = {"overlap": 100, "batch": 10, "columns": columns, **changes}
    return Feed(department="education", table="outbox", mode=mode, order=order, url=url, **given)  # type: ignore[arg-type]  # one of both modes
