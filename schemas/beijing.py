"""Days of the Beijing calendar, which has had no daylight saving since 1991: UTC+8."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

BEIJING = timezone(timedelta(hours=8))
DAY_MS = 86_400_000
_EPOCH = date(1970, 1, 1)
_OFFSET_MS = 8 * 3_600_000


def day_of(instant_ms: int) -> int:
    """Beijing calendar day (days since 1970-01-01) of an instant in milliseconds."""
    return (instant_ms + _OFFSET_MS) // DAY_MS


def start_of(day: int) -> int:
    """First millisecond of a Beijing calendar day."""
    return day * DAY_MS - _OFFSET_MS


def day_number(value: date) -> int:
    """Days since 1970-01-01."""
    return (value - _EPOCH).days


def date_of(day: int) -> date:
    """Turn days since 1970-01-01 into a calendar date."""
    return _EPOCH + timedelta(days=day)


def instant(milliseconds: int) -> datetime:
    """Beijing time of an instant in milliseconds."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).astimezone(BEIJING)


def milliseconds(value: datetime) -> int:
    """Milliseconds since 1970-01-01T00:00:00Z; a time without offset is Beijing's."""
    aware = value if value.tzinfo else value.replace(tzinfo=BEIJING)
    return (aware - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
