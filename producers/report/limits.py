"""How much one address, or all together, may report, and how often somebody may be wrong. Kept in memory only."""

from __future__ import annotations

from dataclasses import dataclass

from producers.rate import Rate
from producers.report.refusals import TurnedAwayError

_HOUR = 3600


@dataclass(frozen=True, slots=True)
class Most:
    """What is too much.

    Attributes:
        from_address: reports an hour from one address; a village's people may share one.
        together: reports a minute of the public.
        on_person: reports a day on one person, by whomever.
        wrong_from_address: wrong numbers or codes an hour.
        wrong_on_number: wrong codes of one number an hour.

    """

    from_address: int = 20
    together: int = 120
    on_person: int = 5
    wrong_from_address: int = 20
    wrong_on_number: int = 5


class Limits:
    """Counts; one thread at a time."""

    def __init__(self, most: Most) -> None:
        """Nothing is counted yet."""
        self.most = most
        self._address = Rate(most.from_address, _HOUR)
        self._together = Rate(most.together)
        self._wrong_address = Rate(most.wrong_from_address, _HOUR)
        self._wrong_number = Rate(most.wrong_on_number, _HOUR)

    def report(self, address: str, now: int) -> None:
        """Count one report of the public.

        Raises:
            TurnedAwayError: it is one too many.

        """
        if seconds := self._together.wait("", now / 1000):
            raise TurnedAwayError("busy", seconds)
        if seconds := self._address.take(address, now / 1000):
            raise TurnedAwayError("too_many_from_here", seconds)
        self._together.take("", now / 1000)

    def may_try(self, address: str, number: str | None, now: int) -> None:
        """Let somebody try a number and its code; None: what they typed is no number.

        Raises:
            TurnedAwayError: they, or others with this number, were wrong too often.

        """
        of_number = self._wrong_number.wait(number, now / 1000) if number else 0
        if seconds := max(self._wrong_address.wait(address, now / 1000), of_number):
            raise TurnedAwayError("too_many_tries", seconds)

    def was_wrong(self, address: str, number: str | None, now: int) -> None:
        """Count one that was wrong."""
        self._wrong_address.take(address, now / 1000)
        if number:
            self._wrong_number.take(number, now / 1000)
