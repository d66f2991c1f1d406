"""Templates to pages: whatever a value holds is shown as text, and one that is lacking is an error."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined


@cache
def _environment(folder: Path) -> Environment:
    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render(folder: Path, template: str, values: Mapping[str, Any]) -> str:
    """Page of a template of a folder."""
    return _environment(folder).get_template(template).render(values)
