"""Three sources that write without end: a school's database, a system that speaks HTTP, a program with the SDK."""

from __future__ import annotations

import json
import random
import threading

from sqlalchemy import Engine

from tests.live_gateway import LiveGateway, insist
from tests.outboxes import fee_row, fees, put
from tests.people import Row, identity_number
from tests.rows import LATELY, fee, member
from tests.sdk_sender import BORN

EDUCATION, REGISTER = "/v1/events/education", "/v1/register"
SDK_PACE, _PACE, _AT_A_TIME, _COPIES = 0.012, 0.1, 6, 3
_GIVE_UP_SECONDS = 180


def register() -> list[Row]:
    """Everybody that the sources write of, four to a household."""
    pupils = [member(number, household_id=f"P-{number // 4}") for number in range(1000)]
    housed = [{**member(0), "id_number": identity_number(n, BORN), "household_id": f"S-{n // 4}"} for n in range(900)]
    return [*pupils, *housed]


class Source(threading.Thread):
    """Writes until it is told to end.

    Attributes:
        rows: that it has handed over for good.
        error: why it gave up, if it did.

    """

    def __init__(self, name: str) -> None:
        super().__init__(name=name, daemon=True)
        self.rows = 0
        self.over = threading.Event()
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            while not self.over.wait(_PACE):
                self.write()
        except BaseException as error:  # noqa: BLE001  # shown by `finish`
            self.error = error

    def write(self) -> None:
        """Hand some rows over."""
        raise NotImplementedError

    def finish(self) -> None:
        """Let it end what it has begun."""
        self.over.set()
        self.join(_GIVE_UP_SECONDS)
        assert not self.is_alive(), self.name
        if self.error is not None:
            raise self.error


class School(Source):
    """Commits rows to an outbox."""

    def __init__(self, engine: Engine) -> None:
        super().__init__("database")
        self._engine = engine
        self._table = fees(engine)

    def write(self) -> None:
        numbers = range(self.rows + 1, self.rows + _AT_A_TIME + 1)
        put(
            self._engine,
            self._table,
            *(fee_row(number, bill_no=f"DB-{number}", occurred_at=LATELY) for number in numbers),
        )
        self.rows += _AT_A_TIME


class System(Source):
    """Posts batches, each until it is taken; some of its rows are the school's, too.

    Attributes:
        receipts: addresses of all that were taken.
        copies: of the school's rows that it sent.

    """

    def __init__(self, gateway: LiveGateway, key: str, school: School, rnd: random.Random) -> None:
        super().__init__("http")
        self._gateway, self._key, self._school, self._rnd = gateway, key, school, rnd
        self.receipts: list[str] = []
        self.copies = 0

    def write(self) -> None:
        own = [
            fee(number, event_id=f"GW-{number}", occurred_at=LATELY)
            for number in range(self.rows, self.rows + _AT_A_TIME)
        ]
        written = self._school.rows
        copied = [self._rnd.randint(1, written) for _ in range(_COPIES) if written]
        rows = [*own, *(fee(number, event_id=f"DB-{number}", occurred_at=LATELY) for number in sorted(set(copied)))]
        content, name = json.dumps(rows), f"batch {self.rows}"
        answer = insist(lambda: self._gateway.post(EDUCATION, content, self._key, idempotency_key=name))
        self.receipts.append(answer.headers["location"])
        self.rows += len(own)
        self.copies += len(rows) - len(own)
