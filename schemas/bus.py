"""How any program or command finds the running bus."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

DEFAULT_DATA_DIR = "var"
STATE_FILE = "bus.json"


class BusNotFoundError(Exception):
    """No bus runs here; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Bus:
    """Where the broker and the county's secrets are.

    Attributes:
        bootstrap_servers: comma-separated host:port.
        county_key_file: the key that makes person ids; 0600, never on the bus.

    """

    bootstrap_servers: str
    data_dir: Path
    county_key_file: Path


def data_dir_of(environ: Mapping[str, str], data_dir: str | Path | None = None) -> Path:
    """Data directory: the argument, or ALERTBUS_DATA_DIR, or ./var."""
    return Path(data_dir or environ.get("ALERTBUS_DATA_DIR") or DEFAULT_DATA_DIR)


def county_key_file_of(environ: Mapping[str, str], data_dir: Path) -> Path:
    """County key file: ALERTBUS_COUNTY_KEY_FILE, or county.key in the data directory."""
    return Path(environ.get("ALERTBUS_COUNTY_KEY_FILE") or data_dir / "county.key")


def find_bus(environ: Mapping[str, str], data_dir: str | Path | None = None) -> Bus:
    """Find the bus from the environment, else from what `alertbus up` wrote.

    Raises:
        BusNotFoundError: neither KAFKA_BOOTSTRAP_SERVERS nor a running bus.

    """
    folder = data_dir_of(environ, data_dir)
    servers = environ.get("KAFKA_BOOTSTRAP_SERVERS") or _from_state(folder)
    return Bus(servers, folder, county_key_file_of(environ, folder))


def inbox_url_of(data_dir: Path) -> str | None:
    """Address of the inbox page that runs on a data directory, as people open it; None where none does."""
    try:
        found: str | None = json.loads((data_dir / STATE_FILE).read_text(encoding="utf-8")).get("inbox")
    except (OSError, ValueError):
        return None
    return found


def _from_state(folder: Path) -> str:
    try:
        state = json.loads((folder / STATE_FILE).read_text(encoding="utf-8"))
        return str(state["bootstrap_servers"])
    except (OSError, ValueError, KeyError) as error:
        message = (
            f"no bus found in {folder}: start it with `alertbus up --data-dir {folder}`, or set KAFKA_BOOTSTRAP_SERVERS"
        )
        raise BusNotFoundError(message) from error
