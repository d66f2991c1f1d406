"""Who is told: the county's roster of townships, persons and channels, a TOML file. Pure.

RosterError     the file says something that cannot be meant; the message names the place and what is allowed
"""

from __future__ import annotations

import base64
import binascii
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from consumers.channels import CHANNELS, DEFAULT_PER_SECOND, INBOX, Address

COUNTY, QUIET = "county", "quiet"
_SECRET = "whsec_"  # noqa: S105  # how every secret begins
_TOWNSHIP, _VILLAGE, _ACCOUNT = re.compile(r"\d{9}"), re.compile(r"\d{12}"), re.compile(r"u_[A-Za-z0-9_-]{1,60}")
_PLACE_KEYS = frozenset(("name", "channels", "persons", "villages"))
DAY_MS = 86_400_000
COOL_DOWN_DAYS = 30
"""ASSUMPTION, domain 10.11: nobody is told of the same cause of a household again within 30 days."""
_LONGEST_COOL_DOWN = 366
_PERSON_KEYS = frozenset(("account", "channels"))
_WITH_URL = frozenset(("channel", "url", "secrets", "per_second"))
_LOOPBACK = frozenset(("127.0.0.1", "[::1]", "localhost"))
_URL = re.compile(r"(?P<scheme>https?)://(?P<host>[A-Za-z0-9.-]+|\[[0-9a-fA-F:]+\])(:\d{1,5})?([/?][\x21-\x7e]*)?")


class RosterError(Exception):
    """The roster cannot be used."""


class Route(NamedTuple):
    """One way to one recipient: `220302001`, `220302001/u_ab12` for a person there, `county`, `county/u_cd34`."""

    recipient: str
    address: Address


@dataclass(frozen=True, slots=True)
class Roster:
    """Everybody who is listed.

    Attributes:
        routes: township code, or COUNTY, to those who are told.
        names: of townships and villages, by code.
        cool_down: how long nobody is told of the same cause of a household again, ms.

    """

    routes: Mapping[str, tuple[Route, ...]]
    names: Mapping[str, str] = field(default_factory=dict)
    cool_down: int = COOL_DOWN_DAYS * DAY_MS

    def address(self, recipient: str, channel: str) -> Address | None:
        """Where a channel reaches a recipient now; None where the roster lists it no longer."""
        routes = self.routes.get(recipient.partition("/")[0], ())
        return next((r.address for r in routes if r.recipient == recipient and r.address.channel == channel), None)


NOBODY = Roster({COUNTY: (Route(COUNTY, Address(INBOX)),)})
"""Without a roster the county's inbox hears of everything."""


def read_roster(text: str) -> Roster:
    """Read a roster.

    Raises:
        RosterError: see the module.

    """
    try:
        file = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RosterError(f"not TOML: {error}") from error
    _only("the roster", file, frozenset((COUNTY, QUIET, "townships")))
    townships = _table("townships", file.get("townships", {}))
    routes = dict(NOBODY.routes)
    names: dict[str, str] = {}
    for code, place in (*townships.items(), *([(COUNTY, file[COUNTY])] if COUNTY in file else ())):
        where = code if code == COUNTY else f"townships.{code}"
        if code != COUNTY and not _TOWNSHIP.fullmatch(code):
            raise RosterError(f"{where}: a township code has 9 digits")
        place_table = _table(where, place)
        routes[code] = tuple(_routes(where, code, place_table))
        names |= _names(where, code, place_table)
    if not routes[COUNTY]:
        raise RosterError("county: somebody must hear of alerts that have no township: list a channel")
    return Roster(routes, names, _cool_down(_table(QUIET, file.get(QUIET, {}))))


def _routes(where: str, code: str, place: Mapping[str, Any]) -> Iterator[Route]:
    _only(where, place, _PLACE_KEYS)
    yield from _ways(where, code, place)
    for number, person in enumerate(place.get("persons", ()), 1):
        of_person = f"{where}.persons {number}"
        _only(of_person, _table(of_person, person), _PERSON_KEYS)
        account = person.get("account")
        if not isinstance(account, str) or not _ACCOUNT.fullmatch(account):
            raise RosterError(f"{of_person}.account: the id of an account, u_…, never a name")
        for route in _ways(of_person, f"{code}/{account}", person):
            if route.address.channel == INBOX:
                raise RosterError(f"{of_person}: an inbox belongs to the whole township, list it there")
            yield route


