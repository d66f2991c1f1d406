"""An explanation as one printable page (A4), with everything in it that it needs."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from streams import explain_words
from streams.explain import Answer, seal_of

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


def as_page(answer: Answer) -> str:
    """HTML of an answer; equal answers are equal pages."""
    return _environment().get_template("explain.html").render(answer=answer, seal=seal_of(answer), words=explain_words)
