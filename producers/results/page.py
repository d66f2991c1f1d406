"""A scorecard as one printable page (A4), with everything in it that it needs."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from producers.results import words

_TEMPLATES = Path(__file__).parent / "templates"


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def as_page(card: words.Card) -> str:
    """HTML of a scorecard; equal ones are equal pages."""
    return _environment().get_template("scorecard.html").render(card=card, words=words)
