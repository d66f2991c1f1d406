"""A scorecard as one printable page (A4), with everything in it that it needs."""

from __future__ import annotations

from pathlib import Path

from producers.results import words
from schemas.templates import render

_TEMPLATES = Path(__file__).parent / "templates"


def as_page(card: words.Card) -> str:
    """HTML of a scorecard; equal ones are equal pages."""
    return render(_TEMPLATES, "scorecard.html", {"card": card, "words": words})
