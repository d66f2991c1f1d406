"""Words of enums as officials call them; one that has no Chinese word here is shown as it is."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

_FILE = Path(__file__).parent / "symbols.toml"


@cache
def symbols() -> dict[str, str]:
    """Enum symbol -> Chinese."""
    return dict(tomllib.loads(_FILE.read_text(encoding="utf-8")))


def word_of(symbol: str) -> str:
    """Chinese for a symbol."""
    return symbols().get(symbol, symbol)