def _ways(where: str, recipient: str, listed: Mapping[str, Any]) -> Iterator[Route]:
    channels = listed.get("channels", ())
    if not isinstance(channels, list | tuple):
        raise RosterError(f"{where}.channels: a list of tables")
    seen: set[str] = set()
    for number, entry in enumerate(channels, 1):
        address = _address(f"{where}.channels {number}", entry)
        if address.channel in seen:
            raise RosterError(f"{where}: {address.channel} is listed twice; give the second one to a person")
        seen.add(address.channel)
        yield Route(recipient, address)


def _address(where: str, entry: object) -> Address:
    table = _table(where, entry)
    channel = table.get("channel")
    if channel not in CHANNELS:
        raise RosterError(f"{where}.channel: one of {', '.join(CHANNELS)}")
    if channel != "webhook":
        _only(where, table, frozenset(("channel",)))
        return Address(channel)
    _only(where, table, _WITH_URL)
    pace = table.get("per_second", DEFAULT_PER_SECOND)
    if isinstance(pace, bool) or not isinstance(pace, int | float) or not 0 < pace <= 1000:
        raise RosterError(f"{where}.per_second: a number above 0, at most 1000")
    return Address(channel, _url(where, table.get("url")), tuple(_secrets(where, table.get("secrets"))), float(pace))


def _url(where: str, url: object) -> str:
    parts = _URL.fullmatch(url) if isinstance(url, str) else None
    if not parts or (parts["scheme"] == "http" and parts["host"] not in _LOOPBACK):
        raise RosterError(f"{where}.url: https://…, without a password in it (http only on this machine)")
    return str(url)


def _secrets(where: str, secrets: object) -> Iterator[bytes]:
    """Yield keys; what was wrong is never repeated in an error."""
    wrong = RosterError(f"{where}.secrets: a list of {_SECRET}… with 24 to 64 bytes in base64, the newest first")
    if not isinstance(secrets, list) or not secrets:
        raise wrong
    for secret in secrets:
        if not isinstance(secret, str) or not secret.startswith(_SECRET):
            raise wrong
        try:
            key = base64.b64decode(secret.removeprefix(_SECRET), validate=True)
        except binascii.Error:
            raise wrong from None
        if not 24 <= len(key) <= 64:
            raise wrong
        yield key


def _cool_down(quiet: Mapping[str, Any]) -> int:
    _only(QUIET, quiet, frozenset(("cool_down_days",)))
    days = quiet.get("cool_down_days", COOL_DOWN_DAYS)
    if isinstance(days, bool) or not isinstance(days, int) or not 0 <= days <= _LONGEST_COOL_DOWN:
        raise RosterError(f"{QUIET}.cool_down_days: a whole number from 0 to {_LONGEST_COOL_DOWN}")
    return days * DAY_MS


def _names(where: str, code: str, place: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    villages = _table(f"{where}.villages", place.get("villages", {}))
    for village in villages:
        if not _VILLAGE.fullmatch(village) or not village.startswith(code):
            raise RosterError(f"{where}.villages.{village}: a code of 12 digits that begins with the township's")
    named = {**({code: place["name"]} if "name" in place else {}), **villages}
    for key, name in named.items():
        if not isinstance(name, str) or not 0 < len(name) <= 40 or not name.isprintable():
            raise RosterError(f"{where}: the name of {key} is a text of 1 to 40 characters")
        yield key, name


def _table(where: str, value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise RosterError(f"{where}: a table")
    return value


def _only(where: str, table: Mapping[str, Any], allowed: frozenset[str]) -> None:
    unknown = sorted(table.keys() - allowed)
    if unknown:
        raise RosterError(f"{where}: {unknown[0]} is not known; allowed: {', '.join(sorted(allowed))}")
