"""CARRY IN: a department's rows become events.

Imports `schemas` and itself, never streams, consumers or deploy. For programs of departments:

    from producers import Publisher

What stands behind these names is loaded when one of them is first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from producers.sdk.direct import DirectPublisher
    from producers.sdk.errors import (
        GatewayRefusesError,
        NotDeliveredError,
        PublisherError,
        RowRefusedError,
        SpoolDamagedError,
        SpoolError,
        SpoolFullError,
    )
    from producers.sdk.limits import Limits
    from producers.sdk.publisher import Publisher

_HOMES = {
    "Publisher": "publisher",
    "Limits": "limits",
    "DirectPublisher": "direct",
    "PublisherError": "errors",
    "RowRefusedError": "errors",
    "SpoolError": "errors",
    "SpoolFullError": "errors",
    "SpoolDamagedError": "errors",
    "GatewayRefusesError": "errors",
    "NotDeliveredError": "errors",
}

__all__ = [
    "DirectPublisher",
    "GatewayRefusesError",
    "Limits",
    "NotDeliveredError",
    "Publisher",
    "PublisherError",
    "RowRefusedError",
    "SpoolDamagedError",
    "SpoolError",
    "SpoolFullError",
]


def __getattr__(name: str) -> object:
    """Load what is asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.sdk.{_HOMES[name]}"), name)
