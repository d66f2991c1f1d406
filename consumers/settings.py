"""Settings of the consumer programs: name, default, meaning. Read once in __main__."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from schemas.bus import data_dir_of
from schemas.listening import Listening, listening_of


class Setting(NamedTuple):
    """An environment variable."""

    name: str
    default: str
    help: str


DEFAULT_INBOX_URL = "http://127.0.0.1:8000"

SETTINGS: tuple[Setting, ...] = (
    Setting("KAFKA_BOOTSTRAP_SERVERS", "", "host:port, comma-separated; required"),
    Setting("ALERTBUS_DATA_DIR", "var", "where this bus keeps its files"),
    Setting("ALERTBUS_METRICS_PORT", "0", "port of /metrics on the loopback address; 0 picks a free one"),
    Setting("ALERTBUS_PROGRAM", "", "name in logs and metrics"),
    Setting("ALERTBUS_DATABASE_URL", "", "the store; store.db in the data directory where not given"),
    Setting("ALERTBUS_ROSTER", "", "TOML file: who is told; roster.toml in the data directory if that is there"),
    Setting("ALERTBUS_INBOX_URL", DEFAULT_INBOX_URL, "address of the inbox page, as people open it: in links"),
    Setting("ALERTBUS_INBOX_HOST", "127.0.0.1", "address on which the inbox page listens"),
    Setting("ALERTBUS_INBOX_PORT", "8000", "port of the inbox page"),
    Setting("ALERTBUS_INBOX_CERT", "", "PEM file of the inbox page's certificate and its chain"),
    Setting("ALERTBUS_INBOX_CERT_KEY", "", "PEM file of the certificate's private key"),
    Setting("ALERTBUS_BOOK_KEY_FILE", "", "key of the household book; book.key in the data directory where not given"),
    Setting("ALERTBUS_FUND_POOL_YUAN", "0", "what the county's fund of last resort has in all, yuan: no more is paid"),
    Setting("ALERTBUS_FAILPOINTS", "", "tests only: folder whose files stop the program at named points"),
)


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of one program.

    Attributes:
        database_url: as SQLAlchemy takes it.
        inbox_url: as people open the page; `listening` is where its own process does.

    """

    bootstrap_servers: str
    data_dir: Path
    metrics_port: int
    program: str
    database_url: str
    roster: Path | None
    inbox_url: str
    listening: Listening
    book_key_file: Path
    fund_pool_yuan: int
    failpoints: Path | None


def read_settings(program: str, environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings of a program from the environment.

    Raises:
        ValueError: KAFKA_BOOTSTRAP_SERVERS is missing, or a number is none.

    """
    value = {s.name: environ.get(s.name) or s.default for s in SETTINGS}
    if not value["KAFKA_BOOTSTRAP_SERVERS"]:
        raise ValueError("KAFKA_BOOTSTRAP_SERVERS is not set: start programs with `alertbus up`")
    data_dir = data_dir_of(environ)
    return Settings(
        bootstrap_servers=value["KAFKA_BOOTSTRAP_SERVERS"],
        data_dir=data_dir,
        metrics_port=int(value["ALERTBUS_METRICS_PORT"]),
        program=value["ALERTBUS_PROGRAM"] or program,
        database_url=store_url_of(environ, data_dir),
        roster=_path(value["ALERTBUS_ROSTER"]) or roster_in(data_dir),
        inbox_url=value["ALERTBUS_INBOX_URL"],
        listening=listening_of("inbox", value),
        book_key_file=book_key_file_of(environ, data_dir),
        fund_pool_yuan=int(value["ALERTBUS_FUND_POOL_YUAN"]),
        failpoints=_path(value["ALERTBUS_FAILPOINTS"]),
    )


def store_url_of(environ: Mapping[str, str], data_dir: Path) -> str:
    """Where the store is: ALERTBUS_DATABASE_URL, or store.db in the data directory."""
    return environ.get("ALERTBUS_DATABASE_URL") or f"sqlite:///{data_dir / 'store.db'}"


def book_key_file_of(environ: Mapping[str, str], data_dir: Path) -> Path:
    """Key of the household book: ALERTBUS_BOOK_KEY_FILE, or book.key in the data directory."""
    return Path(environ.get("ALERTBUS_BOOK_KEY_FILE") or data_dir / "book.key")


def roster_in(data_dir: Path) -> Path | None:
    """Return the roster of a data directory; None where it has none: the county's inbox hears of everything."""
    file = data_dir / "roster.toml"
    return file if file.exists() else None


def _path(value: str) -> Path | None:
    return Path(value) if value else None
