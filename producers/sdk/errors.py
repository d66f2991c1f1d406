"""What can go wrong when a program sends, each with what to do, in Chinese and English. No text repeats a row's value.

PublisherError
    SettingError          the publisher was made with something that cannot be: correct it
    RowRefusedError       this row is wrong: correct it; it is not in the spool
    SpoolError            the rows of this call are not in the spool: send them again once it is mended
        SpoolFullError        as much waits as may
        SpoolDamagedError     the file cannot be read: put it aside, begin a new one
    GatewayRefusesError   the gateway takes nothing from this publisher: mend key, signature, clock or address; what is
                          in the spool stays there
    NotDeliveredError     not yet: what is in the spool stays there and goes out later
"""

from __future__ import annotations

from typing import NamedTuple


class Problem(NamedTuple):
    """Why a row was not taken.

    Attributes:
        row: its number, from 1, in the call or batch.
        field: the column.
        rule: the same for programs.
        reason: plain Chinese, says what to do.
        reason_en: English.

    """

    row: int
    field: str
    rule: str
    reason: str
    reason_en: str

    def __str__(self) -> str:
        """Both texts."""
        return f"第 {self.row} 行 {self.field}：{self.reason} / row {self.row}, {self.field}: {self.reason_en}"


class PublisherError(Exception):
    """The tree above."""


class SettingError(PublisherError):
    """The publisher was made with something that cannot be."""


class RowRefusedError(PublisherError):
    """This row is wrong."""

    def __init__(self, problem: Problem) -> None:
        """Keep what is wrong."""
        super().__init__(str(problem))
        self.problem = problem


class SpoolError(PublisherError):
    """The spool does not take rows.

    Attributes:
        taken: how many rows of the call are in the spool nevertheless.

    """

    taken = 0


class SpoolFullError(SpoolError):
    """As much waits as may."""


class SpoolDamagedError(SpoolError):
    """The file cannot be read."""


class GatewayRefusesError(PublisherError):
    """The gateway takes nothing from this publisher."""


class NotDeliveredError(PublisherError):
    """Not yet."""
