"""When to send, when to try again, when to give up. Pure: times are milliseconds, given.

A delivery that failed waits longer each time. So does its receiver: while one is down, only a probe now and then goes
there, and other receivers do not notice.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from consumers.channels import ChannelError, Refused, Unreachable

GIVE_UP_AFTER = 24 * 3_600_000
"""A red alert must be acknowledged within a day: later the county takes over what did not arrive."""

FIRST_PAUSE = 1_000
LONGEST_PAUSE = 300_000
LONGEST_PROBE_PAUSE = 30_000
LONGEST_ASKED = 3_600_000
"""However long a receiver asks us to wait."""

SENT, RETRY, GAVE_UP = OUTCOMES = ("sent", "retry", "gave_up")
"""What becomes of an attempt."""

BURST = 50.0


def next_attempt(attempts: int, created_at: int, now: int, error: ChannelError) -> int | None:
    """When to try a failed delivery again; None: give up.

    Args:
        attempts: made so far, the failed one included.
        created_at: when it was planned.
        now: when it failed.
        error: of the channel.

    """
    if isinstance(error, Refused) or now - created_at >= GIVE_UP_AFTER:
        return None
    return now + max(_pause(attempts, LONGEST_PAUSE), _asked(error))


@dataclass(frozen=True, slots=True)
class Receiver:
    """How a receiver has behaved lately.

    Attributes:
        failures: since it last answered sensibly.
        closed_until: nothing goes there before.
        paid_until: the rate limit's account: messages sent so far are within it up to here.

    """

    failures: int = 0
    closed_until: int = 0
    paid_until: float = 0.0

    def is_open(self, now: int) -> bool:
        """Whether something may go there now."""
        return now >= self.closed_until


def after_attempt(receiver: Receiver, error: ChannelError | None, now: int) -> Receiver:
    """What an attempt says about the receiver; `error` is None where the message arrived."""
    if not isinstance(error, Unreachable):
        return replace(receiver, failures=0, closed_until=0)
    failures = receiver.failures + 1
    return replace(
        receiver, failures=failures, closed_until=now + max(_pause(failures, LONGEST_PROBE_PAUSE), _asked(error))
    )


def wait_for_turn(receiver: Receiver, now: int, per_second: float) -> tuple[float, Receiver]:
    """Milliseconds to wait before the next message, so that a receiver gets BURST at once and then so many a second."""
    price = 1000 / per_second
    paid_until = max(receiver.paid_until, float(now))
    return max(paid_until - (BURST - 1) * price - now, 0.0), replace(receiver, paid_until=paid_until + price)


def _pause(failures: int, longest: int) -> int:
    return min(FIRST_PAUSE << min(failures - 1, 20), longest)


def _asked(error: ChannelError) -> int:
    seconds = error.retry_after if isinstance(error, Unreachable) else None
    return min(round(seconds * 1000), LONGEST_ASKED) if seconds is not None else 0
