"""The pages' templates, and what they load besides."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from schemas import templates

_FOLDER = Path(__file__).parent
STATIC = _FOLDER / "static"
render = partial(templates.render, _FOLDER / "templates")
"""Page of a template of this folder."""
