"""What a page is given, and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

from sqlalchemy import Engine

from producers.gateway.door import Door
from producers.report.desk import Desk
from producers.report.sessions import Session

Fields = Mapping[str, list[str]]
Values = dict[str, Any]


@dataclass(frozen=True)
class Office:
    """What the addresses work with.

    Attributes:
        engine: the program's own store; `keys` is the gateway's.
        now: ms.
        url: as people open the page.

    """

    engine: Engine
    keys: Engine
    desk: Desk
    door: Door
    now: Callable[[], int]
    url: str

    @property
    def is_secure(self) -> bool:
        """Whether people open the page over TLS."""
        return self.url.startswith("https://")


@dataclass(frozen=True)
class Visit:
    """One request.

    Attributes:
        address: from which it comes.
        cookie: of an operator's session; empty where there is none.
        session: the operator's, where it still holds.
        path: of the page.

    """

    office: Office
    now: int
    address: str
    path: str
    fields: Fields
    cookie: str = ""
    session: Session | None = None

    def first(self, name: str) -> str:
        """Value of a field; empty where it was not sent."""
        return next(iter(self.fields.get(name, ())), "")


class Answer(NamedTuple):
    """What is shown.

    Attributes:
        template: None leads on, to `to`.
        cookie: sets the operator's session; empty text ends it.

    """

    template: str | None
    values: Mapping[str, Any] = MappingProxyType({})
    status: int = 200
    headers: Mapping[str, str] = MappingProxyType({})
    to: str = ""
    cookie: str | None = None
