"""An explanation as one printable page (A4), with everything in it that it needs."""

from __future__ import annotations

from pathlib import Path

from schemas.templates import render
from streams import explain_words
from streams.explain import Answer, seal_of

_TEMPLATES = Path(__file__).parent / "templates"


def as_page(answer: Answer) -> str:
    """HTML of an answer; equal answers are equal pages."""
    return render(_TEMPLATES, "explain.html", {"answer": answer, "seal": seal_of(answer), "words": explain_words})
