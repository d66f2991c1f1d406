"""What each township was last told of a household: the notifier's memory for keeping quiet. Rebuilt from Kafka."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

import msgspec
from sqlalchemy import Column, Connection, Table, Text, select

from consumers.store.metadata import METADATA, insert_into

TOLD = Table(
    "told",
    METADATA,
    Column("household_id", Text, primary_key=True),
    Column("township_code", Text, primary_key=True),
    Column("content", Text, nullable=False),  # Told, JSON
)
_KEY = (TOLD.c.household_id, TOLD.c.township_code)
_MOST_AT_ONCE = 500


class Word(NamedTuple):
    """A cause of which a township was told: how bad it was, and when (`known_at` of that version, ms)."""

    level: str
    at: int


class Told(NamedTuple):
    """What a township believes of a household.

    Attributes:
        level: of the alert, as it was last told.
        stands: False once it was told of a withdrawal or hand-over, until it hears of an alert again.
        causes: by rule.

    """

    level: str
    stands: bool
    causes: dict[str, Word]


Memory = dict[str, dict[str, Told]]
"""By household, then by township (NOWHERE where its place is not known)."""


def told_of(conn: Connection, household_ids: Collection[str]) -> Memory:
    """What townships were told of these households; who else would change it waits until this transaction's end."""
    wanted, found = sorted(household_ids), Memory()
    for start in range(0, len(wanted), _MOST_AT_ONCE):
        of_these = TOLD.c.household_id.in_(wanted[start : start + _MOST_AT_ONCE])
        for household, township, content in conn.execute(
            select(TOLD).where(of_these).order_by(*_KEY).with_for_update()
        ):
            found.setdefault(household, {})[township] = msgspec.json.decode(content, type=Told)
    return found


def remember_told(conn: Connection, told: Mapping[str, Mapping[str, Told]]) -> None:
    """Put what townships were told now in the place of what was remembered."""
    rows = [
        {"household_id": household, "township_code": township, "content": msgspec.json.encode(one).decode()}
        for household, by_township in sorted(told.items())
        for township, one in sorted(by_township.items())
    ]
    if rows:
        new = insert_into(conn, TOLD)
        conn.execute(new.on_conflict_do_update(index_elements=_KEY, set_={"content": new.excluded.content}), rows)
