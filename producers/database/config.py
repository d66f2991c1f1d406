"""What is polled: `database.toml` in the data directory, one table for each feed.

ConfigError     it cannot be used; the message names the place
"""

from __future__ import annotations

import os
import stat
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import msgspec

from schemas.departments import BY_CODE

FILE = "database.toml"
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class ConfigError(Exception):
    """The feeds' file cannot be used; the message names the place and says what to do."""


class Feed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One table or view of one department.

    Attributes:
        department: its code.
        table: name of the table or view, also `schema.table`.
        mode: `outbox`: `order` is an id that only grows; `watermark`: `order` is the time of the last change.
        order: that column.
        columns: column of the table -> column of rows as files have them, `""` for one that stays away; others keep
            their names.
        url: of the database, as SQLAlchemy takes it; or `url_env`, the environment variable that holds it.
        overlap: how far back each poll looks for what was committed late: ids, or seconds.
        batch: rows that are read and sent at a time.
        every_seconds: between polls.

    """

    department: str
    table: str
    mode: Literal["outbox", "watermark"]
    order: str
    columns: dict[str, str] = {}
    url: str = ""
    url_env: str = ""
    overlap: int = 600
    batch: int = 1000
    every_seconds: float = 30.0


def read_feeds(path: Path, environ: Mapping[str, str] = os.environ) -> dict[str, Feed]:
    """Feeds by name, each with its url.

    Raises:
        ConfigError: see above.

    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
        feeds = msgspec.convert(tables.get("feeds", {}), dict[str, Feed])
    except (OSError, ValueError, msgspec.ValidationError) as error:
        raise ConfigError(f"{path} cannot be used: {error}") from error
    if any(feed.url for feed in feeds.values()) and path.stat().st_mode & _OTHERS:
        raise ConfigError(f"{path} holds a database's password: chmod 600, or name an environment variable (url_env)")
    return {name: _complete(name, feed, environ) for name, feed in feeds.items()}


def _complete(name: str, feed: Feed, environ: Mapping[str, str]) -> Feed:
    url = feed.url or environ.get(feed.url_env, "")
    if feed.department not in BY_CODE:
        raise ConfigError(f"feeds.{name}.department: one of {', '.join(BY_CODE)}")
    if not url:
        raise ConfigError(f"feeds.{name}: neither url nor url_env, or the variable is not set")
    if feed.overlap < 0 or feed.batch < 1 or feed.every_seconds <= 0:
        raise ConfigError(f"feeds.{name}: overlap is at least 0, batch 1, every_seconds above 0")
    return msgspec.structs.replace(feed, url=url)
