"""What a page is given and what it gives back: a page is a function from a Visit to an Answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Engine

from consumers.inbox.action_form import Actor, Fields
from consumers.inbox.feeds import Feeds
from consumers.inbox.sight import COUNTY
from consumers.store.accounts import Account
from consumers.store.book_key import BookKey
from consumers.store.sessions import Session
from schemas.beijing import date_of, day_of


@dataclass(frozen=True, slots=True)
class Office:
    """What all pages work with.

    Attributes:
        now: the clock, ms.
        places: names of townships and villages by code, as far as known.
        book_key: gives what opens the household book; None as long as there is none.
        feeds: what the bus last said of the departments' feeds.
        something_to_send: wakes the publisher.
        url: as people open the page.
        fund_pool: what the fund of last resort has in all, fen.

    """

    engine: Engine
    now: Callable[[], int]
    places: Mapping[str, str]
    book_key: Callable[[], BookKey | None]
    feeds: Callable[[], Feeds]
    something_to_send: Callable[[], None]
    url: str
    fund_pool: int = 0


@dataclass(frozen=True, slots=True)
class Visit:
    """One request, as far as pages care.

    Attributes:
        account: who is signed in.
        form_token: what forms must carry.
        path: with query, as it was asked for.
        params: of the path.
        fields: of a posted form.

    """

    office: Office
    now: int
    account: Account | None
    session: Session | None
    form_token: str
    path: str
    params: Mapping[str, str]
    query: Mapping[str, str]
    fields: Fields

    @property
    def me(self) -> Account:
        """Who is signed in; only on pages that ask for a role."""
        if self.account is None:
            raise LookupError("this page is for nobody in particular")
        return self.account

    @property
    def inbox(self) -> str:
        """Whose messages they read: their township's or the county's."""
        return self.me.township_code or COUNTY

    @property
    def places(self) -> Mapping[str, str]:
        """Names of places for whoever is signed in: a township's officer need not read its name on every line."""
        return {**self.office.places, self.me.township_code or "": ""}

    @property
    def today(self) -> date:
        """Today in Beijing."""
        return date_of(day_of(self.now))

    @property
    def actor(self) -> Actor:
        """Who is signed in, as actions name them."""
        return Actor(self.me.id, self.me.role, self.me.township_code)


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back.

    Attributes:
        template: None sends no page.
        to: where the browser goes next, if elsewhere.
        session: token to keep in the cookie; empty text removes it, None leaves it.

    """

    template: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200
    to: str | None = None
    session: str | None = None


Show = Callable[[Visit], Answer]


@dataclass(frozen=True, slots=True)
class Page:
    """A page and who may open it.

    Attributes:
        roles: none: anybody, signed in or not.
        is_use: opening it counts as using the session; what a page asks for by itself does not.

    """

    path: str
    method: str
    show: Show
    roles: frozenset[str] = frozenset()
    is_use: bool = True


def redirect(to: str, session: str | None = None) -> Answer:
    """Go elsewhere; a reload there posts nothing again."""
    return Answer(status=303, to=to, session=session)


def not_found() -> Answer:
    """Tell nothing, also not whether it exists."""
    return notice("没有这一页", "地址不对，或者这户不归您查看。", status=404)


def notice(title: str, text: str, status: int = 200, **values: object) -> Answer:
    """Page with a few words."""
    return Answer("notice.html", {"title": title, "text": text, **values}, status)
